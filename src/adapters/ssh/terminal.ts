import { constants } from "node:os";
import type { ClientChannel, PseudoTtyOptions } from "ssh2";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Output, Session, SessionEnd, TerminalSize } from "../../ports/shells.ts";
import { feed } from "../program-input.ts";
import type { TerminalAsked } from "../terminals.ts";
import { type ExitCode, openSession } from "./exec.ts";
import type { ScriptPlace } from "./script.ts";

/** What terminals call themselves (term(7)); anything else would not be found there either. */
const terminalName = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;

/** Opens a terminal on the node (RFC 4254, 6.2). */
export async function openTerminal(
  place: ScriptPlace,
  { size, term, program }: TerminalAsked,
  output: Output,
  signal: AbortSignal,
): Promise<Outcome<Session>> {
  const pty: PseudoTtyOptions = {
    term: terminalName.test(term) ? term : "xterm",
    cols: size.columns,
    rows: size.rows,
    width: 0,
    height: 0,
  };
  const channel = await openSession(
    place.client,
    (client, done) => {
      if (program.kind === "login") client.shell(pty, done);
      else client.exec(networkShell(place.user, program.pid), { pty }, done);
    },
    signal,
  );
  return channel.ok ? good(new TerminalSession(channel.value, output)) : channel;
}

/** nsenter(1) without a program runs $SHELL, or /bin/sh. A password that sudo wants it asks for on this terminal. */
const networkShell = (user: string, pid: number): string =>
  `exec ${user === "root" ? "" : "sudo -- "}nsenter -t ${Math.trunc(pid)} -n`;

class TerminalSession implements Session {
  readonly ended: Promise<SessionEnd>;
  readonly #channel: ClientChannel;
  #over = false;
  #closed = false;

  constructor(channel: ClientChannel, output: Output) {
    this.#channel = channel;
    const code = new Promise<SessionEnd>((resolve) => {
      channel.once("close", (exit: ExitCode, name?: NodeJS.Signals) => resolve(this.#endOf(exit, name)));
    });
    // Writing to a channel that closed is told by its close; an unread stderr would stop it.
    channel.on("error", () => undefined);
    channel.stderr.resume();
    this.ended = this.#read(output).then(async () => {
      const end = await code;
      this.#over = true;
      return end;
    });
  }

  write(input: Uint8Array): Promise<void> {
    return this.#over ? Promise.resolve() : feed(this.#channel, input);
  }

  endInput(): void {
    if (!this.#over) this.#channel.eof();
  }

  resize({ rows, columns }: TerminalSize): void {
    if (!this.#over && this.#channel.writable) this.#channel.setWindow(rows, columns, 0, 0);
  }

  close(): void {
    this.#closed = true;
    this.#channel.close();
    // Without a reader ssh2 never tells that the channel is closed.
    this.#channel.resume();
  }

  async #read(output: Output): Promise<void> {
    let written = Promise.resolve();
    await new Promise<void>((resolve) => {
      this.#channel.on("data", (chunk: Buffer) => {
        const taken = output(chunk, "stdout");
        if (taken === undefined) return;
        this.#channel.pause();
        written = taken.then(() => {
          this.#channel.resume();
        });
      });
      this.#channel.once("close", () => resolve());
    });
    await written;
  }

  #endOf(exit: ExitCode, name: NodeJS.Signals | undefined): SessionEnd {
    if (this.#closed) return { end: "lost", trouble: { kind: "cancelled" } };
    if (typeof exit === "number") return { end: "exited", code: exit };
    if (exit === null) return { end: "exited", code: 128 + numberOf(name) };
    return {
      end: "lost",
      trouble: { kind: "connection-lost", detail: text`cut off while the shell was open` },
    };
  }
}

/** RFC 4254, 6.10: signals travel by name, without "SIG"; ssh2 puts it back in front. */
const numberOf = (name: NodeJS.Signals | undefined): number =>
  name === undefined ? 0 : (constants.signals[name] ?? 0);
