import { homedir } from "node:os";
import path from "node:path";

/** Where this program keeps things of one kind, by the XDG Base Directory Specification; a relative path there counts as none. */
function folderOf(variable: "XDG_STATE_HOME" | "XDG_DATA_HOME", otherwise: string, env: NodeJS.ProcessEnv): string {
  const given = env[variable];
  const base = given !== undefined && path.isAbsolute(given) ? given : path.join(homedir(), otherwise);
  return path.join(base, "ovl-tui");
}

/** What happened, kept between runs: $XDG_STATE_HOME/ovl-tui. */
export const stateFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  folderOf("XDG_STATE_HOME", ".local/state", env);

/** What cannot be made again: $XDG_DATA_HOME/ovl-tui. */
export const dataFolder = (env: NodeJS.ProcessEnv = process.env): string =>
  folderOf("XDG_DATA_HOME", ".local/share", env);
