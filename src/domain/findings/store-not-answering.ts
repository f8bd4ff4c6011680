import { explain } from "../explain.ts";
import { isUp } from "../link.ts";
import { lastSeen } from "../part.ts";
import { clean, text } from "../text.ts";
import { age } from "../time.ts";
import { type Check, isOverdue, nodesOf } from "./check.ts";

/**
 * Nobody answers for the store. Overlays that stand keep working; new networks, containers and names do not
 * (libkv: every change goes through the store).
 */
export const storeNotAnswering: Check = {
  id: "store-not-answering",
  find: (seen, now) => {
    const { membership } = seen;
    if (membership === undefined || !isOverdue(membership, now)) return [];
    // With every node away there is no way to the store either, and the nodes are the news.
    if (!nodesOf(seen).some((node) => isUp(node.link))) return [];
    const last = lastSeen(membership);
    const name = last === undefined ? text`the store` : clean(last.kind);
    const { what, remedy } = explain(membership.trouble, name);
    return [
      {
        severity: "error",
        title: last === undefined ? text`The store does not answer` : text`${name} does not answer at ${last.endpoint}`,
        node: undefined,
        evidence: [what, text`for ${age(now - membership.since)}`],
        remedy: text`Existing overlay traffic goes on, changes fail until it is back. ${remedy}`,
      },
    ];
  },
};
