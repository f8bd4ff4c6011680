import type { DemoContainer } from "./containers.ts";

/** With which code a program ends at which signals. Of the others nobody is the first process of its container and has an ear for them. */
const hearing: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // A graceful end and a fast one (nginx.org, "Controlling nginx").
  nginx: { SIGTERM: 0, SIGQUIT: 0, SIGINT: 0 },
  // It leaves its servers' quorum alone (consul command/agent, "Graceful shutdown disabled").
  consul: { SIGTERM: 1, SIGINT: 1 },
  etcd: { SIGTERM: 0, SIGINT: 0 },
  // A halt inside a PID namespace ends its init as SIGINT would (reboot(2)); SIGTERM lets systemd only start itself anew.
  init: { "SIGRTMIN+3": 130 },
  // A JVM that shuts down (128 and the signal's number).
  "zkServer.sh": { SIGTERM: 143, SIGINT: 130 },
};

/** The code with which the container's process ends at a signal ("SIGTERM", "TERM"); undefined when it goes on. */
export function endsAt({ argv }: Pick<DemoContainer, "argv">, signal: string): number | undefined {
  const name = signal.startsWith("SIG") ? signal : `SIG${signal}`;
  if (name === "SIGKILL") return 137;
  for (const word of argv.slice(0, 2)) {
    const codes = hearing[word.replace(/^.*\//, "")];
    if (codes !== undefined) return codes[name];
  }
  return undefined;
}

/** The signal that `docker stop` sends it first: its own, its image's, or SIGTERM. */
export function stopSignalOf({ asked, argv }: Pick<DemoContainer, "asked" | "argv">): string {
  return asked.stopSignal ?? (argv[0] === "nginx" ? "SIGQUIT" : "SIGTERM");
}
