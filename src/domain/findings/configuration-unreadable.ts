import { joined, text } from "../text.ts";
import { type Check, knownConfigs } from "./check.ts";

/** Files that decide dockerd's configuration and that the user who logs in may not read. */
export const configurationUnreadable: Check = {
  id: "configuration-unreadable",
  find: (seen) =>
    knownConfigs(seen).flatMap(({ node, value }) => {
      const paths = value.unreadable ?? [];
      if (paths.length === 0) return [];
      return [
        {
          severity: "info",
          title: text`dockerd's configuration on ${node.name} is known only in part`,
          node: node.name,
          evidence: [text`may not be read: ${joined(paths)}`],
          remedy: text`Allow the user of ${node.name} to use sudo, or log in as root; what the process was started with is shown all the same.`,
        },
      ];
    }),
};
