/** What asks a program to end, by a key, by the system or because its terminal is gone. */
const interrupts = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** `heard` gets every interrupt, and none of them ends the program, until the result is called. */
export function onInterrupt(heard: (signal: NodeJS.Signals) => void): () => void {
  for (const signal of interrupts) process.on(signal, heard);
  return () => {
    for (const signal of interrupts) process.off(signal, heard);
  };
}

/** What is said of a run of a plan that an interrupt ends. */
export const interruptWords = {
  first: "ending after the running step; what is done stands",
  again: "it ends after the running step; ending it now would leave the step half done",
} as const;
