/** Options that commands take, as node:util parseArgs wants them, with what the help says of each. */
export const options = {
  config: {
    type: "string",
    short: "c",
    value: "FILE",
    summary: "the cluster's file; else ./ovl.yaml or $XDG_CONFIG_HOME/ovl-tui/ovl.yaml",
  },
  "read-only": { type: "boolean", summary: "refuse every change, for the whole run" },
  timeout: { type: "string", value: "SECONDS", summary: "how long to wait for what does not answer (15)" },
  json: { type: "boolean", summary: "one JSON document on stdout, nothing else there" },
  nodes: { type: "string", value: "N", summary: "how many nodes the demo has (3)" },
  containers: { type: "string", value: "M", summary: "how many containers each of its nodes has (8)" },
  seed: { type: "string", value: "N", summary: "the same seed shows the same cluster and the same story (1)" },
  script: { type: "string", value: "FILE", summary: "a story: what befalls the cluster, at which second" },
  bare: { type: "boolean", summary: "engines that nobody set up yet: the set-up begins" },
  node: { type: "string", value: "NODE", summary: "look on this node only" },
  network: { type: "string", value: "NAME", summary: "the network to ping on; else those of the file" },
  container: { type: "string", value: "NAME", summary: "the container that is asked; else the manager of the file" },
  port: { type: "string", value: "N", summary: "a TCP port to try on every way as well" },
  full: { type: "boolean", summary: "every container to every other one, however many there are" },
  remove: { type: "string", value: "NODE", summary: "take this node out of the cluster instead" },
  yes: { type: "boolean", short: "y", summary: "ask nothing: the plan is accepted as it is" },
  "break-lock": { type: "boolean", summary: "take the lock away from the run that has it" },
  "accept-insecure-listener": {
    type: "boolean",
    summary: "accept that dockerd listens without TLS, as the file has it",
  },
  help: { type: "boolean", short: "h", summary: "the help of a command" },
  version: { type: "boolean", summary: "the version" },
} as const satisfies Record<string, OptionType>;

export interface OptionType {
  type: "string" | "boolean";
  short?: string;
  /** What stands for the value in the help. */
  value?: string;
  summary: string;
}

export type OptionName = keyof typeof options;

const ofCluster = ["config", "timeout"] as const;

export interface CommandType {
  name: string;
  /** What follows the name in the help; "a|b" are words to choose from, COMMAND the name of a command. */
  arguments: string;
  summary: string;
  /** Besides --help. */
  options: readonly OptionName[];
  /** What its exit codes mean, one line each. */
  exits: readonly string[];
}

const usageExit = "2  a wrong command line or a file that cannot be read";

/** Every command with what its help says; usage, dispatch and completion are made from this one table. */
export const commands = [
  {
    name: "",
    arguments: "",
    summary: "the screen, on the cluster of the file; without one, the set-up",
    options: ["config", "read-only"],
    exits: ["0  left", usageExit],
  },
  {
    name: "demo",
    arguments: "",
    summary: "the screen, on an in-memory cluster",
    options: ["nodes", "containers", "seed", "bare", "script", "read-only"],
    exits: ["0  left", usageExit],
  },
  {
    name: "status",
    arguments: "",
    summary: "one snapshot of the cluster",
    options: [...ofCluster, "json"],
    exits: ["0  healthy", "1  a node is not live, or a finding is an error", usageExit],
  },
  {
    name: "plan",
    arguments: "",
    summary: "what `apply` would do, with diffs; nothing is touched",
    options: [...ofCluster, "json", "remove"],
    exits: [
      "0  nothing to do",
      "3  changes are pending",
      "1  it cannot be told: an obstacle, a node that is away",
      usageExit,
    ],
  },
  {
    name: "apply",
    arguments: "",
    summary: "brings the cluster to what the file says, with progress",
    options: [...ofCluster, "json", "remove", "yes", "break-lock", "accept-insecure-listener", "read-only"],
    exits: [
      "0  done and verified",
      "1  failed, not possible, or not wanted; it says what stands",
      `${usageExit}; or an option is missing (--yes without a terminal) or forbids it (--read-only)`,
    ],
  },
  {
    name: "ping",
    arguments: "",
    summary: "the ping matrix between the cluster's containers",
    options: [...ofCluster, "json", "network", "port", "full"],
    exits: ["0  all reach all", "1  some do not", usageExit],
  },
  {
    name: "exec",
    arguments: "CONTAINER [-- CMD…]",
    summary: "a shell in a container on whichever node it is, or a command",
    options: [...ofCluster, "node", "read-only"],
    exits: [
      "   the command's own; 126 and 127 where it cannot be run",
      "0  left with ctrl-\\",
      "125  nothing was run, or the connection broke",
      `${usageExit}; or the name is on several nodes`,
    ],
  },
  {
    name: "condor",
    arguments: "",
    summary: "the HTCondor pool: slots, daemons, totals, jobs",
    options: [...ofCluster, "json", "container"],
    exits: ["0  all there", "1  there is no pool, or a member is missing in it", usageExit],
  },
  {
    name: "completion",
    arguments: "bash|zsh|fish",
    summary: "a script that completes these words and options in your shell",
    options: [],
    exits: ["0  printed on stdout", usageExit],
  },
  { name: "help", arguments: "[COMMAND]", summary: "this, or what one command takes", options: [], exits: [] },
] as const satisfies readonly CommandType[];

export type CommandName = (typeof commands)[number]["name"];

const spelled = (name: OptionName): string => {
  const option: OptionType = options[name];
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  return `  ${short}--${name}${option.value === undefined ? "" : ` ${option.value}`}`;
};

function optionLines(names: readonly OptionName[]): string[] {
  const width = Math.max(...names.map((name) => spelled(name).length)) + 2;
  return names.map((name) => spelled(name).padEnd(width) + options[name].summary);
}

/** The help text: every command, and what the program takes without one. */
export function usage(): string {
  const [screen] = commands;
  const named = commands.map((one) => ({ ...one, line: `  ovl-tui ${`${one.name} ${one.arguments}`.trim()}` }));
  const width = Math.max(...named.map((one) => one.line.length)) + 2;
  return [
    "ovl-tui: bring up, watch and troubleshoot Docker hosts joined by multi-host overlay networks",
    "",
    "Usage:",
    ...named.map((one) => one.line.padEnd(width) + one.summary),
    "",
    "Options of ovl-tui without a command:",
    ...optionLines([...screen.options, "version", "help"]),
    "",
    "`ovl-tui help COMMAND` tells what a command takes and what its exit codes mean.",
    "",
  ].join("\n");
}

/** The help of one command. */
export function commandUsage(name: CommandName): string {
  const command: CommandType | undefined = commands.find((one) => one.name === name);
  if (command === undefined || command.name === "") return usage();
  return [
    `ovl-tui ${`${command.name} ${command.arguments}`.trim()}: ${command.summary}`,
    "",
    ...(command.options.length === 0 ? [] : ["Options:", ...optionLines([...command.options, "help"]), ""]),
    ...(command.exits.length === 0 ? [] : ["Exit codes:", ...command.exits.map((line) => `  ${line}`), ""]),
  ].join("\n");
}
