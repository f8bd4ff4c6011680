import type { Client, ClientChannel } from "ssh2";
import { type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Finished } from "../transport.ts";
import { type Opener, openChannel } from "./open-channel.ts";

/** RFC 4254, 5.1: "open failed"; OpenSSH gives it for one session too many, and places come free a little late. */
const openRetries = 3;

/** How to get past sudo's question: the password goes out only when it is asked for, and all else only once root is there. */
export interface Passing {
  /** What sudo asks with, on stderr. */
  prompt: string;
  password: string;
  /** What the root shell says first, on stderr. */
  go: string;
}

/** Opens a session for one command line, which the login shell of the user reads: it must be made of constants and numbers. */
export const openExec = (client: Client, command: string, signal: AbortSignal): Promise<Outcome<ClientChannel>> =>
  openSession(client, (on, done) => on.exec(command, done), signal);

/** Opens a session, which is one of the few that sshd allows a connection. */
export async function openSession(client: Client, open: Opener, signal: AbortSignal): Promise<Outcome<ClientChannel>> {
  for (let attempt = 0; ; attempt++) {
    const channel = await openChannel(client, open, signal);
    if (channel.ok || channel.trouble.kind !== "bad-answer" || attempt >= openRetries) return channel;
    await new Promise((resolve) => setTimeout(resolve, 100 * (attempt + 1)));
  }
}

/**
 * Answers sudo on a channel; true once root is there, false when it ended before. A password is sent once: sent blindly
 * it would land in the input of the command where sudo asks for none, and a second one would lock accounts.
 */
export function passSudo(channel: ClientChannel, { prompt, password, go }: Passing): Promise<boolean> {
  return new Promise((resolve) => {
    let said = "";
    let sent = false;
    const listen = (chunk: Buffer) => {
      said += chunk.toString("latin1");
      if (said.includes(go)) settle(true);
      else if (!sent && said.includes(prompt)) {
        sent = true;
        channel.write(`${password}\n`);
        // sudo-rs writes its prompts in brackets of its own, so only what lies between counts.
      } else if (sent && said.split(prompt).length > 2) channel.eof();
    };
    const ended = () => settle(false);
    const settle = (through: boolean) => {
      channel.stderr.off("data", listen);
      channel.off("close", ended);
      resolve(through);
    };
    channel.stderr.on("data", listen);
    channel.once("close", ended);
  });
}

/**
 * Runs an opened command to its end and keeps what it wrote, up to `limit` bytes. `input` goes to its stdin, which stays
 * open: ssh2 closes a channel as soon as both sides have ended, and sshd then tells no exit code.
 */
export function collect(
  channel: ClientChannel,
  options: {
    input: string;
    passing?: Passing | undefined;
    signal: AbortSignal;
    limit: number;
    /** Bytes of our own among the output. */
    ours?: number;
    from: SafeText;
  },
): Promise<Outcome<Finished>> {
  const { input, passing, signal, limit, ours = 0, from } = options;
  return new Promise((resolve) => {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = -ours;
    const cancel = () => {
      resolve(bad({ kind: "cancelled" }));
      channel.close();
    };
    signal.addEventListener("abort", cancel, { once: true });
    const keep = (into: Buffer[]) => (chunk: Buffer) => {
      const fitted = bytes <= limit;
      bytes += chunk.length;
      if (bytes <= limit) into.push(chunk);
      else if (fitted) channel.close();
    };
    channel.on("data", keep(stdout));
    channel.stderr.on("data", keep(stderr));
    // Writing to a channel that closed is told by its close.
    channel.on("error", () => undefined);
    // ssh2's "exit" may be over before anybody can listen; its "close" says the same once all output was read.
    channel.once("close", (code: ExitCode) => {
      signal.removeEventListener("abort", cancel);
      if (bytes > limit) resolve(bad({ kind: "bad-answer", from, detail: text`more than ${limit} bytes of output` }));
      else if (code === undefined)
        resolve(bad({ kind: "connection-lost", detail: text`cut off in the middle of a command` }));
      else resolve(good({ code: code ?? undefined, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) }));
    });
    if (signal.aborted) cancel();
    else if (passing === undefined) channel.write(input);
    else void passSudo(channel, passing).then((through) => through && channel.write(input));
  });
}

/** null: a signal ended the command; undefined: the channel ended before the command did. */
export type ExitCode = number | null | undefined;
