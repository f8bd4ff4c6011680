import type { NodeName } from "../../domain/ids.ts";
import type { LogStart } from "../../ports/logs.ts";
import { type FollowParts, waiting, whenUp } from "./log-follow.ts";

const callMs = 20_000;
/** A journal is read page by page: a stream would hold one of the sessions that sshd allows. */
const everyMs = 2000;

/** Follows the engine's journal of one node by its cursor: what was read is never read again, through every break. */
export function followJournal(node: NodeName, parts: FollowParts): void {
  let from: { cursor: string } | LogStart = parts.start;
  const read = async (): Promise<void> => {
    const page = await parts.access.logs.journal(from, { ms: callMs, signal: parts.closed });
    if (parts.closed.aborted) return;
    if (page.ok) {
      parts.become({ state: "following" });
      if (page.value.lines.length > 0) parts.lines(page.value.lines);
      if (page.value.cursor !== undefined) from = { cursor: page.value.cursor };
    } else parts.become(waiting(page.trouble, node));
    whenUp(parts, everyMs, () => void read());
  };
  void read();
}
