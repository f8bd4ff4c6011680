import { text } from "../text.ts";
import { type Check, knownConfigs } from "./check.ts";

/** One option as flag and in daemon.json: dockerd runs on only until its next start. */
export const flagFileConflict: Check = {
  id: "flag-file-conflict",
  find: (seen) =>
    knownConfigs(seen)
      .filter(({ value }) => value.conflicts.length > 0)
      .map(({ node, value }) => ({
        severity: "error",
        title: text`dockerd on ${node.name} will not start again: flags and daemon.json conflict`,
        node: node.name,
        evidence: value.conflicts.map(({ name, flag, file }) => text`${name}: ${flag} as flag, ${file} in daemon.json`),
        remedy: text`Take each of them out of one side; flags of the unit are changed with "systemctl edit docker" on ${node.name}: an empty ExecStart= first, then the whole line without the flag.`,
      })),
};
