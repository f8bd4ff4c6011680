import { explain } from "../explain.ts";
import { isUp } from "../link.ts";
import { text } from "../text.ts";
import { type Check, isOverdue, nodesOf } from "./check.ts";

/** The machine answers, its engine does not. */
export const engineNotAnswering: Check = {
  id: "engine-not-answering",
  find: (seen, now) =>
    nodesOf(seen).flatMap((node) => {
      const { engine } = node;
      // After a lost link the engine's part still says so until the first answer comes.
      if (!isUp(node.link) || !isOverdue(engine, now) || engine.trouble.kind === "connection-lost") return [];
      const { what, remedy } = explain(engine.trouble, node.name);
      // The machine is looked at once a minute; what its unit was before the engine went would contradict.
      const { facts } = node;
      const unit = facts.state === "fresh" && facts.at >= engine.since ? facts.value.dockerUnit : undefined;
      return [
        {
          severity: "error",
          title: text`The engine on ${node.name} does not answer`,
          node: node.name,
          evidence: unit === undefined ? [what] : [what, text`docker.service: ${unit}`],
          remedy,
        },
      ];
    }),
};
