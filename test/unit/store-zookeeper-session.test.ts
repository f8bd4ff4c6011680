import { Duplex } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ZooKeeperSession } from "../../src/adapters/store/zookeeper-session.ts";
import { text } from "../../src/domain/text.ts";

const from = text`ZooKeeper at test`;

/** A stream whose other end is the test: `sent` is what the session wrote, `feed` what the server says. */
function pipe() {
  const sent: Buffer[] = [];
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      sent.push(chunk);
      done();
    },
  });
  return { stream, sent, feed: (bytes: Uint8Array) => stream.push(bytes) };
}

const packet = (...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
};
const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const ustring = (value: string): Buffer => Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);
/** xid, zxid, err. */
const replyHeader = (number: number, error = 0): Buffer => Buffer.concat([int(number), Buffer.alloc(8), int(error)]);
const stat = Buffer.alloc(68);
/** ConnectResponse: version, timeout, session, 16 bytes of password. */
const welcome = packet(int(0), int(15_000), Buffer.alloc(8), int(16), Buffer.alloc(16));

test("a session opens with the protocol's first packet and answers find their questions, whatever their order", async () => {
  const { stream, sent, feed } = pipe();
  const session = new ZooKeeperSession(stream, from);
  const connected = session.connect();
  expect(sent[0]?.subarray(0, 20).toString("hex")).toBe(`${"0000002d"}${"00000000"}${"0000000000000000"}${"00003a98"}`);
  feed(welcome);
  expect(await connected).toEqual({ ok: true, value: undefined });
  const children = session.children("/docker/nodes");
  const data = session.data("/docker/x");
  const missing = session.data("/docker/gone");
  const replies = [
    packet(replyHeader(3, -101)),
    packet(replyHeader(-1), int(1), int(3), ustring("/docker/nodes")),
    packet(replyHeader(2), ustring('{"name":"ov_net1"}'), stat),
    packet(replyHeader(1), int(2), ustring("10.99.0.1:2376"), ustring("10.99.0.2:2376"), stat),
  ];
  for (const byte of Buffer.concat(replies)) feed(Buffer.of(byte));
  expect(await children).toEqual({ ok: true, value: ["10.99.0.1:2376", "10.99.0.2:2376"] });
  expect(await data).toEqual({ ok: true, value: '{"name":"ov_net1"}' });
  expect(await missing).toEqual({ ok: true, value: undefined });
  session.close();
  expect(await session.data("/docker/x")).toMatchObject({ ok: false });
});

test("a record that promises more than it holds is a bad answer", async () => {
  const { stream, feed } = pipe();
  const session = new ZooKeeperSession(stream, from);
  session.connect();
  feed(welcome);
  const children = session.children("/docker/nodes");
  feed(packet(replyHeader(1), int(2_000_000_000), ustring("one")));
  expect(await children).toMatchObject({ ok: false, trouble: { kind: "bad-answer" } });
});

test("a lost stream answers every question", async () => {
  const { stream, feed } = pipe();
  const session = new ZooKeeperSession(stream, from);
  session.connect();
  feed(welcome);
  const children = session.children("/docker/nodes");
  stream.destroy(new Error("read ECONNRESET"));
  expect(await children).toEqual({ ok: false, trouble: { kind: "connection-lost", detail: "read ECONNRESET" } });
});

test("random bytes never make a session throw or leave a question open", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 64 })), async (chunks) => {
      const { stream, feed } = pipe();
      const session = new ZooKeeperSession(stream, from);
      const questions = [session.connect(), session.children("/docker/nodes"), session.data("/docker/x")];
      for (const chunk of chunks) if (chunk.length > 0) feed(chunk);
      stream.push(null);
      for (const outcome of await Promise.all(questions)) expect(outcome).toHaveProperty("ok");
    }),
  );
});
