import { explain } from "../explain.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { text } from "../text.ts";
import { age, type Instant } from "../time.ts";
import type { Trouble } from "../trouble.ts";
import { type Check, graceMs, nodesOf } from "./check.ts";

/** A node that cannot be reached: nothing of it is known but what was seen last. */
export const nodeNotLive: Check = {
  id: "node-not-live",
  find: (seen, now) =>
    nodesOf(seen).flatMap((node) => {
      const trouble = whyAway(node, now);
      if (trouble === undefined) return [];
      const { what, remedy } = explain(trouble, node.name);
      const { engine } = node;
      const away = engine.state === "stale" ? [text`last seen ${age(now - engine.at)} ago`] : [];
      return [
        {
          severity: "error",
          title: text`${node.name} cannot be reached`,
          node: node.name,
          evidence: [what, ...away],
          remedy,
        },
      ];
    }),
};

/** What keeps the node away, once that is a problem; a link that is lost may come back within the grace. */
function whyAway({ link, engine }: NodeSnapshot, now: Instant): Trouble | undefined {
  if (link.state === "refused") return link.trouble;
  if (engine.state === "stale" && now - engine.since <= graceMs) return undefined;
  if (link.state === "lost") return link.trouble;
  return link.state === "connecting" ? link.after : undefined;
}
