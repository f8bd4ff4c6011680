import { Duplex } from "node:stream";
import { inspect } from "node:util";
import type { ClientChannel } from "ssh2";
import type { ExitCode } from "./exec.ts";

/** What a command's end means when not one byte came before it: why it failed, or undefined for nothing special. */
export type EmptyEnd = (code: ExitCode) => Error | undefined;

/**
 * An SSH channel in the shape of a net.Socket, as node:http and the Docker client want one. ssh2's own channel is not
 * that: it never counts as destroyed, and what is written after its end is never called back.
 */
export class ChannelSocket extends Duplex {
  readonly #channel: ClientChannel;
  #timer: NodeJS.Timeout | undefined;
  #idleMs = 0;
  #bytes = 0;
  /** node:http and ssh2 ask sockets for it. */
  readonly connecting = false;

  constructor(channel: ClientChannel, emptyEnd?: EmptyEnd) {
    // Half-open streams are never closed by hijacked exec sessions: the channel would stay for ever.
    super({ allowHalfOpen: false, autoDestroy: true, highWaterMark: 65_536 });
    this.#channel = channel;
    channel.on("data", (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#touch();
      if (!this.push(chunk)) channel.pause();
    });
    channel.once("end", () => {
      if (this.#bytes > 0 || emptyEnd === undefined) this.push(null);
    });
    // The exit code of a command may come after the end of its output; ssh2 tells of the close last.
    channel.once("close", (code: ExitCode) => {
      const error = this.#bytes === 0 ? emptyEnd?.(code) : undefined;
      if (error === undefined) this.push(null);
      else this.destroy(error);
    });
    channel.on("error", (error: Error) => this.destroy(error));
    // An unread stderr stops the whole channel.
    channel.stderr?.resume();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#touch();
    if (!this.#channel.writable) {
      done(Object.assign(new Error("the channel is closed"), { code: "EPIPE" }));
      return;
    }
    // ssh2 does not call back when the channel closes meanwhile.
    let called = false;
    const once = (error?: Error | null) => {
      if (called) return;
      called = true;
      this.#channel.off("close", closed);
      done(error);
    };
    const closed = () => once(Object.assign(new Error("the channel closed"), { code: "EPIPE" }));
    this.#channel.once("close", closed);
    this.#channel.write(chunk, once);
  }

  override _final(done: (error?: Error | null) => void): void {
    // Not end(): with both sides ended ssh2 closes the channel before a command's exit code is there.
    this.#channel.eof();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer);
    this.#channel.close();
    // Without a reader ssh2 never tells that the channel is closed, and keeps it.
    this.#channel.resume();
    done(error);
  }

  /** As net.Socket: "timeout" after so long without a byte; 0 ends it. */
  setTimeout(ms: number, listener?: () => void): this {
    this.#idleMs = ms;
    if (listener !== undefined) {
      if (ms === 0) this.removeListener("timeout", listener);
      else this.once("timeout", listener);
    }
    this.#touch();
    return this;
  }

  #touch(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#idleMs > 0 ? setTimeout(() => this.emit("timeout"), this.#idleMs) : undefined;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** docker-modem inspects its options on every request, and the whole connection hangs on this. */
  [inspect.custom](): string {
    return "[ChannelSocket]";
  }
}
