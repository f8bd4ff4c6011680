import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { EngineCalls } from "../../src/adapters/engine/engine-calls.ts";
import { openExec, type RunningExec } from "../../src/adapters/engine/exec.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { asContainerId, asNodeName } from "../../src/domain/ids.ts";
import { text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { type FakeEngine, fakeEngine, json } from "./fake-engine.ts";

const container = asContainerId("c".repeat(64));
const node = asNodeName("node103");
const execId = "e".repeat(64);

/** An engine whose exec sessions are played by the test. */
class Stand {
  readonly #ends: (() => Promise<void>)[] = [];
  bodies: unknown[] = [];
  exit: { Running: boolean; ExitCode: number | null; Pid: number } = { Running: false, ExitCode: 0, Pid: 0 };
  socket: Promise<Duplex>;
  #given: (socket: Duplex) => void;
  #engine: FakeEngine | undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Duplex>();
    this.socket = promise;
    this.#given = resolve;
  }

  /** `resizes`: the status of each answer to a resize in turn; good ones after that. */
  async exec(terminal: { columns: number; rows: number } | undefined, resizes: number[] = []) {
    const engine = await fakeEngine(
      (path, response, request) => {
        if (path.endsWith("/resize")) {
          response.statusCode = resizes.shift() ?? 200;
          response.end();
          return;
        }
        if (path.endsWith(`/exec/${execId}/json`)) return json(response, this.exit);
        let sent = "";
        request.on("data", (chunk) => {
          sent += chunk;
        });
        request.on("end", () => {
          this.bodies.push(JSON.parse(sent));
          json(response, { Id: execId });
        });
      },
      "1.41",
      (_path, socket) => this.#given(socket),
    );
    this.#engine = engine;
    if (container === undefined || node === undefined) throw new Error("the ids are ids");
    const calls = new EngineCalls(engine.transport, node, systemClock, async () => good(text`1.41`));
    const output: string[] = [];
    const opened = await openExec(
      calls,
      systemClock,
      { container, command: ["sh", "-c", "$(reboot)"], terminal },
      (bytes, from) => {
        output.push(`${from}: ${Buffer.from(bytes).toString()}`);
      },
      { ms: 5000 },
    );
    if (!opened.ok) throw new Error(JSON.stringify(opened.trouble));
    this.#ends.push(async () => {
      opened.value.close();
      calls.close();
      await engine.stop();
    });
    return { session: opened.value as RunningExec, output };
  }

  get engine(): FakeEngine {
    if (this.#engine === undefined) throw new Error("nothing was run yet");
    return this.#engine;
  }

  async close(): Promise<void> {
    for (const end of this.#ends) await end();
  }
}

const stands: Stand[] = [];
const stand = (): Stand => {
  const one = new Stand();
  stands.push(one);
  return one;
};
afterEach(async () => {
  await Promise.all(stands.splice(0).map((one) => one.close()));
});

const frame = (source: number, words: string): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(source, 0);
  header.writeUInt32BE(Buffer.byteLength(words), 4);
  return Buffer.concat([header, Buffer.from(words)]);
};

describe("a program in a container, without a terminal", () => {
  test("has its stdout and stderr told apart, its input ended, and its exit code", async () => {
    const here = stand();
    here.exit = { Running: false, ExitCode: 7, Pid: 0 };
    const { session, output } = await here.exec(undefined);
    const socket = await here.socket;
    const heard: Buffer[] = [];
    socket.on("data", (chunk) => heard.push(chunk));
    await session.write(Buffer.from("in\x00\xff"));
    session.endInput();
    // The end of the input is no end of the output.
    await new Promise((resolve) => socket.once("end", resolve));
    socket.write(frame(1, "out"));
    socket.end(Buffer.concat([frame(2, "err"), frame(1, "more")]));
    expect(await session.ended).toEqual({ end: "exited", code: 7 });
    expect(output).toEqual(["stdout: out", "stderr: err", "stdout: more"]);
    expect(Buffer.concat(heard).toString()).toBe("in\x00\xff");
  });

  test("travels as a list of words, which no shell reads", async () => {
    const here = stand();
    await here.exec(undefined);
    expect(here.bodies[0]).toMatchObject({ Cmd: ["sh", "-c", "$(reboot)"], Tty: false });
  });

  test("that has ended before the engine knows is asked about again", async () => {
    const here = stand();
    here.exit = { Running: true, ExitCode: null, Pid: 4711 };
    const { session } = await here.exec(undefined);
    (await here.socket).end();
    await here.engine.wasAsked(/json$/);
    here.exit = { Running: false, ExitCode: 3, Pid: 0 };
    expect(await session.ended).toEqual({ end: "exited", code: 3 });
  });

  test("whose connection breaks is lost, and not taken for one that ended", async () => {
    const here = stand();
    const { session } = await here.exec(undefined);
    await here.socket;
    here.engine.transport.cut();
    expect(await session.ended).toMatchObject({ end: "lost" });
  });
});

describe("a program on a terminal in a container", () => {
  test("has its output passed as it is, and its size told until the engine takes it", async () => {
    const here = stand();
    const { session, output } = await here.exec({ columns: 100, rows: 30 }, [500, 404]);
    const sizes = () => here.engine.asked.filter((url) => url.includes("/resize"));
    (await here.socket).write("\x01\x00\x00\x00 not a frame");
    await here.engine.wasAsked(/resize\?h=30&w=100/);
    for (let tries = 0; tries < 100 && sizes().length < 3; tries++) await new Promise((r) => setTimeout(r, 20));
    expect(sizes()).toHaveLength(3);
    session.resize({ columns: 120, rows: 40 });
    await here.engine.wasAsked(/resize\?h=40&w=120/);
    (await here.socket).end();
    expect(await session.ended).toEqual({ end: "exited", code: 0 });
    expect(output.join("")).toBe("stdout: \x01\x00\x00\x00 not a frame");
    expect(here.bodies[0]).toMatchObject({ Tty: true, ConsoleSize: [30, 100] });
  });

  test("is let go of by closing it", async () => {
    const here = stand();
    const { session } = await here.exec({ columns: 80, rows: 24 });
    const socket = await here.socket;
    const closed = new Promise((resolve) => socket.once("end", resolve));
    socket.resume();
    session.close();
    await closed;
    expect(await session.ended).toEqual({ end: "lost", trouble: { kind: "cancelled" } });
  });
});
