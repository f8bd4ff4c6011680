import { type CommandType, commands, type OptionName, type OptionType, options } from "../commands.ts";

/** One option as a shell has to know it. */
export interface CompletedOption {
  name: string;
  short: string | undefined;
  /** What stands for its value in the help; undefined when it takes none. */
  value: string | undefined;
  summary: string;
}

/** One command as a shell has to know it. */
export interface CompletedCommand {
  /** "" is the program without a command. */
  name: string;
  summary: string;
  options: readonly CompletedOption[];
  /** What its only word may be; empty when it takes none, or one that only the cluster knows. */
  words: readonly string[];
}

/** The table of commands as completion needs it. */
export const completedCommands = (): CompletedCommand[] => commands.map(completed);

function completed(command: CommandType): CompletedCommand {
  const everywhere: readonly OptionName[] = command.name === "" ? ["help", "version"] : ["help"];
  const names = [...command.options, ...everywhere];
  return { name: command.name, summary: command.summary, options: names.map(completedOption), words: wordsOf(command) };
}

function completedOption(name: OptionName): CompletedOption {
  const { short, value, summary }: OptionType = options[name];
  return { name, short, value, summary };
}

function wordsOf(command: CommandType): readonly string[] {
  if (command.arguments.includes("COMMAND")) return commands.flatMap(({ name }) => (name === "" ? [] : [name]));
  return command.arguments.includes("|") ? command.arguments.split("|") : [];
}

/** Every way to write an option of any command that takes a value: what follows it is no command. */
export function optionsWithValue(all: readonly CompletedCommand[]): string[] {
  const taking = all.flatMap((command) => command.options.filter((option) => option.value !== undefined));
  return [
    ...new Set(taking.flatMap(({ name, short }) => [...(short === undefined ? [] : [`-${short}`]), `--${name}`])),
  ];
}

/** The same for those whose value is a file of this machine. */
export function optionsWithFile(all: readonly CompletedCommand[]): string[] {
  const ofFiles = all.map((one) => ({ ...one, options: one.options.filter(({ value }) => value === "FILE") }));
  return optionsWithValue(ofFiles);
}
