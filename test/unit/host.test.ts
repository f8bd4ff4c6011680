import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clockDifference, nodeTime } from "../../src/adapters/host/clock-difference.ts";
import { createHost } from "../../src/adapters/host/create-host.ts";
import { engineService } from "../../src/adapters/host/engine-service.ts";
import type { Transport } from "../../src/adapters/transport.ts";
import { text } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import type { Clock } from "../../src/ports/clock.ts";

type Pieces = Record<string, string>;

/** A node that answers every script with the pieces, "NAME TITLE" each, in the given order. */
function answering(...answers: (Pieces | "sudo refused")[]): { transport: Transport; asRoot: boolean[] } {
  const asRoot: boolean[] = [];
  const script: Transport["script"] = async (_script, args, _within, options) => {
    asRoot.push(options?.root === true);
    const answer = answers[Math.min(asRoot.length, answers.length) - 1];
    if (answer === undefined || answer === "sudo refused") {
      return bad({ kind: "sudo-refused", user: text`ops`, detail: text`a password is required` });
    }
    const output = Object.entries(answer).map(([title, content]) => `\n${args[0]} ${title}\n${content}`);
    return good({ code: 0, stdout: Buffer.from(`Welcome!\n${output.join("")}`), stderr: Buffer.from("") });
  };
  const never = () => Promise.reject(new Error("not asked for"));
  return { transport: { node: text`node103`, user: text`ops`, script, dialDocker: never, dialTcp: never }, asRoot };
}

const start = 1_763_900_000_000;
/** Each look at the clock is 100 ms later. */
const ticking = (): Clock => {
  let now = start - 100;
  return { now: () => (now += 100), after: () => () => {}, turn: () => () => {}, random: () => 0 };
};
const within = { ms: 5000 };
const machine: Pieces = {
  began: `${start + 150}000000\n`,
  hostname: "node103\n",
  kernel: "6.1.0-18-amd64\n",
  os: `NAME="Debian GNU/Linux"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n`,
  machine: "3d1219c7c4c5404aaa1f6d2a48adfda4\n",
  "links-json": JSON.stringify([
    {
      ifname: "lo",
      flags: ["LOOPBACK", "UP", "LOWER_UP"],
      mtu: 65536,
      address: "00:00:00:00:00:00",
      addr_info: [{ local: "127.0.0.1", prefixlen: 8 }],
    },
    {},
    {
      ifname: "ens33",
      flags: ["BROADCAST", "UP", "LOWER_UP"],
      mtu: 1500,
      address: "02:42:c0:a8:2c:67",
      addr_info: [{ local: "192.168.44.103", prefixlen: 24 }],
    },
    {
      ifname: "veth1a2b3c4",
      flags: ["UP", "LOWER_UP"],
      mtu: 1500,
      address: "02:42:c0:a8:2c:68",
      addr_info: [{ local: "fe80::1", prefixlen: 64 }],
    },
  ]),
  "routes-json": JSON.stringify([
    { dst: "default", gateway: "192.168.44.1", dev: "ens33" },
    { type: "blackhole", dst: "10.9.0.0/16" },
  ]),
  systemd: "1",
  unit: "MainPID=412\nLoadState=loaded\nActiveState=active\nSubState=running\n",
  "stat 412":
    "412 (dockerd (x) y) S 1 412 412 0 -1 4194560 9835 54769 14 12 54 55 43 25 20 0 12 0 5000 1645383680 19419\n",
  uptime: "75.50 140.21\n",
  ticks: "100\n",
  missing: "bridge\nnsenter\n",
  ended: `${start + 160}000000\n`,
  "end ": "",
};
const facts = async (pieces: Pieces) => createHost(answering(pieces).transport, ticking()).facts(within);
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(machine).filter(([name]) => !names.includes(name.split(" ")[0] ?? "")));
/** `machine` with pieces put in before the end. */
const other = (pieces: Pieces, ...gone: string[]) => ({ ...without(...gone, "end"), ...pieces, "end ": "" });

describe("facts of a machine", () => {
  test("a Debian host with systemd and a new iproute2", async () => {
    expect(await facts(machine)).toEqual(
      good({
        hostname: "node103",
        kernel: "6.1.0-18-amd64",
        os: "Debian GNU/Linux 12 (bookworm)",
        machineId: "3d1219c7c4c5404aaa1f6d2a48adfda4",
        interfaces: [
          { name: "lo", up: true, mtu: 65536, mac: undefined, addresses: ["127.0.0.1/8"] },
          { name: "ens33", up: true, mtu: 1500, mac: "02:42:c0:a8:2c:67", addresses: ["192.168.44.103/24"] },
        ],
        routes: [{ destination: "default", device: "ens33" }],
        clockDifferenceMs: 106,
        clockUncertaintyMs: 46,
        dockerUnit: "active",
        // 75.5 s up, started 50 s after boot, told at the second look.
        dockerd: { pid: 412, startedAt: start + 100 - 25_500 },
        missingTools: ["bridge", "nsenter"],
      }),
    );
  });

  test("ip addr and ip route as people read them", async () => {
    const pieces = {
      "links-text": `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
7: eth0@if8: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP
    link/ether 02:42:0a:0a:0a:02 brd ff:ff:ff:ff:ff:ff
    inet 10.10.10.2/24 brd 10.10.10.255 scope global eth0
    inet6 fe80::42:aff:fe0a:a02/64 scope link
9: eth1: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN
    link/ether 02:42:0a:0a:0a:03 brd ff:ff:ff:ff:ff:ff
`,
      "routes-text": "default via 10.10.10.1 dev eth0\n10.10.10.0/24 dev eth0 scope link\nblackhole 10.9.0.0/16\n",
    };
    const read = await facts(other(pieces, "links-json", "routes-json"));
    expect(read).toMatchObject({
      ok: true,
      value: {
        interfaces: [
          { name: "lo", mac: undefined },
          {
            name: "eth0",
            up: true,
            mtu: 1450,
            mac: "02:42:0a:0a:0a:02",
            addresses: ["10.10.10.2/24", "fe80::42:aff:fe0a:a02/64"],
          },
          { name: "eth1", up: false, mtu: 1500, addresses: [] },
        ],
        routes: [
          { destination: "default", device: "eth0" },
          { destination: "10.10.10.0/24", device: "eth0" },
        ],
      },
    });
  });

  test("a machine without ip is read from the kernel's own files", async () => {
    const pieces = {
      "links-sys": "eth0 1450 02:42:0a:0a:0a:02 0x1003\neth1 1500 02:42:0a:0a:0a:03 0x1002\n",
      "routes-proc":
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\neth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t002CA8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n",
    };
    expect(await facts(other(pieces, "links-json", "routes-json"))).toMatchObject({
      value: {
        interfaces: [
          { name: "eth0", up: true, mtu: 1450 },
          { name: "eth1", up: false },
        ],
        routes: [
          { destination: "default", device: "eth0" },
          { destination: "192.168.44.0/24", device: "eth0" },
        ],
      },
    });
  });

  test("no systemd, no dockerd, no machine-id: the rest is still told", async () => {
    const read = await facts(
      other(
        { version: "Docker version 26.1.5+dfsg1, build a72d7cd\n" },
        "systemd",
        "unit",
        "stat",
        "uptime",
        "ticks",
        "machine",
      ),
    );
    expect(read).toMatchObject({
      ok: true,
      value: { dockerUnit: "no-systemd", dockerd: undefined, machineId: "", installedEngine: "26.1.5+dfsg1" },
    });
  });

  test("a docker.service that does not exist is said to be missing, not stopped", async () => {
    expect(await facts(other({ unit: "LoadState=not-found\nActiveState=inactive\n" }, "unit"))).toMatchObject({
      value: { dockerUnit: "not-found" },
    });
  });

  test("an answer that breaks off, or lacks what every machine has, is a bad answer", async () => {
    expect(await facts(without("end"))).toMatchObject({ ok: false, trouble: { kind: "bad-answer" } });
    expect(await facts(without("hostname"))).toMatchObject({
      ok: false,
      trouble: { kind: "bad-answer", detail: expect.stringContaining("hostname") },
    });
    expect(await facts(other({ "links-json": "{not json" }, "links-json"))).toMatchObject({
      ok: false,
      trouble: { kind: "bad-answer" },
    });
  });

  test("a hostile hostname or address reaches nobody raw", async () => {
    const hostile = other({ hostname: "node\u001b[2J\u202e103\n" }, "hostname");
    expect(await facts(hostile)).toMatchObject({ value: { hostname: "node\ufffd103" } });
  });
});

describe("the difference of two clocks", () => {
  test("nanoseconds where date knows them, whole seconds where it does not", () => {
    expect(nodeTime("1763900000123456789")).toEqual({ ms: 1763900000123, coarseMs: 1 });
    expect(nodeTime("1763900000")).toEqual({ ms: 1763900000000, coarseMs: 1000 });
    expect(nodeTime("1763900000%N")).toEqual({ ms: 1763900000000, coarseMs: 1000 });
  });

  test("the true difference always lies within the uncertainty told", () => {
    const ms = fc.integer({ min: 0, max: 5000 });
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000, max: 100_000 }),
        ms,
        ms,
        ms,
        fc.boolean(),
        (truth, there, work, back, seconds) => {
          const sent = 1_763_900_000_000;
          const atNode = (ours: number) =>
            nodeTime(seconds ? `${Math.floor((ours + truth) / 1000)}` : `${ours + truth}000000`);
          const measured = clockDifference({
            sent,
            began: atNode(sent + there),
            ended: atNode(sent + there + work),
            received: sent + there + work + back,
          });
          expect(Math.abs(measured.ms - truth)).toBeLessThanOrEqual(measured.uncertaintyMs + 1);
        },
      ),
    );
  });
});

describe("what decides dockerd's configuration", () => {
  const pieces: Pieces = {
    "unit /lib/systemd/system/docker.service": "[Service]\nExecStart=/usr/sbin/dockerd -H fd://\n",
    "unit /etc/systemd/system/docker.service.d/a.conf": "[Service]\n",
    "environment /etc/default/docker": "DOCKER_OPTS=\n",
    "process 412": "/usr/sbin/dockerd\0-H\0fd://\0--label\0\0",
    "json /etc/docker/daemon.json": '{"mtu": 1400}\n',
    "unreadable ": "",
    "end ": "",
  };
  const sources = (...answers: (Pieces | "sudo refused")[]) => {
    const { transport, asRoot } = answering(...answers);
    return { asRoot, read: createHost(transport, ticking()).daemonSources(within) };
  };

  test("files keep their order and their every byte, the process its empty arguments", async () => {
    const { read, asRoot } = sources(pieces);
    expect(await read).toEqual(
      good({
        unitFiles: [
          { path: "/lib/systemd/system/docker.service", content: "[Service]\nExecStart=/usr/sbin/dockerd -H fd://\n" },
          { path: "/etc/systemd/system/docker.service.d/a.conf", content: "[Service]\n" },
        ],
        environmentFiles: [{ path: "/etc/default/docker", content: "DOCKER_OPTS=\n" }],
        daemonJson: { path: "/etc/docker/daemon.json", content: '{"mtu": 1400}\n' },
        process: { pid: 412, argv: ["/usr/sbin/dockerd", "-H", "fd://", "--label", ""] },
      }),
    );
    expect(asRoot).toEqual([false]);
  });

  test("root is asked for only when a file may not be read, and its answer counts", async () => {
    const { read, asRoot } = sources({ ...pieces, "unreadable ": "/etc/docker/daemon.json\n" }, pieces);
    expect(await read).toMatchObject({ ok: true, value: { daemonJson: { content: '{"mtu": 1400}\n' } } });
    expect(await read).not.toHaveProperty("value.unreadable");
    expect(asRoot).toEqual([false, true]);
  });

  test("where root is refused too the rest stands, and says what it lacks", async () => {
    const { read } = sources({ ...pieces, "unreadable ": "/etc/docker/daemon.json\n" }, "sudo refused");
    expect(await read).toMatchObject({ ok: true, value: { unreadable: ["/etc/docker/daemon.json"] } });
  });

  test("no dockerd and no files at all is an answer as well", async () => {
    expect(await sources({ "unreadable ": "", "end ": "" }).read).toEqual(
      good({ unitFiles: [], environmentFiles: [], daemonJson: undefined, process: undefined }),
    );
  });
});

describe("the engine as its service manager sees it", () => {
  const shown = (LoadState: string, ActiveState: string, SubState: string, Result = "success") =>
    engineService(
      Object.entries({ LoadState, ActiveState, SubState, Result })
        .map((pair) => pair.join("="))
        .join("\n"),
    );

  test.each([
    [shown("loaded", "active", "running"), "running", "active (running)"],
    [shown("loaded", "reloading", "reload"), "running", "reloading (reload)"],
    [shown("loaded", "activating", "auto-restart"), "starting", "activating (auto-restart)"],
    [shown("loaded", "inactive", "dead"), "stopped", "inactive (dead)"],
    [shown("loaded", "failed", "failed", "start-limit-hit"), "failed", "failed (start-limit-hit)"],
    [shown("masked", "inactive", "dead"), "stopped", "masked"],
    [shown("not-found", "inactive", "dead"), "unknown", "no docker.service"],
    [engineService(""), "unknown", "no docker.service"],
  ])("%j", (service, state, detail) => {
    expect(service).toEqual({ state, detail });
  });
});
