import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isName, nameQuery, parseNameAnswers } from "../../src/adapters/probes/name-query.ts";
import { createProbes } from "../../src/adapters/probes/probes.ts";
import { positional } from "../../src/adapters/ssh/script.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import { text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import type { ProbesAsked, ProbesTold } from "../../src/ports/probes.ts";
import { containerId } from "../snapshots.ts";

/** An answer to a question: its flags, and records of type A (or another) with their data. */
function answered(question: Uint8Array, code: number, records: readonly { type: number; data: readonly number[] }[]) {
  const bytes = [...question];
  bytes[2] = 0x81;
  bytes[3] = 0x80 | code;
  bytes[7] = records.length;
  for (const { type, data } of records) {
    // The name as a pointer to the question's (RFC 1035, 4.1.4), type, class, time to live, length.
    bytes.push(0xc0, 12, 0, type, 0, 1, 0, 0, 2, 88, 0, data.length, ...data);
  }
  return bytes;
}

const question = (name: string, number: number): Uint8Array => {
  const query = nameQuery(name, number);
  if (query === undefined) throw new Error(`${name} cannot be asked for`);
  return query;
};

describe("questions for names", () => {
  test("find their answers again, in whichever order those come", () => {
    const first = answered(question("node1", 0), 0, [{ type: 1, data: [10, 10, 10, 3] }]);
    const second = answered(question("web-1.ov_net1", 77), 0, [
      { type: 5, data: [0] },
      { type: 1, data: [10, 10, 10, 4] },
      { type: 1, data: [10, 10, 10, 5] },
    ]);
    const third = answered(question("nobody", 3), 3, []);
    const fourth = answered(question("later", 4095), 2, []);
    const answers = parseNameAnswers(Uint8Array.from([...third, ...second, ...fourth, ...first]));
    expect([...answers].sort(([one], [other]) => one - other)).toEqual([
      [0, ["10.10.10.3"]],
      [3, "not found"],
      [77, ["10.10.10.4", "10.10.10.5"]],
      [4095, "refused"],
    ]);
  });

  test("hold no line end in the two bytes by which they are known, at which a shell would cut the packet", () => {
    for (let number = 0; number < 4096; number++) expect([...question("a", number)].slice(0, 2)).not.toContain(0x0a);
    expect(nameQuery("a", 4096)).toBeUndefined();
  });

  test("are asked for names only", () => {
    for (const name of ["node1", "web-1.ov_net1", "_x"]) expect(isName(name)).toBe(true);
    for (const name of ["", "-n", "a b", "a;b", "a'b", "ü", "a..b", "x".repeat(64)]) expect(isName(name)).toBe(false);
  });

  test("take any bytes for an answer without failing", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => parseNameAnswers(bytes).size <= 16));
    const whole = answered(question("node1", 0), 0, [{ type: 1, data: [10, 10, 10, 3] }]);
    for (let end = 0; end < whole.length; end++) {
      expect(parseNameAnswers(Uint8Array.from(whole.slice(0, end))).size).toBe(0);
    }
  });
});

const first = containerId("a1");
const second = containerId("b2");
const gone = containerId("c3");

/** The tools of a node, as far as the script of the pings calls them. */
const tools: Readonly<Record<string, string>> = {
  docker: `
    case $1 in
    inspect)
      shift 3
      for id; do
        case $id in
        ${gone}) echo "Error: No such object: $id" >&2 ;;
        ${second}) echo "$id paused 4002 /nonexistent" ;;
        *) echo "$id running 4001 /nonexistent" ;;
        esac
      done ;;
    exec) shift 2; echo "in the image: $*" >>"$TRACE"; exec "$@" ;;
    esac`,
  mktemp: 'made=$(/usr/bin/mktemp "$@") && echo "made $made" >>"$TRACE" && echo "$made"',
  nsenter: 'echo "entered $2" >>"$TRACE"; shift 3; exec "$@"',
  ip: `
    case "$*" in
    *"route get"*) echo "10.10.10.3 dev eth0 src 10.10.10.2 uid 0" ;;
    *"link show"*) echo "7: eth0@if8: <UP> mtu 1450 qdisc noqueue" ;;
    neigh*) echo "10.10.10.9 dev eth0 FAILED" ;;
    esac`,
  ping: `
    case "$*" in
    -V) echo "ping from iputils 20221126"; exit ;;
    -h) echo "  -M <pmtud opt>"; exit ;;
    esac
    for address; do :; done
    echo "ping $*" >>"$TRACE"
    case "$address $*" in
    10.10.10.9*) echo "3 packets transmitted, 0 received, 100% packet loss" ;;
    10.10.10.3*"-M do"*) echo "2 packets transmitted, 0 received, 100% packet loss" ;;
    *) printf '3 packets transmitted, 3 received, 0%% packet loss\\nrtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms\\n' ;;
    esac`,
};

describe("the script of the pings, on a node with tools of our own", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-probes-"));
    for (const [name, script] of Object.entries(tools)) {
      writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(path.join(folder, name), 0o755);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** What the probes told, and a line for each ping that was sent. */
  async function probed(asked: Partial<ProbesAsked>): Promise<{ told: ProbesTold; trace: string }> {
    const trace = path.join(folder, "trace");
    writeFileSync(trace, "");
    const transport = {
      node: text`node103`,
      user: text`root`,
      script: async (script: string, args: readonly string[]) => {
        const input = `${positional(args)}{\n${script}\n} </dev/null\n`;
        const env = { PATH: `${folder}:/usr/bin:/bin`, TRACE: trace };
        const { status, stdout, stderr } = spawnSync("/bin/sh", ["-s"], { input, env, cwd: folder });
        return good({ code: status ?? undefined, stdout, stderr });
      },
    } as unknown as Transport;
    const outcome = await createProbes(transport).probe(
      { ways: [], nodes: [], port: undefined, ...asked },
      { ms: 10_000 },
    );
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
    const { stdout } = spawnSync("cat", [trace], { encoding: "utf8" });
    return { told: outcome.value, trace: stdout };
  }
  const way = (container = first, address = "10.10.10.2", name: string | undefined = undefined) => ({
    ...{ container, address, name },
  });

  test("sends small and full-size packets from within the container's network, and tells each way apart", async () => {
    const ways = [way(), way(first, "10.10.10.3"), way(second, "10.10.10.2")];
    const { told, trace } = await probed({ ways, nodes: ["192.168.44.104"] });
    expect(told.ways.map(({ life, small, full }) => [life, small.state, full.bytes, full.echo.state])).toEqual([
      ["running", "ok", 1450, "ok"],
      ["running", "ok", 1450, "no answer"],
      ["paused", "ok", 1450, "ok"],
    ]);
    expect(told.nodes.map(({ small, full }) => [small.state, full.bytes])).toEqual([["ok", 1450]]);
    expect(trace.match(/^entered (?:4001|4002)$/gm)).toHaveLength(2);
    expect(trace).toContain("-M do -s 1422 10.10.10.3");
    expect(told.ways[1]?.printed.join()).toMatch(/3 received.*0 received/);
  });

  test("names an address that nobody answers for, and what is none", async () => {
    const { told } = await probed({ ways: [way(first, "10.10.10.9"), way(first, "$(reboot)")] });
    expect(told.ways.map(({ small }) => small)).toEqual([
      { state: "unreachable", detail: "nobody answers for that address (ARP)" },
      { state: "not tried", why: "$(reboot) is no address" },
    ]);
  });

  test("tells of a container that is gone as the engine does, and of the others all the same", async () => {
    const { told } = await probed({ ways: [way(gone), way(first)] });
    expect(told.ways.map(({ life, small }) => [life, small.state])).toEqual([
      ["stopped", "not tried"],
      ["running", "ok"],
    ]);
    expect(JSON.stringify(told.ways[0]?.small)).toContain("No such object");
  });

  test("sends no more from one container than it was asked", async () => {
    const ways = Array.from({ length: 30 }, (_, at) => way(first, `10.10.11.${at + 1}`));
    const { told, trace } = await probed({ ways });
    expect(told.ways.every(({ small }) => small.state === "ok")).toBe(true);
    expect(trace.match(/^entered/gm)).toHaveLength(1);
    expect(trace.match(/^ping /gm)).toHaveLength(60);
  });

  test("leaves nothing behind", async () => {
    const { trace } = await probed({ ways: [way()] });
    const made = /^made (.*)$/m.exec(trace)?.[1] ?? "";
    expect(made).toMatch(/^\/tmp\/ovl-tui-ping-/);
    expect(existsSync(made)).toBe(false);
  });
});
