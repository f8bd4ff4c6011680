import type { NodeName } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logs } from "../ports/logs.ts";
import { EngineCalls } from "./engine/engine-calls.ts";
import { followLogs } from "./engine/logs.ts";
import { readEngineJournal } from "./host/engine-journal.ts";
import type { Transport } from "./transport.ts";

/** What the containers and the engine of `node` write. `version`: the API version spoken with the engine. */
export function createLogs(
  transport: Transport,
  node: NodeName,
  clock: Clock,
  version: () => Promise<Outcome<SafeText>>,
): Logs & { close(): void } {
  const calls = new EngineCalls(transport, node, clock, version, "stream");
  return {
    follow: (id, start, listener) => followLogs(calls, id, start, listener),
    journal: (from, within) => readEngineJournal(transport, from, within),
    close: () => calls.close(),
  };
}
