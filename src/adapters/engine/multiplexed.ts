import { type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";

/** A piece of a container's output. "engine" is the engine's own word about the stream (moby pkg/stdcopy, Systemerr). */
export interface Piece {
  source: "stdin" | "stdout" | "stderr" | "engine";
  bytes: Uint8Array;
}

/** By the first byte of a header (moby pkg/stdcopy/stdcopy.go, StdType). */
const sources = ["stdin", "stdout", "stderr", "engine"] as const;
const headerLength = 8;

/**
 * Reads the engine's multiplexed output (logs, attach and exec without a terminal): frames of an 8-byte header,
 * { source, 0, 0, 0, length as 4 bytes big endian }, and the payload (Docker Engine API, "Stream format").
 * Payload is handed on as it comes, however frames and chunks are cut; each byte is looked at once and none is kept.
 * Not for a container with a terminal: that output has no frames.
 */
export class MultiplexedReader {
  readonly #from: SafeText;
  readonly #header = Buffer.alloc(headerLength);
  #headerFilled = 0;
  #payloadLeft = 0;
  #source: Piece["source"] = "stdout";
  #broken = false;

  constructor(from: SafeText) {
    this.#from = from;
  }

  /** The pieces in `chunk`, which share its memory. After a `bad-answer` every further call is one too. */
  read(chunk: Uint8Array): Outcome<readonly Piece[]> {
    const pieces: Piece[] = [];
    let at = 0;
    while (at < chunk.length && !this.#broken) {
      if (this.#payloadLeft > 0) {
        const bytes = chunk.subarray(at, at + this.#payloadLeft);
        pieces.push({ source: this.#source, bytes });
        this.#payloadLeft -= bytes.length;
        at += bytes.length;
      } else {
        const part = chunk.subarray(at, at + headerLength - this.#headerFilled);
        this.#header.set(part, this.#headerFilled);
        this.#headerFilled += part.length;
        at += part.length;
        if (this.#headerFilled === headerLength) this.#startFrame();
      }
    }
    if (this.#broken) {
      return bad({
        kind: "bad-answer",
        from: this.#from,
        detail: text`no frame header where one belongs (${hex(this.#header)}): is it the output of a terminal?`,
      });
    }
    return good(pieces);
  }

  /** Whether the stream may end here: not inside a header or a payload. */
  get complete(): boolean {
    return !this.#broken && this.#headerFilled === 0 && this.#payloadLeft === 0;
  }

  #startFrame(): void {
    const source = sources[this.#header.readUInt8(0)];
    const padding = this.#header.readUIntBE(1, 3);
    if (source === undefined || padding !== 0) {
      this.#broken = true;
      return;
    }
    this.#source = source;
    this.#payloadLeft = this.#header.readUInt32BE(4);
    this.#headerFilled = 0;
  }
}

/** Hex digits are safe by themselves. */
const hex = (bytes: Buffer): SafeText => bytes.toString("hex") as SafeText;
