import type { ReadStream } from "node:tty";
import type { OpenShell } from "../../services/shell/open-shell.ts";
import { untilDetach } from "./detach-key.ts";
import { statusAnswer } from "./modes.ts";

/** Answers to what a program asked the terminal may be on their way for so long; over a slow line they are. */
const answersMs = 1000;
/** More of a paste than this waits in the terminal until the program took some of it. */
const mostQueued = 16 * 1024 * 1024;

const hangUps = ["SIGHUP", "SIGTERM"] as const;

/** Why a session is left before its end. */
export type LeftBy = "key" | (typeof hangUps)[number];

/**
 * What is typed, byte by byte, for a session: kept until there is one. Nothing is read for itself but the key that comes
 * back. A terminal that hangs up, and a signal that ends this program, leave the session as well.
 */
export class KeysForSession {
  readonly left: Promise<LeftBy>;
  readonly #input: ReadStream;
  readonly #leave: (by: LeftBy) => void;
  #session: Pick<OpenShell, "write"> | undefined;
  #early: Buffer[] = [];
  #queued = 0;
  #isLeft = false;
  #answered: ((tail: string) => void) | undefined;
  #tail = "";

  /** Begins to read, in raw mode. */
  constructor(input: ReadStream) {
    this.#input = input;
    const { promise, resolve } = Promise.withResolvers<LeftBy>();
    this.left = promise;
    this.#leave = (by) => {
      this.#isLeft = true;
      resolve(by);
    };
    input.setRawMode(true);
    // Not "data": a stream that goes from flowing to being read and back, as Ink reads it, may stop for good.
    input.on("readable", this.#read);
    input.once("end", this.#hungUp);
    for (const signal of hangUps) process.on(signal, this.#leave);
    input.ref();
  }

  /** From now on keys go to `session`, and those that were pressed before. */
  to(session: Pick<OpenShell, "write">): void {
    this.#session = session;
    for (const bytes of this.#early.splice(0)) this.#send(bytes, session);
  }

  /**
   * Throws away what comes, until the terminal answers to what `ask` asks it. A program may have made it answer with keys
   * of its choice (the title, say), and they must not be taken for the operator's.
   */
  async drained(ask: () => void): Promise<void> {
    this.#isLeft = true;
    this.#read();
    if (this.#input.readableEnded || this.#input.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, answersMs);
    this.#answered = (tail) => {
      if (tail.includes(statusAnswer)) resolve();
    };
    ask();
    await promise;
    clearTimeout(late);
    this.#answered = undefined;
  }

  /** Reads no more; raw mode is off. What was not read is left to whoever reads next. */
  end(): void {
    const input = this.#input;
    input.off("readable", this.#read);
    input.off("end", this.#hungUp);
    for (const signal of hangUps) process.off(signal, this.#leave);
    if (!input.destroyed) input.setRawMode(false);
  }

  readonly #hungUp = (): void => this.#leave("SIGHUP");

  readonly #read = (): void => {
    while (this.#isLeft || this.#queued <= mostQueued) {
      const chunk: Buffer | string | null = this.#input.read();
      if (chunk === null) return;
      this.#heard(chunk);
    }
  };

  /** Text where somebody before us set an encoding, which cannot be taken back; bytes elsewhere. */
  #heard(chunk: Buffer | string): void {
    const encoding = typeof chunk === "string" ? "utf8" : "latin1";
    const heard = chunk.toString(encoding);
    this.#tail = (this.#tail + heard).slice(-64 - heard.length);
    this.#answered?.(this.#tail);
    if (this.#isLeft) return;
    const { forward, detached } = untilDetach(heard);
    const bytes = Buffer.from(forward, encoding);
    if (this.#session === undefined) this.#early.push(bytes);
    else if (bytes.length > 0) this.#send(bytes, this.#session);
    if (detached) this.#leave("key");
  }

  #send(bytes: Buffer, session: Pick<OpenShell, "write">): void {
    this.#queued += bytes.length;
    void session.write(bytes).then(() => {
      const waited = this.#queued > mostQueued;
      this.#queued -= bytes.length;
      if (waited) this.#read();
    });
  }
}
