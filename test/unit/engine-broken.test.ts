import { afterEach, expect, test } from "vitest";
import { type ConnectedEngine, createEngine } from "../../src/adapters/engine/engine.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import type { EngineEvent } from "../../src/domain/engine.ts";
import { asContainerId, asNodeName } from "../../src/domain/ids.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { ManualClock } from "../manual-clock.ts";
import { type Answerer, type FakeEngine, fakeEngine, json } from "./fake-engine.ts";

const node = asNodeName("node103") ?? expect.fail("a name");
const someId = asContainerId("a".repeat(64)) ?? expect.fail("an id");
const soon = { ms: 5000 };
const open: { fake: FakeEngine; engine: ConnectedEngine }[] = [];

async function engineThat(answer: Answerer, options: { clock?: Clock; apiVersion?: string | undefined } = {}) {
  const fake = await fakeEngine(answer, "apiVersion" in options ? options.apiVersion : "1.41");
  const engine = createEngine(fake.transport, node, options.clock ?? systemClock);
  open.push({ fake, engine });
  return { fake, engine };
}

afterEach(async () => {
  for (const { fake, engine } of open.splice(0)) {
    engine.close();
    await fake.stop();
    await expect.poll(() => fake.transport.open, { message: "no socket outlives its engine" }).toBe(0);
  }
});

/** Follows the events until the stream ends; what came is kept. */
function follow(engine: ConnectedEngine, sinceNano?: string) {
  const seen = { opened: 0, events: [] as EngineEvent[], ends: [] as Trouble[] };
  let over: (trouble: Trouble) => void = () => {};
  const ended = new Promise<Trouble>((resolve) => {
    over = resolve;
  });
  const subscription = engine.events(sinceNano, {
    opened: () => {
      seen.opened += 1;
    },
    event: (event) => seen.events.push(event),
    ended: (trouble) => {
      seen.ends.push(trouble);
      over(trouble);
    },
  });
  return { seen, ended, subscription };
}

const event = (action: string, timeNano: string) =>
  `{"Type":"container","Action":"${action}","Actor":{"ID":"${someId}","Attributes":{"name":"node1"}},"time":1,"timeNano":${timeNano}}\n`;

test("an answer that breaks off in the middle is a lost connection at once, not a call that hangs", async () => {
  const { engine } = await engineThat((_path, response) => {
    response.writeHead(200, { "Content-Length": "1000" });
    response.write('[{"Id":"');
    setTimeout(() => response.destroy(), 20);
  });
  expect(await engine.containers({ ms: 60_000 })).toMatchObject({ ok: false, trouble: { kind: "connection-lost" } });
});

test("an engine that takes the question and never answers has timed out at the deadline", async () => {
  const clock = new ManualClock();
  const { fake, engine } = await engineThat(() => {}, { clock });
  const answer = engine.containers(soon);
  await fake.wasAsked(/containers/);
  await clock.advance(5000);
  expect(await answer).toEqual({
    ok: false,
    trouble: { kind: "timed-out", what: "node103: GET /containers/json", afterMs: 5000 },
  });
  await expect
    .poll(() => fake.transport.open, { message: "the socket of the call that was given up is closed" })
    .toBe(0);
});

test("an engine that stops in the middle of its answer has timed out as well", async () => {
  const clock = new ManualClock();
  const { fake, engine } = await engineThat(
    (_path, response) => {
      response.write("[");
    },
    { clock },
  );
  const answer = engine.networks(soon);
  await fake.wasAsked(/networks/);
  await clock.advance(5000);
  expect(await answer).toMatchObject({ ok: false, trouble: { kind: "timed-out" } });
});

test("a call that its caller gives up is cancelled", async () => {
  const { fake, engine } = await engineThat(() => {});
  const controller = new AbortController();
  const answer = engine.containers({ ms: 60_000, signal: controller.signal });
  await fake.wasAsked(/containers/);
  controller.abort();
  expect(await answer).toEqual({ ok: false, trouble: { kind: "cancelled" } });
});

test("what is not JSON, or not what was asked for, is a bad answer that says where", async () => {
  const { engine } = await engineThat((path, response) => {
    if (path.endsWith("/containers/json")) response.end("<html>proxy error</html>");
    else json(response, [{ Id: "b".repeat(64), Name: 7 }]);
  });
  expect(await engine.containers(soon)).toEqual({
    ok: false,
    trouble: {
      kind: "bad-answer",
      from: "node103: GET /containers/json",
      detail: "not JSON: <html>proxy error</html>",
    },
  });
  expect(await engine.networks(soon)).toMatchObject({
    ok: false,
    trouble: { kind: "bad-answer", detail: expect.stringMatching(/^0\.Name: /) },
  });
});

test("a refusal is told in the engine's words, whether it came as JSON or bare", async () => {
  const { engine } = await engineThat((path, response) => {
    if (path.endsWith("/nodes")) {
      response.statusCode = 503;
      json(response, { message: "This node is not a swarm manager." });
    } else {
      response.statusCode = 500;
      response.end("open /var/lib/docker: no space left on device\n");
    }
  });
  expect(await engine.swarmNodes(soon)).toEqual({
    ok: false,
    trouble: { kind: "engine-refused", status: 503, detail: "This node is not a swarm manager." },
  });
  expect(await engine.networks(soon)).toEqual({
    ok: false,
    trouble: { kind: "engine-refused", status: 500, detail: "open /var/lib/docker: no space left on device" },
  });
});

test("escape sequences in a refusal cannot reach the screen", async () => {
  const { engine } = await engineThat((_path, response) => {
    response.statusCode = 500;
    json(response, { message: "no \u001b[31mroom\u001b]0;owned\u0007 \u202eleft" });
  });
  const answer = await engine.networks(soon);
  expect(JSON.stringify(answer)).not.toMatch(/[\u0000-\u001f\u202e]/);
});

test("the oldest engine spoken to is of API 1.24", async () => {
  const { engine } = await engineThat((_path, response) => json(response, []), { apiVersion: "1.23" });
  expect(await engine.containers(soon)).toEqual({
    ok: false,
    trouble: { kind: "api-too-old", version: "1.23", needs: "1.24" },
  });
});

test("an engine that names no API version is taken for 1.24, an engine of the future gets the newest known here", async () => {
  const old = await engineThat((_path, response) => json(response, []), { apiVersion: undefined });
  await old.engine.networks(soon);
  expect(old.fake.asked).toContain("/v1.24/networks");
  const future = await engineThat((_path, response) => json(response, []), { apiVersion: "1.99" });
  await future.engine.networks(soon);
  expect(future.fake.asked).toContain("/v1.51/networks");
});

test("after an engine was replaced by another version, asking for its info settles the API version anew", async () => {
  const { fake, engine } = await engineThat((_path, response) => json(response, {}));
  expect(await engine.info(soon)).toMatchObject({ ok: true, value: { apiVersion: "1.41" } });
  fake.offer("1.44");
  expect(await engine.info(soon)).toMatchObject({ ok: true, value: { apiVersion: "1.44" } });
  await engine.networks(soon);
  expect(fake.asked.at(-1)).toBe("/v1.44/networks");
});

test("DOCKER_HOST and its kin neither redirect a call nor are they lost", async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    DOCKER_HOST: "ssh://elsewhere",
    DOCKER_CERT_PATH: "/nowhere",
    DOCKER_CLIENT_TIMEOUT: "1",
  });
  try {
    const { engine } = await engineThat((_path, response) => json(response, []));
    expect(await engine.containers(soon)).toEqual({ ok: true, value: [] });
    expect(process.env.DOCKER_HOST).toBe("ssh://elsewhere");
  } finally {
    process.env = before;
  }
});

test("one kept channel serves call after call, and one that the engine closed meanwhile does no harm", async () => {
  const { fake, engine } = await engineThat((_path, response) => json(response, []));
  for (let call = 0; call < 10; call += 1) expect(await engine.networks(soon)).toEqual({ ok: true, value: [] });
  expect(fake.transport.dialed).toBe(1);
  fake.dropIdle();
  expect(await engine.networks(soon)).toEqual({ ok: true, value: [] });
});

test("events arrive with all the digits of their time, and `since` goes back to the engine with all of them", async () => {
  const { fake, engine } = await engineThat((_path, response) => {
    response.write(event("start", "1795444365596481061"));
  });
  const { seen, subscription } = follow(engine, "1795444365596481060");
  await expect.poll(() => seen.events.length).toBe(1);
  expect(seen.opened).toBe(1);
  expect(seen.events[0]).toMatchObject({ action: "start", name: "node1", timeNano: "1795444365596481061" });
  expect(fake.asked.at(-1)).toContain("since=1795444365.596481060");
  subscription.close();
});

test("an event stream that breaks off inside a line ends once, as a lost connection; whole lines before it count", async () => {
  const { engine } = await engineThat((_path, response) => {
    response.write(event("start", "1"));
    response.write(event("die", "2").slice(0, 30));
    setTimeout(() => response.destroy(), 20);
  });
  const { seen, ended } = follow(engine);
  expect(await ended).toMatchObject({ kind: "connection-lost" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.events.map((one) => one.action)).toEqual(["start"]);
  expect(seen.ends).toHaveLength(1);
});

test("an event stream that the engine closes in good order has ended too: engines do so when they stop", async () => {
  const { engine } = await engineThat((_path, response) => response.end(event("start", "1")));
  const { seen, ended } = follow(engine);
  expect(await ended).toEqual({ kind: "connection-lost", detail: "the engine ended the stream" });
  expect(seen.events).toHaveLength(1);
});

test("nonsense on the event stream ends it once as a bad answer, whatever follows", async () => {
  const { engine } = await engineThat((_path, response) => response.write("nonsense\nmore nonsense\n"));
  const { seen, ended } = follow(engine);
  expect(await ended).toMatchObject({ kind: "bad-answer" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(seen.ends).toHaveLength(1);
});

test("an event stream that does not open in time has timed out", async () => {
  const clock = new ManualClock();
  const { fake, engine } = await engineThat(() => {}, { clock });
  const { seen, ended } = follow(engine);
  await fake.wasAsked(/events/);
  await clock.advance(15_000);
  expect(await ended).toMatchObject({ kind: "timed-out", afterMs: 15_000 });
  expect(seen.opened).toBe(0);
});

test("a closed event stream is silent and gives its channel back", async () => {
  let send: () => void = () => {};
  const { fake, engine } = await engineThat((_path, response) => {
    response.write(event("start", "1"));
    send = () => response.write(event("die", "2"));
  });
  const { seen, subscription } = follow(engine);
  await expect.poll(() => seen.events.length).toBe(1);
  subscription.close();
  send();
  await expect.poll(() => fake.transport.open, { message: "only the kept channel of the calls is left" }).toBe(1);
  expect(seen.events).toHaveLength(1);
  expect(seen.ends).toEqual([]);
});

test("a stream closed before it opened never calls back", async () => {
  const { fake, engine } = await engineThat((_path, response) => response.write(event("start", "1")));
  const { seen, subscription } = follow(engine);
  subscription.close();
  await engine.ping(soon);
  expect(seen).toEqual({ opened: 0, events: [], ends: [] });
  expect(fake.asked.filter((url) => url.includes("/events"))).toEqual([]);
});

test("the use of a container that is gone ends with the engine's refusal", async () => {
  const { engine } = await engineThat((_path, response) => {
    response.statusCode = 404;
    json(response, { message: `No such container: ${someId}` });
  });
  const trouble = await new Promise<Trouble>((ended) => engine.usage(someId, { usage: () => {}, ended }));
  expect(trouble).toMatchObject({ kind: "engine-refused", status: 404 });
});
