/** Every command with what its help says; usage, dispatch and completion are made from this one table. */
export const commands = [
  { name: "", arguments: "", summary: "the screen, on the cluster of the file" },
  { name: "demo", arguments: "[--nodes N]", summary: "the screen, on an in-memory cluster" },
  { name: "status", arguments: "[--json]", summary: "one snapshot: exit 0 healthy, 1 not, 2 bad usage or file" },
  { name: "help", arguments: "", summary: "this" },
] as const;

export type CommandName = (typeof commands)[number]["name"];

/** Options that commands take, as node:util parseArgs wants them. */
export const optionTypes = {
  config: { type: "string", short: "c" },
  "read-only": { type: "boolean" },
  timeout: { type: "string" },
  json: { type: "boolean" },
  nodes: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** The help text. */
export function usage(): string {
  const width = Math.max(...commands.map((one) => one.name.length + one.arguments.length + 1));
  return [
    "ovl-tui: bring up, watch and troubleshoot Docker hosts joined by multi-host overlay networks",
    "",
    "Usage:",
    ...commands.map((one) => `  ovl-tui ${`${one.name} ${one.arguments}`.trim().padEnd(width)}  ${one.summary}`),
    "",
    "Options:",
    "  -c, --config FILE   the cluster's file; else ./ovl.yaml or $XDG_CONFIG_HOME/ovl-tui/ovl.yaml",
    "      --read-only     refuse every change, for the whole run",
    "      --timeout N     seconds to wait for what does not answer (15)",
    "      --json          one JSON document on stdout, nothing else there",
    "      --version       the version",
    "  -h, --help          this",
    "",
  ].join("\n");
}
