import { createInterface } from "node:readline/promises";

/** Whether there is a person to ask. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true;

/** What is typed as the answer, or "" at the end of input and after ctrl-c. The question is no output: it goes to stderr. */
export async function asked(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const given = new AbortController();
  const ends = () => given.abort();
  lines.once("SIGINT", ends);
  lines.once("close", ends);
  // A terminal that hung up.
  process.stdin.once("error", ends);
  try {
    return (await lines.question(question, { signal: given.signal })).trim();
  } catch (error) {
    if (!given.signal.aborted) throw error;
    process.stderr.write("\n");
    return "";
  } finally {
    lines.close();
    process.stdin.off("error", ends);
  }
}
