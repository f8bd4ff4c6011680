import { bashCompletion } from "./bash.ts";
import { fishCompletion } from "./fish.ts";
import { completedCommands } from "./words.ts";
import { zshCompletion } from "./zsh.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export type Shell = keyof typeof scripts;

/** The shells there is a script for. */
export const shells = Object.keys(scripts) as readonly Shell[];

/** The script that completes the command line in a shell, made from the table of commands: nothing is asked of a cluster. */
export function completion(shell: Shell): string {
  return scripts[shell](completedCommands());
}
