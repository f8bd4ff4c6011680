import type { LogRing } from "../../domain/logs/ring.ts";
import type { SafeText } from "../../domain/text.ts";
import type { LogStart } from "../../ports/logs.ts";
import type { State } from "../state.ts";
import type { LogState } from "./log-follow.ts";

/** Lines of several sources that come together in one ring: logs, or the events of a cluster. */
export interface Followed {
  readonly ring: LogRing;
  readonly sources: readonly { label: SafeText }[];
  readonly state: State<LogState>;
  /** Begins, or begins anew, where `start` says; what is kept all the time anyway goes on as it is. */
  begin(start: LogStart): void;
  close(): void;
}
