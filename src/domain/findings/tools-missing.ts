import { joined, text } from "../text.ts";
import { type Check, knownFacts } from "./check.ts";

/** Commands that probes and repairs run on the node. Without nsenter nobody can look into a container's network. */
export const toolsMissing: Check = {
  id: "tools-missing",
  find: (seen) =>
    knownFacts(seen)
      .filter(({ value }) => value.missingTools.length > 0)
      .map(({ node, value }) => ({
        severity: value.missingTools.includes(text`nsenter`) ? "warning" : "info",
        title: text`${node.name} lacks ${joined(value.missingTools)}`,
        node: node.name,
        evidence: [text`not found in the path, /usr/sbin and /sbin included`],
        remedy: text`Install util-linux (nsenter), iproute2 (ip, bridge) and iputils-ping (ping) on ${node.name}; until then its paths cannot be probed from within.`,
      })),
};
