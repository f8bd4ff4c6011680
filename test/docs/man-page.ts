import { type CommandType, commands, type OptionName, type OptionType, options } from "../../src/cli/commands.ts";

/**
 * The manual page in the macros of man(7), made from the table of commands. It names no date, so that the same table
 * makes the same page.
 */
export function manPage(version: string): string {
  return `${[
    '.\\" Written by `npm run docs` from src/cli/commands.ts: change that table, or test/docs/man-page.ts.',
    `.TH OVL\\-TUI 1 "" "ovl\\-tui ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    "ovl\\-tui \\- bring up, watch and troubleshoot Docker hosts joined by multi\\-host overlay networks",
    ".SH SYNOPSIS",
    ...commands.flatMap((command, index) => [...(index === 0 ? [] : [".br"]), synopsis(command)]),
    ".SH DESCRIPTION",
    ...prose(
      "Opens a cluster of Docker hosts on one screen: every node's engine and daemon flags, the members of the store or " +
        "swarm, the networks with every address on them, and the containers of all nodes. Everything goes over one SSH " +
        "connection a node: no agent on the hosts, no open Docker port.",
      "On the screen ? shows every key and : finds every action by its name. No key changes anything by itself: every " +
        "change is shown, asked for and written to the journal.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(section),
    ".SH OPTIONS",
    ...(Object.keys(options) as OptionName[]).flatMap(optionEntry),
    ".SH EXIT STATUS",
    ...prose(
      "Each command tells its own above. 2 is always a wrong command line, a file that cannot be read, or a machine that " +
        "the program cannot run on: nothing was touched.",
    ),
    ".SH FILES",
    ...files.flatMap(([name, what]) => entry(`.I ${escaped(name)}`, what)),
    ".SH ENVIRONMENT",
    ...environment.flatMap(([name, what]) => entry(`.B ${escaped(name)}`, what)),
    ".SH EXAMPLES",
    ...examples.flatMap(([line, what]) => entry(`.B ${escaped(line)}`, what)),
    ".SH SEE ALSO",
    ".BR ssh_config (5),",
    ".BR docker (1)",
  ].join("\n")}\n`;
}

const files = [
  [
    "./ovl.yaml, $XDG_CONFIG_HOME/ovl-tui/ovl.yaml",
    "The cluster: the first of them that exists, unless --config names one.",
  ],
  ["~/.ssh/config, ~/.ssh/known_hosts", "Aliases, identities, jump hosts and host keys, as ssh reads them."],
  [
    "$XDG_STATE_HOME/ovl-tui/journal.jsonl",
    "What was changed: who, when, node, step. In ~/.local/state where the variable is not set. Mode 0600, no secrets.",
  ],
  [
    "$XDG_DATA_HOME/ovl-tui/",
    "The certificate authority of a cluster with listen: tls. In ~/.local/share where the variable is not set. Mode 0600.",
  ],
] as const;

const environment = [
  ["NO_COLOR", "When set and not empty, nothing is coloured (no-color.org)."],
  ["SSH_AUTH_SOCK", "The agent that is asked for keys."],
  ["OVL_TUI_DEBUG", "When set, a defect of the program itself is told with the place where it was met."],
] as const;

const examples = [
  ["ovl-tui demo --nodes 20", "The screen on a cluster that is only pretended: nothing is touched, no host is needed."],
  ["ovl-tui plan && echo nothing to do", "Whether the cluster is as its file says."],
  [
    "ovl-tui apply --yes --json > run.json",
    "Brings it there without asking; what became of every step as one document.",
  ],
  ["ovl-tui exec node1 -- condor_status", "A command in a container, on whichever node it is."],
  ["ovl-tui status --json | jq '.findings[].title'", "What is wrong, for a script."],
] as const;

function synopsis(command: CommandType): string {
  const words = command.arguments === "" ? "" : ` ${roman(command.arguments)}`;
  const some = command.options.length === 0 ? "" : " [\\fIoptions\\fR]";
  return `\\fBovl\\-tui\\fR${command.name === "" ? "" : ` \\fB${command.name}\\fR`}${some}${words}`;
}

function section(command: CommandType): string[] {
  const taken = [...command.options, "help" as const].map(longOption).join(", ");
  return [
    `.SS "ovl\\-tui${command.name === "" ? "" : ` ${command.name}`}${command.arguments === "" ? "" : ` ${escaped(command.arguments)}`}"`,
    line(`${capital(command.summary)}.`),
    ".PP",
    `Takes ${taken}.`,
    ...(command.exits.length === 0 ? [] : [".PP", "Exit status:"]),
    ...command.exits.flatMap((exit) => {
      const [, code = "", meaning = ""] = /^(\d*)\s+(.*)$/.exec(exit) ?? [];
      return [".TP 6", `.B ${code === "" ? "other" : code}`, line(meaning)];
    }),
  ];
}

function optionEntry(name: OptionName): string[] {
  const of = commands.flatMap((command: CommandType) =>
    command.options.includes(name) ? [command.name === "" ? "the screen" : command.name] : [],
  );
  const where = of.length === 0 ? "" : ` (${of.join(", ")})`;
  return [".TP", optionText(name), line(`${capital(options[name].summary)}${where}.`)];
}

function optionText(name: OptionName): string {
  const { short }: OptionType = options[name];
  return `${short === undefined ? "" : `\\fB\\-${short}\\fR, `}${longOption(name)}`;
}

function longOption(name: OptionName): string {
  const { value }: OptionType = options[name];
  return `\\fB\\-\\-${escaped(name)}\\fR${value === undefined ? "" : ` \\fI${value}\\fR`}`;
}

const entry = (head: string, what: string): string[] => [".TP", head, line(what)];

/** Paragraphs. */
const prose = (...paragraphs: string[]): string[] =>
  paragraphs.flatMap((one, index) => [...(index === 0 ? [] : [".PP"]), line(one)]);

/** "CONTAINER [-- CMD…]" with its placeholders slanted. */
const roman = (text: string): string => escaped(text).replaceAll(/[A-Z]{2,}/g, "\\fI$&\\fR");

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A line of text: what stands first on it must not be taken for a request. */
const line = (text: string): string => escaped(text).replace(/^[.']/, "\\&$&");

/** What roff would take for its own (groff(7), "Escape sequences"), and what it has no plain character for. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("~", "\\(ti")
    .replaceAll("^", "\\(ha")
    .replaceAll('"', "\\(dq")
    .replaceAll(
      /[^\x20-\x7e]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    );
}
