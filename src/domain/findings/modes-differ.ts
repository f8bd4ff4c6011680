import type { EngineMode } from "../engine.ts";
import { isUp } from "../link.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, knownEngines, namesOf } from "./check.ts";

const words: Readonly<Record<EngineMode, SafeText>> = {
  "cluster-store": text`the external store`,
  swarm: text`swarm mode`,
  standalone: text`no cluster at all`,
};

/** Nodes that are joined in different ways, or not at all, share no overlay. */
export const modesDiffer: Check = {
  id: "modes-differ",
  find: (seen) => {
    const engines = knownEngines(seen).filter(({ node }) => isUp(node.link) && node.engine.state === "fresh");
    const modes = Map.groupBy(engines, ({ value }) => value.mode);
    if (modes.size < 2) return [];
    const joinedBoth = modes.has("swarm") && modes.has("cluster-store");
    const alone = modes.get("standalone") ?? [];
    return [
      {
        severity: joinedBoth ? "error" : "warning",
        title: joinedBoth
          ? text`Some nodes are in swarm mode, others use the external store`
          : text`${joined(namesOf(alone))} ${alone.length === 1 ? text`is` : text`are`} not joined to the others`,
        node: alone.length === 1 && !joinedBoth ? alone[0]?.node.name : undefined,
        evidence: [...modes].map(([mode, those]) => text`${joined(namesOf(those))}: ${words[mode]}`),
        remedy: text`The set-up (key s, or "ovl-tui apply") joins every node in the one way that all of their engines can.`,
      },
    ];
  },
};
