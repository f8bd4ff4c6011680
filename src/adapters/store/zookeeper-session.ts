import type { Duplex } from "node:stream";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";

/** Operations and errors (Apache ZooKeeper, ZooDefs.OpCode and KeeperException.Code). */
const operation = { getData: 4, getChildren2: 12, closeSession: -11 } as const;
const noError = 0;
const noNode = -101;
/** Numbers below belong to what was not asked: a watch that fired (-1), a ping (-2). */
const firstOwnNumber = 1;

/** What this client asks for, ms; a session ends by itself when nothing was heard for so long. */
const sessionMs = 15_000;
/** Longest packet read, bytes; the server's own limit is 1 MiB unless its jute.maxbuffer says otherwise. */
const longestPacket = 16 * 1024 * 1024;
const longestPath = 8 * 1024;

/**
 * A read-only ZooKeeper session over a stream that is open already, which no client on npm can be given.
 * Packets: 4 bytes of length, then a record of zookeeper-jute/src/main/resources/zookeeper.jute: ConnectRequest and
 * ConnectResponse first, then RequestHeader with the question, ReplyHeader with the answer. All numbers big endian.
 */
export class ZooKeeperSession {
  readonly #socket: Duplex;
  readonly #from: SafeText;
  readonly #asked = new Map<number, (answer: Outcome<Buffer | undefined>) => void>();
  #unread: Buffer = Buffer.alloc(0);
  #connected: ((outcome: Outcome<undefined>) => void) | undefined;
  #number = firstOwnNumber;
  #ended: Trouble | undefined;

  constructor(socket: Duplex, from: SafeText) {
    this.#socket = socket;
    this.#from = from;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    const lost = (detail: SafeText) => this.#end({ kind: "connection-lost", detail });
    socket.on("error", (error) => lost(clean(error.message)));
    socket.once("end", () => lost(text`${from} closed the connection`));
    socket.once("close", () => lost(text`${from} closed the connection`));
  }

  /** Opens the session; everything else comes after it. */
  connect(): Promise<Outcome<undefined>> {
    const request = Buffer.alloc(4 + 8 + 4 + 8 + 4 + 16 + 1);
    // protocolVersion 0, lastZxidSeen 0, timeOut, sessionId 0 (a new one), 16 bytes of empty passwd, readOnly no.
    request.writeInt32BE(sessionMs, 12);
    request.writeInt32BE(16, 24);
    return new Promise((resolve) => {
      if (this.#ended !== undefined) return resolve(bad(this.#ended));
      this.#connected = resolve;
      this.#send(request);
    });
  }

  /** Names of the nodes below `path`; none when there is no such node. */
  async children(path: string): Promise<Outcome<readonly string[]>> {
    const answer = await this.#ask(operation.getChildren2, path);
    if (!answer.ok) return answer;
    return answer.value === undefined ? good([]) : this.#reading(answer.value, readStrings);
  }

  /** The node's value; undefined when there is no such node. */
  async data(path: string): Promise<Outcome<string | undefined>> {
    const answer = await this.#ask(operation.getData, path);
    if (!answer.ok) return answer;
    return answer.value === undefined
      ? good(undefined)
      : this.#reading(answer.value, (body) => readText(body, 0).value);
  }

  /** Ends the session at the server too, and the stream. */
  close(): void {
    if (this.#ended !== undefined) return;
    const header = Buffer.alloc(8);
    header.writeInt32BE(this.#number, 0);
    header.writeInt32BE(operation.closeSession, 4);
    this.#send(header);
    this.#end({ kind: "cancelled" });
  }

  #ask(kind: number, path: string): Promise<Outcome<Buffer | undefined>> {
    const name = Buffer.from(path);
    if (this.#ended !== undefined) return Promise.resolve(bad(this.#ended));
    if (name.length > longestPath) {
      return Promise.resolve(bad({ kind: "bad-answer", from: this.#from, detail: text`a node's path is too long` }));
    }
    const request = Buffer.alloc(4 + 4 + 4 + name.length + 1);
    const number = this.#number++;
    request.writeInt32BE(number, 0);
    request.writeInt32BE(kind, 4);
    request.writeInt32BE(name.length, 8);
    // The last byte stays 0: no watch.
    name.copy(request, 12);
    return new Promise((resolve) => {
      this.#asked.set(number, resolve);
      this.#send(request);
    });
  }

  #send(record: Buffer): void {
    const length = Buffer.alloc(4);
    length.writeInt32BE(record.length);
    this.#socket.write(Buffer.concat([length, record]));
  }

  #read(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    while (this.#unread.length >= 4 && this.#ended === undefined) {
      const length = this.#unread.readInt32BE(0);
      if (length < 0 || length > longestPacket) {
        this.#end({ kind: "bad-answer", from: this.#from, detail: text`a packet of ${length} bytes` });
        return;
      }
      if (this.#unread.length < 4 + length) return;
      const packet = this.#unread.subarray(4, 4 + length);
      this.#unread = this.#unread.subarray(4 + length);
      this.#take(packet);
    }
  }

  #take(packet: Buffer): void {
    if (this.#connected !== undefined) {
      const connected = this.#connected;
      this.#connected = undefined;
      connected(good(undefined));
      return;
    }
    // ReplyHeader: xid, zxid, err.
    if (packet.length < 16) {
      this.#end({ kind: "bad-answer", from: this.#from, detail: text`a reply of ${packet.length} bytes` });
      return;
    }
    const number = packet.readInt32BE(0);
    const error = packet.readInt32BE(12);
    const resolve = this.#asked.get(number);
    if (resolve === undefined) return;
    this.#asked.delete(number);
    if (error === noNode) resolve(good(undefined));
    else if (error === noError) resolve(good(packet.subarray(16)));
    else resolve(bad({ kind: "store-refused", from: this.#from, detail: text`error ${error} (KeeperException.Code)` }));
  }

  #reading<T>(body: Buffer, read: (body: Buffer) => T): Outcome<T> {
    try {
      return good(read(body));
    } catch (error) {
      // Buffer's RangeError: the record is shorter than it says.
      if (!(error instanceof RangeError)) throw error;
      return bad({ kind: "bad-answer", from: this.#from, detail: text`a record that ends too early` });
    }
  }

  #end(trouble: Trouble): void {
    if (this.#ended !== undefined) return;
    this.#ended = trouble;
    this.#connected?.(bad(trouble));
    for (const resolve of this.#asked.values()) resolve(bad(trouble));
    this.#asked.clear();
    // The goodbye may still be on its way.
    this.#socket.end(() => this.#socket.destroy());
  }
}

/** A ustring or buffer at `at`: 4 bytes of length, -1 for none, and the bytes. */
function readText(body: Buffer, at: number): { value: string; next: number } {
  const length = Math.max(0, body.readInt32BE(at));
  const next = at + 4 + length;
  if (next > body.length) throw new RangeError("past the end");
  return { value: body.toString("utf8", at + 4, next), next };
}

/** A vector of ustrings; what follows it (the node's Stat) is left. */
function readStrings(body: Buffer): string[] {
  const strings: string[] = [];
  const size = Math.max(0, body.readInt32BE(0));
  let at = 4;
  for (let index = 0; index < size; index += 1) {
    const { value, next } = readText(body, at);
    strings.push(value);
    at = next;
  }
  return strings;
}
