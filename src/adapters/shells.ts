import type { NodeName } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { ContainerSession, Shells } from "../ports/shells.ts";
import { EngineCalls } from "./engine/engine-calls.ts";
import { openExec, processOf } from "./engine/exec.ts";
import { hangUp } from "./host/hang-up.ts";
import type { Terminals } from "./terminals.ts";
import type { Transport } from "./transport.ts";

/** Shells on the node at the other end of `transport`. `version`: the API version spoken with its engine. */
export function createShells(
  transport: Transport,
  terminals: Terminals,
  node: NodeName,
  clock: Clock,
  version: () => Promise<Outcome<SafeText>>,
): Shells & { close(): void } {
  const calls = new EngineCalls(transport, node, clock, version);
  return {
    async exec(asked, output, within) {
      const opened = await openExec(calls, clock, asked, output, within);
      if (!opened.ok) return opened;
      const running = opened.value;
      const session: ContainerSession = {
        write: (input) => running.write(input),
        endInput: () => running.endInput(),
        resize: (size) => running.resize(size),
        close: () => running.close(),
        ended: running.ended,
        async hangUp(onlyIdle, limit) {
          const pid = await running.pid(limit);
          if (!pid.ok) return pid;
          return pid.value === undefined
            ? good("ended")
            : hangUp(transport, pid.value, asked.container, onlyIdle, limit);
        },
      };
      return good(session);
    },
    login: (size, term, output, within) => terminals.open({ size, term, program: { kind: "login" } }, output, within),
    async inNetworkOf(container, size, term, output, within) {
      const pid = await processOf(calls, container, within);
      if (!pid.ok) return pid;
      const program = { kind: "in-network-of", pid: pid.value } as const;
      return terminals.open({ size, term, program }, output, within);
    },
    close: () => calls.close(),
  };
}
