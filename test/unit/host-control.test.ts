import { describe, expect, test } from "vitest";
import { createFiles, sha256Of } from "../../src/adapters/host/files.ts";
import { readListening } from "../../src/adapters/host/listening.ts";
import { createNodeLock } from "../../src/adapters/host/node-lock.ts";
import { reachOf, tryAgain } from "../../src/adapters/host/reach.ts";
import { createServiceManager } from "../../src/adapters/host/service-manager.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import type { LockHolder } from "../../src/domain/lock.ts";
import type { ReachAsked } from "../../src/domain/plan/survey.ts";
import { text } from "../../src/domain/text.ts";
import { bad, good, type Trouble } from "../../src/domain/trouble.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { nodeNamed } from "../snapshots.ts";

type Pieces = Record<string, string>;

/** A node that answers scripts with the pieces, "NAME TITLE" each, one answer after the other; it notes what was asked. */
function answering(...answers: Pieces[]) {
  const asked: { args: readonly string[]; root: boolean }[] = [];
  const script: Transport["script"] = async (_script, [boundary = "", ...args], _within, options) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? {};
    asked.push({ args, root: options?.root === true });
    const output = Object.entries({ ...answer, end: "" }).map(
      ([title, content]) => `\n${boundary} ${title}\n${content}`,
    );
    return good({ code: 0, stdout: Buffer.from(output.join("")), stderr: Buffer.from("") });
  };
  const dials: Record<number, Trouble> = {};
  const never = () => Promise.reject(new Error("not asked for"));
  const dialTcp: Transport["dialTcp"] = async (_host, port) => bad(dials[port] ?? { kind: "cancelled" });
  const transport: Transport = { node: text`node103`, user: text`ops`, script, dialDocker: never, dialTcp };
  return { transport, asked, dials };
}

const start = 1_763_900_000_000;
const clock: Clock = { now: () => start, after: () => () => {}, turn: () => () => {}, random: () => 0 };
const within = { ms: 30_000 };
const file = "/etc/docker/daemon.json";

describe("a file of a node", () => {
  test("that is written to between two looks is read once more", async () => {
    const torn = { [`is ${sha256Of("new")}`]: "", content: "old" };
    const whole = { [`is ${sha256Of("new")}`]: "", content: "new" };
    const { transport, asked } = answering(torn, whole);
    expect(await createFiles(transport).read(file, within)).toEqual(good({ content: "new", sha256: sha256Of("new") }));
    expect(asked.map(({ root }) => root)).toEqual([true, true]);
    expect(await createFiles(answering(torn).transport).read(file, within)).toMatchObject({
      trouble: { kind: "misconfigured" },
    });
  });

  test("goes out with the hash that it replaces and the one that it shall have, its content as printf's %b takes it", async () => {
    const { transport, asked } = answering({ written: `${file}.ovl-tui-20261123T140211Z` });
    const content = "a\\nb\0c\n%s";
    const replaces = { sha256: sha256Of("old"), content: "old" };
    expect(await createFiles(transport).write({ path: file, replaces, content, mode: 0o644 }, within)).toEqual(
      good({ result: "written", backup: `${file}.ovl-tui-20261123T140211Z` }),
    );
    expect(asked).toEqual([
      { args: [file, sha256Of("old"), sha256Of(content), "0644", "a\\\\nb\\0000c\n%s", "no"], root: true },
    ]);
  });

  test.each([
    ["failed fill", "No space left on device", /make room there: "df -h \/etc\/docker"/],
    ["failed make", "Read-only file system", /findmnt -T \/etc\/docker/],
    ["failed replace", "Operation not permitted", /lsattr/],
    ["failed guard", "another command of ovl-tui is at work", /wait for it/],
    ["failed owner", "\x1b[31mno such user", /ls -la \/etc\/docker/],
    ["link ../managed/daemon.json", "", /change \.\.\/managed\/daemon\.json where it comes from/],
  ])("that cannot be written (%s) is told with the way out", async (title, why, remedy) => {
    const edit = { path: file, replaces: "absent", content: "{}", mode: 0o644 } as const;
    const outcome = await createFiles(answering({ [title]: why }).transport).write(edit, within);
    expect(outcome).toMatchObject({
      ok: false,
      trouble: { kind: "misconfigured", remedy: expect.stringMatching(remedy) },
    });
    expect(JSON.stringify(outcome)).not.toContain("\\u001b");
  });
});

describe("the engine's service", () => {
  const journal = (...messages: [number, unknown][]) =>
    messages.map(([at, MESSAGE]) => JSON.stringify({ __REALTIME_TIMESTAMP: String(at * 1000), MESSAGE })).join("\n");

  test("that failed is told with the engine's last fatal words, safe for the screen", async () => {
    const { transport, asked } = answering({
      "unit docker.service": "LoadState=loaded\nActiveState=failed\nSubState=failed\nResult=exit-code\n",
      said: "Job for docker.service failed.",
      journal: journal(
        [start, 'time="x" level=info msg="Starting up"'],
        [start, 'time="x" level=fatal msg="failed to start daemon: \\"overlay9\\" \x1b[31mis no driver"'],
        [start, "exiting"],
      ),
    });
    expect(await createServiceManager(transport, clock).restartEngine({ ms: 60_000 })).toEqual(
      bad({
        kind: "docker-stopped",
        detail: text`failed (exit-code): failed to start daemon: "overlay9" is no driver`,
      }),
    );
    expect(asked[0]).toMatchObject({ args: ["57", "30"], root: true });
  });

  test("that takes too long is told so, and with what it says meanwhile", async () => {
    const { transport } = answering({
      "unit docker.service": "LoadState=loaded\nActiveState=activating\nSubState=start\n",
      journal: journal([start, "waiting for the store"]),
    });
    expect(await createServiceManager(transport, clock).restartEngine({ ms: 30_000 })).toMatchObject({
      trouble: { detail: "not up after 27 s, activating (start): waiting for the store" },
    });
  });

  test.each([
    ["unmanaged ", /no systemd/],
    ["unmanaged 1", /no unit/],
  ])("that nobody manages is not restarted (%s), with the way out", async (title, detail) => {
    expect(await createServiceManager(answering({ [title]: "" }).transport, clock).restartEngine(within)).toMatchObject(
      {
        trouble: {
          kind: "misconfigured",
          detail: expect.stringMatching(detail),
          remedy: expect.stringContaining("restart"),
        },
      },
    );
  });

  test("cannot be reloaded while it is stopped", async () => {
    const unit = "LoadState=loaded\nActiveState=inactive\nSubState=dead\n";
    expect(await createServiceManager(answering({ unit, none: "" }).transport, clock).reloadEngine(within)).toEqual(
      bad({ kind: "docker-stopped", detail: text`inactive (dead)` }),
    );
  });

  test("has its words since a moment by the node's own clock, which is another", async () => {
    const nodeNow = start + 3_600_000;
    const { transport, asked } = answering({
      now: `${nodeNow}000000`,
      journal: `${journal([nodeNow - 5001, "before"], [nodeNow - 4999, "after\nit"], [nodeNow, [104, 105]], [nodeNow, null])}\nnonsense`,
    });
    expect(await createServiceManager(transport, clock).engineLog(start - 5000, 10, within)).toEqual(
      good(["after", "it", "hi"]),
    );
    expect(asked[0]?.args).toEqual(["5", "10"]);
  });
});

describe("a node's lock", () => {
  const holder: LockHolder = { run: "1-a", operator: text`ops@desk`, machine: "m", pid: 7, doing: text`apply` };
  const take = (pieces: Pieces) => createNodeLock(answering(pieces).transport).take(holder, within);

  test("that another run has is told with its holder and since when it was not renewed", async () => {
    const other = { ...holder, run: "2-b", operator: "\x1b]0;evil\x07eve@desk" };
    expect(await take({ "busy 2-b": JSON.stringify(other), renewed: "100.25", now: "112.5" })).toEqual(
      good({ state: "busy", by: { ...other, operator: "eve@desk", idleMs: 12_250 } }),
    );
  });

  test.each([
    ["no JSON", "not ours", "100", "112"],
    ["of another run than its first line says", JSON.stringify({ ...holder, run: "3-c" }), "100", "112"],
    ["without a time", JSON.stringify({ ...holder, run: "2-b" }), "", "112"],
    ["with a process that is none", JSON.stringify({ ...holder, run: "2-b", pid: "7" }), "100", "112"],
  ])("that says not whose it is (%s) is shown to a person", async (_, words, renewed, now) => {
    expect(await take({ "busy 2-b": words, renewed, now })).toMatchObject({
      trouble: { kind: "misconfigured", remedy: expect.stringContaining("rm /run/ovl-tui/lock") },
    });
  });
});

describe("what a node tells of ports", () => {
  test("sockets that listen, by ss, and without it by the kernel's tables", async () => {
    const sockets = [
      `udp   UNCONN 0      0            127.0.0.53%lo:53         0.0.0.0:*    users:(("systemd-resolve",pid=9,fd=12))`,
      `udp   UNCONN 0      0                  0.0.0.0:4789       0.0.0.0:*`,
      `tcp   LISTEN 0      4096                     *:2377             *:*    users:(("docker\x1bd",pid=1,fd=3),("x",pid=2,fd=3))`,
      `tcp   LISTEN 0      128    [fe80::1%ens33]:546       [::]:*`,
      `nl    UNCONN 0      0                     rtnl:kernel           *`,
    ].join("\n");
    expect(await readListening(answering({ sockets }).transport, within)).toEqual(
      good([
        { protocol: "udp", address: "127.0.0.53", port: 53, process: "systemd-resolve" },
        { protocol: "udp", address: "0.0.0.0", port: 4789, process: undefined },
        { protocol: "tcp", address: "::", port: 2377, process: "docker\u241bd" },
        { protocol: "tcp", address: "fe80::1", port: 546, process: undefined },
      ]),
    );
    const heading = "  sl  local_address rem_address   st tx_queue rx_queue\n";
    const tables = {
      "table tcp": `${heading}   0: 0100007F:1F90 00000000:0000 0A 0\n   1: 672CA8C0:0016 012CA8C0:D431 01 0\n`,
      "table tcp6": `${heading}   0: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0\n`,
      "table udp": `${heading}  12: 00000000:12B5 00000000:0000 07 0\n`,
      "table udp6": "",
    };
    expect(await readListening(answering(tables).transport, within)).toEqual(
      good([
        { protocol: "tcp", address: "127.0.0.1", port: 8080, process: undefined },
        { protocol: "tcp", address: "::1", port: 22, process: undefined },
        { protocol: "udp", address: "0.0.0.0", port: 4789, process: undefined },
      ]),
    );
  });

  const port = (protocol: "tcp" | "udp", number: number): ReachAsked => ({
    node: nodeNamed("node104"),
    address: "192.168.44.104",
    protocol,
    port: number,
  });

  test.each([
    ["udp", "1 Connection refused", "answered"],
    ["udp", "142 ", "silent"],
    ["udp", "1 No route to host", "rejected"],
    ["udp", "0 ", "answered"],
    ["udp", "1 Operation not permitted", "rejected"],
    ["udp", "2 invalid option", "unknown"],
    ["tcp", "0 ", "answered"],
    ["tcp", "1 Connection refused", "answered"],
    ["tcp", "124 ", "silent"],
    ["tcp", "1 Network is unreachable", "rejected"],
    ["tcp", "127 ", "unknown"],
  ] as const)("a try over %s that ended with %s means %s", (protocol, ended, result) => {
    const lines = ["reach udp 192.168.44.104 79 1 x", `reach ${protocol} 192.168.44.104 7946 ${ended}`];
    expect(reachOf(port(protocol, 7946), lines).result).toBe(result);
    expect(reachOf(port(protocol, 7946), []).result).toBe("unknown");
  });

  test("TCP that sshd does not forward is tried by the node's shell, UDP one port of a machine a second", async () => {
    const { transport, asked, dials } = answering({ tried: "reach tcp 192.168.44.104 22 0 \n" });
    dials[22] = { kind: "misconfigured", detail: text`its sshd does not forward TCP`, remedy: text`let it` };
    dials[80] = { kind: "connection-refused", host: text`node104`, port: 80 };
    dials[81] = { kind: "unreachable", host: text`node104`, detail: text`No route to host` };
    const ports = [port("tcp", 22), port("tcp", 80), port("tcp", 81), port("udp", 1), port("udp", 2)];
    const tried = await tryAgain(transport, clock, ports, within);
    expect(new Map(tried.map((one) => [one.port, one.result]))).toEqual(
      new Map([
        [22, "answered"],
        [80, "answered"],
        [81, "rejected"],
        [1, "unknown"],
        [2, "unknown"],
      ]),
    );
    const words = asked.map(({ args }) => args.join(" "));
    expect(words).toContain("0 tcp 192.168.44.104 22");
    expect(words).toContain("1.1 udp 192.168.44.104 1 2.2 udp 192.168.44.104 2");
  });
});
