import { randomBytes } from "node:crypto";
import type { Client } from "ssh2";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Finished } from "../transport.ts";
import { collect, openExec } from "./exec.ts";
import { refused, rootCommand, type Sudo, sudoWords } from "./sudo.ts";

/** Bytes of output that a script may make, unless it says otherwise. */
const defaultLimit = 1024 * 1024;

/**
 * A shell that reads its script from stdin and is ended after `ms`: one that hangs on the node would hold one of the
 * connection's ten sessions for ever, and sshd takes no signals for root. Without timeout(1) (POSIX.1-2024) it may, and
 * with one that does not know -k: busybox before 1.34. That is tried, since `exec` leaves nobody to do it otherwise.
 */
export const shellFor = (ms: number): string =>
  `/bin/sh -c 'timeout -k 9 9 true 2>/dev/null && exec timeout -k 5 "$1" /bin/sh -s; exec /bin/sh -s' sh ${Math.ceil(ms / 1000) + 1}`;

export interface ScriptOptions {
  /** After this the node itself ends the script. */
  ms: number;
  signal: AbortSignal;
  /** Bytes of output. */
  limit?: number | undefined;
}

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
  options: ScriptOptions,
): Promise<Outcome<Finished>> {
  const ran = await runShell(place, rootCommand("root already", shellFor(options.ms)), script, args, options);
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
  options: ScriptOptions,
): Promise<Outcome<Finished>> {
  const way = await place.sudo.way(options.signal);
  if (!way.ok) return way;
  if (way.value === "root already") return runScript(place, script, args, options);
  const ran = await runShell(place, rootCommand(way.value, shellFor(options.ms)), script, args, options);
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
  { signal, limit = defaultLimit }: ScriptOptions,
): Promise<Outcome<Finished & { began: boolean }>> {
  const mark = `begin-${randomBytes(12).toString("hex")}`;
  const input = scriptInput(script, args, mark);
  const channel = await openExec(client, line, signal);
  if (!channel.ok) return channel;
  const ran = await collect(channel.value, { input, passing, signal, limit, ours: mark.length, from: node });
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
