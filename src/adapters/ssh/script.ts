import { randomBytes } from "node:crypto";
import type { Client, ClientChannel } from "ssh2";
import type { NodeName } from "../../domain/ids.ts";
import { clean, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Prompter } from "../../ports/prompter.ts";
import type { Finished } from "../transport.ts";
import type { SshShared } from "./shared.ts";
import type { SshError } from "./trouble.ts";

const defaultLimit = 1024 * 1024;
const sudoTries = 3;
/** RFC 4254, 5.1: "open failed"; OpenSSH gives it for one session too many, and slots come free a little late. */
const openRetries = 3;

/** How to become root on a node, found out at the first need. */
export type SudoWay = "root already" | "without password" | "with password";

export interface ScriptContext {
  client: Client;
  node: NodeName;
  user: string;
  host: string;
  prompter: Prompter;
  shared: SshShared;
  /** Kept by the connection. */
  sudo: { way: SudoWay | undefined };
}

/** `args` as one line that sets "$1", "$2", … for the script after it. Single quotes stop every meaning but their own (POSIX sh, 2.2.2). */
export function positional(args: readonly string[]): string {
  if (args.some((one) => one.includes("\0"))) throw new Error("an argument of a script holds a NUL");
  return `set -- ${args.map((one) => `'${one.replaceAll("'", "'\\''")}'`).join(" ")}\n`;
}

/** Runs a script as the user who logged in: one constant command, everything else on its stdin. */
export function runScript(
  context: ScriptContext,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  limit = defaultLimit,
): Promise<Outcome<Finished>> {
  return runShell(context, "exec /bin/sh -s", positional(args) + script, signal, limit);
}

/** The same as root. A password is asked once, kept in memory, and sent only when sudo asks for it. */
export async function runAsRoot(
  context: ScriptContext,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
  limit = defaultLimit,
): Promise<Outcome<Finished>> {
  const input = positional(args) + script;
  if (context.user === "root") context.sudo.way = "root already";
  if (context.sudo.way === "root already") return runShell(context, "exec /bin/sh -s", input, signal, limit);
  if (context.sudo.way !== "with password") {
    const ran = await runShell(context, "exec sudo -n -- /bin/sh -s", input, signal, limit);
    if (!ran.ok) return ran;
    const refusal = sudoRefusal(ran.value);
    if (refusal === undefined) {
      context.sudo.way = "without password";
      return ran;
    }
    if (refusal !== "password") return bad(refused(context, refusal));
    context.sudo.way = "with password";
  }
  return withPassword(context, input, signal, limit);
}

/** What sudo itself said when it ran nothing: "password" when one is needed. Its messages begin with its name (sudo(8)). */
function sudoRefusal(finished: Finished): string | undefined {
  if (finished.code === 127 && finished.stdout.length === 0) return "there is no sudo";
  if (finished.code !== 1 || finished.stdout.length > 0) return undefined;
  const line = /^sudo(?:-rs)?: (.*)$/m.exec(finished.stderr.toString())?.[1];
  if (line === undefined) return undefined;
  return /password is required|interactive authentication is required|terminal is required/i.test(line)
    ? "password"
    : line;
}

const refused = (context: ScriptContext, detail: string): Trouble => ({
  kind: "sudo-refused",
  user: clean(context.user),
  detail: clean(detail),
});

async function withPassword(
  context: ScriptContext,
  input: string,
  signal: AbortSignal,
  limit: number,
): Promise<Outcome<Finished>> {
  const { shared, prompter, node, user } = context;
  const account = `${user}@${context.host}`;
  for (let attempt = 0; attempt < sudoTries; attempt++) {
    let password = shared.sudoPasswords.get(account);
    if (password === undefined) {
      const answer = await askOnce(shared, account, () =>
        prompter.ask({ kind: "sudo-password", node, user: clean(user), again: attempt > 0 }, signal),
      );
      if (answer.kind !== "secret") return bad(refused(context, "a password is needed, and none was given"));
      password = answer.secret;
    }
    const nonce = randomBytes(12).toString("hex");
    const ran = await runShell(
      context,
      `exec sudo -k -S -p ask-${nonce} -- /bin/sh -c 'printf go-${nonce} >&2; exec /bin/sh -s'`,
      { ask: `ask-${nonce}`, go: `go-${nonce}`, password, input },
      signal,
      limit,
    );
    if (!ran.ok) return ran;
    if (ran.value.started) {
      shared.sudoPasswords.set(account, password);
      return ran;
    }
    shared.sudoPasswords.delete(account);
    const line = /^sudo(?:-rs)?: (.*)$/m.exec(ran.value.stderr.toString())?.[1];
    if (line !== undefined && !/incorrect|no password|try again/i.test(line)) return bad(refused(context, line));
  }
  return bad(refused(context, "the password was wrong three times"));
}

type Answered = Awaited<ReturnType<Prompter["ask"]>>;
const asking = new WeakMap<SshShared, Map<string, Promise<Answered>>>();

/** Scripts that run side by side need the same password: it is asked once for all of them. */
function askOnce(shared: SshShared, account: string, ask: () => Promise<Answered>): Promise<Answered> {
  const open = asking.get(shared) ?? new Map<string, Promise<Answered>>();
  asking.set(shared, open);
  const before = open.get(account);
  if (before !== undefined) return before;
  const answer = ask().finally(() => open.delete(account));
  open.set(account, answer);
  return answer;
}

/** Input that waits for sudo: the password when it asks, the script when the shell stands. */
interface GuardedInput {
  ask: string;
  go: string;
  password: string;
  input: string;
}

interface Ran extends Finished {
  /** Whether the shell itself began. */
  started: boolean;
}

async function runShell(
  context: ScriptContext,
  command: string,
  input: string | GuardedInput,
  signal: AbortSignal,
  limit: number,
): Promise<Outcome<Ran>> {
  for (let attempt = 0; ; attempt++) {
    const channel = await openExec(context.client, command);
    if (channel.ok) return collect(channel.value, input, signal, limit, context.node);
    if (channel.trouble.kind !== "bad-answer" || attempt >= openRetries) return channel;
    await new Promise((resolve) => setTimeout(resolve, 100 * (attempt + 1)));
  }
}

function openExec(client: Client, command: string): Promise<Outcome<ClientChannel>> {
  return new Promise((resolve) => {
    const failed = (error: SshError) => {
      const detail = clean(error.message);
      resolve(
        bad(
          error.reason === undefined
            ? { kind: "connection-lost", detail }
            : { kind: "bad-answer", from: text`sshd`, detail },
        ),
      );
    };
    try {
      client.exec(command, (error: SshError | undefined, channel) => (error ? failed(error) : resolve(good(channel))));
    } catch (error) {
      failed(error as SshError);
    }
  });
}

function collect(
  channel: ClientChannel,
  input: string | GuardedInput,
  signal: AbortSignal,
  limit: number,
  node: NodeName,
): Promise<Outcome<Ran>> {
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    let code: number | undefined;
    let exited = false;
    let started = typeof input === "string";
    let asked = false;
    let overflow = false;
    const cancel = () => {
      resolve(bad({ kind: "cancelled" }));
      channel.close();
    };
    signal.addEventListener("abort", cancel, { once: true });
    const keep = (into: Buffer[], chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) into.push(chunk);
      else if (!overflow) {
        overflow = true;
        channel.close();
      }
    };
    const guard = (guarded: GuardedInput) => {
      const said = Buffer.concat(stderr).toString("latin1");
      if (!asked && said.includes(guarded.ask)) {
        asked = true;
        channel.write(`${guarded.password}\n`);
      } else if (asked && said.split(guarded.ask).length > 2) {
        // Asked again: it was wrong. Nothing more is sent, and sudo ends with its input.
        channel.end();
      }
      if (!started && said.includes(guarded.go)) {
        started = true;
        channel.end(guarded.input);
      }
    };
    channel.on("data", (chunk: Buffer) => keep(stdout, chunk));
    channel.stderr.on("data", (chunk: Buffer) => {
      keep(stderr, chunk);
      if (typeof input !== "string" && !started) guard(input);
    });
    channel.once("exit", (status: number | null) => {
      exited = true;
      code = status ?? undefined;
    });
    // Writing to a channel that closed is told by its close.
    channel.on("error", () => undefined);
    channel.once("close", () => {
      signal.removeEventListener("abort", cancel);
      if (overflow) resolve(bad({ kind: "bad-answer", from: node, detail: text`more than ${limit} bytes of output` }));
      else if (!exited) resolve(bad({ kind: "connection-lost", detail: text`the command was cut off` }));
      else
        resolve(
          good({ code, stdout: Buffer.concat(stdout), stderr: withoutNonces(Buffer.concat(stderr), input), started }),
        );
    });
    if (signal.aborted) cancel();
    else if (typeof input === "string") channel.end(input);
  });
}

function withoutNonces(stderr: Buffer, input: string | GuardedInput): Buffer {
  if (typeof input === "string") return stderr;
  return Buffer.from(stderr.toString("latin1").replaceAll(input.ask, "").replaceAll(input.go, ""), "latin1");
}
