import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Finished } from "../transport.ts";
import { collect, openExec } from "./exec.ts";
import { refused, rootCommand, type Sudo, sudoWords } from "./sudo.ts";

/** Bytes of output that a script may make, unless it says otherwise. */
const defaultLimit = 1024 * 1024;
const shell = "/bin/sh -s";

/** Where scripts run. */
export interface ScriptPlace {
  client: Client;
  node: SafeText;
  user: string;
  sudo: Sudo;
}

/** `args` as one line that sets "$1", "$2", … for the script after it. Single quotes stop every meaning but their own (POSIX sh, 2.2.2). */
export function positional(args: readonly string[]): string {
  if (args.some((one) => one.includes("\0"))) throw new Error("an argument of a script holds a NUL");
  return `set -- ${args.map((one) => `'${one.replaceAll("'", "'\\''")}'`).join(" ")}\n`;
}

/**
 * What goes to the shell's stdin. The script is read whole before it begins, and its commands find their own stdin
 * empty: none can eat the rest of the script. `mark` comes out first, so that a chatty login shell is told apart. The
 * shell ends by itself, since its stdin does not.
 */
const scriptInput = (script: string, args: readonly string[], mark: string): string =>
  `${positional(args)}{\nprintf %s ${mark}\n${script}\n} </dev/null\nexit\n`;

/** Runs a script as the user who logged in: one constant command, everything else on its stdin. */
export async function runScript(
  place: ScriptPlace,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  limit = defaultLimit,
): Promise<Outcome<Finished>> {
  const ran = await runShell(place, { line: `exec ${shell}`, passing: undefined }, script, args, signal, limit);
  if (!ran.ok || ran.value.began) return ran;
  const said = [ran.value.stderr, ran.value.stdout].map((one) => one.toString("utf8").trim().split("\n")[0] ?? "");
  const detail = text`the login of ${clean(place.user)} runs no commands: ${clean(said.find((one) => one !== "") ?? "it said nothing")}`;
  return bad({ kind: "bad-answer", from: place.node, detail });
}

/** The same as root, through sudo where the user is not. */
export async function runAsRoot(
  place: ScriptPlace,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  limit = defaultLimit,
): Promise<Outcome<Finished>> {
  const way = await place.sudo.way(signal);
  if (!way.ok) return way;
  if (way.value === "root already") return runScript(place, script, args, signal, limit);
  const ran = await runShell(place, rootCommand(way.value, shell), script, args, signal, limit);
  if (!ran.ok || ran.value.began) return ran;
  // Nothing ran, and what was true of sudo is so no more.
  place.sudo.forget();
  return bad(refused(place.user, sudoWords(ran.value)));
}

async function runShell(
  { client, node }: ScriptPlace,
  { line, passing }: ReturnType<typeof rootCommand>,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  limit: number,
): Promise<Outcome<Finished & { began: boolean }>> {
  const mark = `begin-${randomBytes(12).toString("hex")}`;
  const input = scriptInput(script, args, mark);
  const channel = await openExec(client, line, signal);
  if (!channel.ok) return channel;
  const ran = await collect(channel.value, { input, passing, signal, limit: limit + mark.length, from: node });
  if (!ran.ok) return ran;
  const { code, stdout, stderr } = ran.value;
  const at = stdout.indexOf(mark);
  return good({
    code,
    stdout: at < 0 ? stdout : stdout.subarray(at + mark.length),
    stderr: passing === undefined ? stderr : after(stderr, passing.go),
    began: at >= 0,
  });
}

/** What follows `mark`; all of it where there is none. */
function after(bytes: Buffer, mark: string): Buffer {
  const at = bytes.indexOf(mark);
  return at < 0 ? bytes : bytes.subarray(at + mark.length);
}
