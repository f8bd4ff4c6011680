import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonLines } from "../../src/adapters/engine/json-lines.ts";
import { MultiplexedReader } from "../../src/adapters/engine/multiplexed.ts";
import { text } from "../../src/domain/text.ts";

const from = text`node103: GET /test`;

/** Cuts `bytes` at the places given, as a network does. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}
const places = fc.array(fc.nat(), { maxLength: 30 });

/** A frame as the engine makes it: moby pkg/stdcopy, NewStdWriter. */
function frame(source: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(source, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

test("lines come out whole and in order however the network cuts them, characters of several bytes included", () => {
  const line = fc.string({ unit: "grapheme", minLength: 1 }).filter((one) => !/[\n\r]/.test(one) && one.trim() !== "");
  fc.assert(
    fc.property(fc.array(line), places, (lines, where) => {
      const reader = new JsonLines(from);
      const seen = cut(Buffer.from(lines.map((one) => `${one}\n`).join("")), where).flatMap((chunk) => {
        const read = reader.read(chunk);
        return read.ok ? read.value : expect.fail("a bad answer");
      });
      expect(seen).toEqual(lines);
      expect(reader.rest).toBe("");
    }),
  );
});

test("a line without end is given up before it fills the memory", () => {
  const reader = new JsonLines(from, 1000);
  expect(reader.read(Buffer.alloc(900, "x")).ok).toBe(true);
  expect(reader.read(Buffer.alloc(200, "x"))).toMatchObject({ ok: false, trouble: { kind: "bad-answer" } });
});

test("a container's output comes out as it went in, source by source, however frames and chunks are cut", () => {
  const piece = fc.record({ source: fc.constantFrom(1, 2), payload: fc.uint8Array({ maxLength: 50 }) });
  fc.assert(
    fc.property(fc.array(piece), places, (written, where) => {
      const reader = new MultiplexedReader(from);
      const stream = Buffer.concat(written.map(({ source, payload }) => frame(source, Buffer.from(payload))));
      const pieces = cut(stream, where).flatMap((chunk) => {
        const read = reader.read(chunk);
        return read.ok ? read.value : expect.fail("a bad answer");
      });
      for (const [number, name] of [
        [1, "stdout"],
        [2, "stderr"],
      ] as const) {
        const sent = Buffer.concat(written.filter((one) => one.source === number).map((one) => one.payload));
        const read = Buffer.concat(pieces.filter((one) => one.source === name).map((one) => one.bytes));
        expect(read).toEqual(sent);
      }
      expect(reader.complete).toBe(true);
    }),
  );
});

test("a hundred thousand frames of one byte in one chunk are no trouble", () => {
  const reader = new MultiplexedReader(from);
  const read = reader.read(Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, Buffer.from("x")))));
  expect(read.ok && read.value.length).toBe(100_000);
});

test("the output of a terminal is told from frames, and stays refused", () => {
  const reader = new MultiplexedReader(from);
  expect(reader.read(Buffer.from("root@node1:~# ls\r\n"))).toMatchObject({
    ok: false,
    trouble: { kind: "bad-answer", detail: expect.stringContaining("terminal") },
  });
  expect(reader.read(frame(1, Buffer.from("x"))).ok).toBe(false);
  expect(reader.complete).toBe(false);
});

test("output that ends inside a frame is known to be incomplete", () => {
  const reader = new MultiplexedReader(from);
  reader.read(frame(1, Buffer.from("all of it")).subarray(0, 12));
  expect(reader.complete).toBe(false);
});

test("random bytes never make the readers throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (chunks) => {
      const lines = new JsonLines(from, 64);
      const frames = new MultiplexedReader(from);
      for (const chunk of chunks) {
        lines.read(chunk);
        frames.read(chunk);
      }
    }),
  );
});
