import type { Command } from "./parse.ts";
import { type Settings, settingsOf, sizeOf } from "./settings.ts";
import { TapeError } from "./tokens.ts";

type Require = Extract<Command, { do: "require" }>;

export interface Head {
  settings: Settings;
  size: { columns: number; rows: number };
  /** What the shell finds in its environment. */
  env: Readonly<Record<string, string>>;
  required: readonly Require[];
  /** What stands too late to have an effect, in words. VHS warns of it too, and plays on. */
  warnings: readonly string[];
}

/**
 * What VHS takes from a tape before it plays (charmbracelet/vhs evaluator.go): Set, Output and Require until the first
 * other command, and Env wherever it is. Later on only TypingSpeed can still be set.
 * @throws TapeError when the settings leave no room for a terminal
 */
export function headOf(commands: readonly Command[]): Head {
  const first = commands.findIndex((one) => !["set", "output", "require"].includes(one.do));
  const head = first === -1 ? commands : commands.slice(0, first);
  const late = commands.slice(head.length);
  const set = head.flatMap((one) => (one.do === "set" ? [one] : []));
  const settings = settingsOf(set);
  const size = sizeOf(settings);
  // Fewer are none to xterm.js either (xterm-addon-fit FitAddon.ts).
  if (size.columns < 2 || size.rows < 1) {
    throw new TapeError(set.at(-1)?.line ?? 1, "what is set leaves no room for a terminal");
  }
  return {
    settings,
    size,
    env: Object.fromEntries(commands.flatMap((one) => (one.do === "env" ? [[one.name, one.value]] : []))),
    required: head.filter((one) => one.do === "require"),
    warnings: late.flatMap((one) => {
      const what =
        one.do === "require" ? `Require ${one.program}` : one.do === "set" ? `Set ${one.setting}` : undefined;
      if (what === undefined || what === "Set TypingSpeed" || what === "Set Shell") return [];
      return [`line ${one.line}: ${what} has no effect after the first other command: it belongs at the top`];
    }),
  };
}
