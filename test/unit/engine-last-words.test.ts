import { afterEach, expect, test } from "vitest";
import { createEngineControl } from "../../src/adapters/engine/engine-control.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { asContainerId, asNodeName } from "../../src/domain/ids.ts";
import { clean } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { type Answerer, type FakeEngine, fakeEngine, json } from "./fake-engine.ts";

const within = { ms: 5000 };
const id = asContainerId("c".repeat(64)) ?? expect.fail("no id");
let engine: FakeEngine | undefined;

afterEach(() => engine?.stop());

/** One frame of the multiplexed stream: source, three zeros, length, payload. */
function frame(source: number, words: string): Buffer {
  const header = Buffer.from([source, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(words), 4);
  return Buffer.concat([header, Buffer.from(words)]);
}

async function lastWords(answer: Answerer, lines = 5) {
  engine = await fakeEngine(answer, "1.41");
  const node = asNodeName("node103") ?? expect.fail("no name");
  const control = createEngineControl(engine.transport, node, systemClock, () => Promise.resolve(good(clean("1.41"))));
  return control.lastWords(id, lines, within);
}

test("a container's last lines come without their frames, stdout and stderr as they were written", async () => {
  const words = await lastWords((path, response) => {
    if (path.endsWith("/json")) return json(response, { Config: { Tty: false } });
    response.write(frame(1, "starting\n"));
    response.end(frame(2, "==> Failed to bind\nto port 8500\n"));
  });
  expect(words).toEqual(good(["starting", "==> Failed to bind", "to port 8500"]));
  expect(engine?.asked.at(-1)).toMatch(/logs\?stdout=true&stderr=true&tail=5$/);
});

test("output of a terminal has no frames and is made safe for ours", async () => {
  const words = await lastWords((path, response) => {
    if (path.endsWith("/json")) json(response, { Config: { Tty: true } });
    else response.end("\u001b[31mred\u001b[0m\r\nlast\r\n");
  });
  expect(words).toEqual(good(["red", "last"]));
});

test("a container that is gone said nothing", async () => {
  const words = await lastWords((_path, response) => {
    response.statusCode = 404;
    json(response, { message: "No such container" });
  });
  expect(words).toEqual(good([]));
});
