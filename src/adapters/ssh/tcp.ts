import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Target } from "./ssh-config.ts";
import { connectionTrouble } from "./trouble.ts";

/** How long a host that is up takes at most to accept a TCP connection: three SYNs, after 1 and 3 s (tcp(7)). */
const dialMs = 10_000;

/** A TCP connection to the target's sshd. */
export function openTcp(
  target: Pick<Target, "host" | "port" | "localAddress" | "addressFamily">,
  signal: AbortSignal,
): Promise<Outcome<Duplex>> {
  if (signal.aborted) return Promise.resolve(bad({ kind: "cancelled" }));
  const { host, port, localAddress, addressFamily } = target;
  return new Promise((resolve) => {
    const socket = connect({
      ...{ host, port },
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(addressFamily === undefined ? {} : { family: addressFamily }),
    });
    // Every channel of an SSH connection may listen to it, as on the sockets that ssh2 makes itself.
    socket.setMaxListeners(0);
    const settle = (outcome: Outcome<Duplex>) => {
      clearTimeout(late);
      signal.removeEventListener("abort", cancel);
      if (!outcome.ok) socket.destroy();
      resolve(outcome);
    };
    const cancel = () => settle(bad({ kind: "cancelled" }));
    const late = setTimeout(() => {
      settle(bad({ kind: "unreachable", host: clean(host), detail: text`no answer in ${dialMs / 1000} s` }));
    }, dialMs);
    signal.addEventListener("abort", cancel, { once: true });
    socket.once("error", (error) => settle(bad(connectionTrouble(error, target))));
    socket.once("connect", () => settle(good(socket)));
  });
}
