import { isKnown, longOf, type Option, optionOfFlag } from "./options.ts";
import type { Argument } from "./unit.ts";

/** One value that the command line sets. A list option has one for each of its values. */
export interface Setting {
  option: Option;
  value: string;
  origin: Argument["origin"];
}

/**
 * dockerd's options in the order given, as spf13/pflag reads them: `--name=value`, `--name value`, `-Hvalue`, `-H=value`,
 * `-H value`, letters of booleans together (`-DH value`); a boolean takes a value only behind `=`; `--` ends them.
 */
export function parseArguments(command: readonly Argument[]): Setting[] {
  const settings: Setting[] = [];
  const words = ownArguments(command);
  for (let i = 0; i < words.length; i += 1) {
    const { text, origin } = words[i] ?? { text: "", origin: { kind: "process" } };
    if (text === "--") break;
    const following = words[i + 1];
    const read = text.startsWith("--") ? readLong(text.slice(2), following) : readShort(text, following);
    settings.push(...read.settings.map((setting) => ({ ...setting, origin })));
    if (read.tookNext) i += 1;
  }
  return lastOfEach(settings);
}

/** The command line's value of one option, for the few that decide where else to look; the last one wins. */
export const lastValue = (settings: readonly Setting[], flag: string): string | undefined =>
  settings.findLast((setting) => setting.option.flag === flag)?.value;

/** Without the program: "dockerd", "dockerd-current", "docker daemon", "docker -d", whatever wrapper stands before it. */
function ownArguments(command: readonly Argument[]): readonly Argument[] {
  const names = command.map(({ text }) => text.slice(text.lastIndexOf("/") + 1));
  const daemon = names.findLastIndex((name) => /^dockerd(-[a-z]+)?$/.test(name));
  if (daemon >= 0) return command.slice(daemon + 1);
  const client = names.findIndex((name, i) => name === "docker" && ["daemon", "-d"].includes(names[i + 1] ?? ""));
  if (client >= 0) return command.slice(client + 2);
  return command[0]?.text.startsWith("-") === false ? command.slice(1) : command;
}

interface Read {
  settings: { option: Option; value: string }[];
  tookNext: boolean;
}

function readLong(body: string, following: Argument | undefined): Read {
  const equals = body.indexOf("=");
  const option = optionOfFlag(equals < 0 ? body : body.slice(0, equals));
  if (equals >= 0) return { settings: [{ option, value: body.slice(equals + 1) }], tookNext: false };
  const bare = { settings: [{ option, value: "true" }], tookNext: false };
  if (option.takes === "boolean" || following === undefined) return bare;
  // What a flag takes that nobody knows can only be guessed from what follows.
  if (!isKnown(option.flag) && following.text.startsWith("-")) return bare;
  return { settings: [{ option, value: following.text }], tookNext: true };
}

function readShort(word: string, following: Argument | undefined): Read {
  const settings: Read["settings"] = [];
  if (!/^-[A-Za-z]/.test(word)) return { settings, tookNext: false };
  for (let i = 1; i < word.length; i += 1) {
    const option = optionOfFlag(longOf(word.charAt(i)));
    const rest = word.slice(i + 1);
    if (rest.startsWith("=")) return { settings: [...settings, { option, value: rest.slice(1) }], tookNext: false };
    if (option.takes === "boolean") {
      settings.push({ option, value: "true" });
      continue;
    }
    if (rest !== "") return { settings: [...settings, { option, value: rest }], tookNext: false };
    return { settings: [...settings, { option, value: following?.text ?? "" }], tookNext: following !== undefined };
  }
  return { settings, tookNext: false };
}

/** Lists and maps keep every value; of all else the last one given counts. */
function lastOfEach(settings: readonly Setting[]): Setting[] {
  return settings.filter(
    ({ option }, i) =>
      option.takes === "list" ||
      option.takes === "map" ||
      !settings.slice(i + 1).some((later) => later.option.flag === option.flag),
  );
}
