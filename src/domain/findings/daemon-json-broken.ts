import { text } from "../text.ts";
import { type Check, knownConfigs } from "./check.ts";

/** dockerd refuses a daemon.json that it cannot read, at the next start or reload. */
export const daemonJsonBroken: Check = {
  id: "daemon-json-broken",
  find: (seen) =>
    knownConfigs(seen).flatMap(({ node, value }) =>
      value.fileProblem === undefined
        ? []
        : [
            {
              severity: "error",
              title: text`dockerd on ${node.name} will not start again: its daemon.json is broken`,
              node: node.name,
              evidence: [value.fileProblem],
              remedy: text`Mend the file on ${node.name}; engines from 23.0 check it with "dockerd --validate --config-file FILE".`,
            },
          ],
    ),
};
