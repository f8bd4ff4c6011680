import { differences } from "../flags/differences.ts";
import { isUp } from "../link.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, knownConfigs, knownEngines } from "./check.ts";
import { isMeant } from "./flags-differ.ts";
import { isOneConsul } from "./one-consul.ts";

/**
 * Engines that work with different stores, though their files agree (flags-differ tells the rest): a reload changes
 * what `docker info` shows and not what the network uses (libnetwork refuses to change a datastore that is open).
 */
export const storeDiffers: Check = {
  id: "store-differs",
  find: (seen) => {
    const engines = knownEngines(seen).filter(({ node, value }) => isUp(node.link) && value.mode === "cluster-store");
    const stores = Map.groupBy(engines, ({ value }) => value.store ?? text`none`);
    if (stores.size < 2) return [];
    const uses = engines.map(({ node, value }) => ({ node, url: value.store ?? "" }));
    if (isOneConsul(uses, seen)) return [];
    const written = differences(new Map(knownConfigs(seen).map(({ node, value }) => [node.name, value])));
    if (written.some((one) => one.name === "cluster-store" && !isMeant(one, seen))) return [];
    return [
      {
        severity: "error",
        title: text`Engines use ${stores.size} different stores`,
        node: undefined,
        evidence: [...stores].map(
          ([store, those]): SafeText => text`${joined(those.map(({ node }) => node.name))}: ${store}`,
        ),
        remedy: text`Give all of them the same cluster-store, address and prefix alike, and restart those that had another: a reload does not move an engine to another store.`,
      },
    ];
  },
};
