import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import type { Terminal } from "../terminal/terminal.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen, program } from "./on-screen.ts";

const side = z.object({ ok: z.boolean().nullable(), error: z.string().nullable() });
const document = z.object({
  pairs: z.array(
    side.extend({
      ...{ from: z.string(), fromNode: z.string(), to: z.string(), toNode: z.string(), address: z.string() },
      lossPct: z.number().nullable(),
      rttMs: z.object({ min: z.number(), avg: z.number(), max: z.number() }).nullable(),
      full: side.extend({ bytes: z.number().nullable() }),
      name: z.object({ state: z.string() }),
      tcp: z.string().nullable(),
    }),
  ),
  underlay: z.array(side.extend({ fromNode: z.string(), toNode: z.string(), full: side })),
  oneWays: z.array(z.object({ fromNode: z.string(), toNode: z.string(), arrives: z.boolean() })),
  diagnosis: z.array(z.string()),
});

const milliseconds = /^\d+(?:\.\d+)?$/;
const containers = ["bare", "node1", "node2"];
const ways = containers.flatMap((from) => containers.filter((to) => to !== from).map((to) => [from, to] as const));

const cases = [
  { flavour: "classic", lab: "ping-classic" },
  { flavour: "swarm", lab: "ping-swarm" },
] as const;

onRealHosts("the ping matrix", () => {
  describe.each(cases)("of two $flavour hosts", ({ flavour, lab: name }) => {
    let lab: Lab;
    let screen: Terminal;
    let rounds = 0;

    const node103 = () => lab.node("node103");
    const node104 = () => lab.node("node104");

    beforeAll(async () => {
      lab = await Lab.up({ name, flavour });
      await node104().docker("run", "-d", "--name", "bare", "--network", "ov_net1", "busybox", "sleep", "100000");
      screen = openScreen(lab, { columns: 100, rows: 40 });
      await screen.shows(/ 2\/2 nodes live /);
      screen.press("4");
      await screen.shows(/bare +node104/);
      screen.press("3", "p");
      await screen.shows(/round 1 took/);
      rounds = 1;
    });
    afterEach(({ task }) => {
      if (task.result?.state === "fail") process.stderr.write(`the screen then:\n${screen?.text()}\n`);
    });
    afterAll(async () => {
      await screen?.close();
      await lab?.down();
    });

    /** One round more, to its end. */
    const again = async (seconds = 30) => {
      screen.press("R");
      rounds += 1;
      await screen.shows(new RegExp(`round ${rounds} took`), seconds);
    };
    /** Rounds until all is well: engines may have to learn again where each other's containers are. */
    const mended = async () => {
      for (let tries = 0; tries < 10 && !screen.text().includes("6 of 6 well"); tries++) await again();
      expect(screen.text()).toContain("6 of 6 well");
      for (const [from, to] of ways) expect(cell(from, to)).toMatch(milliseconds);
    };
    /** "bare → node2" as the screen has it, in words of a cell. */
    const cell = (from: string, to: string): string => {
      const lines = screen.lines().map((line) => line.replace(/[│┃]/g, " ").trim().split(/\s+/));
      const heads = lines.find((words) => words[0] === "from") ?? [];
      const row = lines.find((words) => words[0] === from && words.length === heads.length) ?? [];
      return row[heads.indexOf(to)] ?? "";
    };
    async function json(
      ...options: readonly string[]
    ): Promise<{ code: number | undefined } & z.output<typeof document>> {
      const command = [...program, "ping", "--json", ...options, "--config", lab.configFile];
      const { code, stdout, stderr } = await lab.exec(command, { seconds: 240 });
      if (!stdout.startsWith("{")) throw new Error(stderr);
      return { code, ...document.parse(JSON.parse(stdout)) };
    }

    test("is well in every direction: by address and name, small and full-size, for an image without tools, and on the wire", async () => {
      await mended();
      const { code, pairs, underlay, oneWays, diagnosis } = await json();
      expect({ code, oneWays, diagnosis }).toEqual({ code: 0, oneWays: [], diagnosis: [] });
      expect(pairs.map((one) => `${one.from} ${one.to}`).sort()).toEqual(
        ways.map(([from, to]) => `${from} ${to}`).sort(),
      );
      for (const pair of pairs) {
        expect(pair).toMatchObject({ ok: true, lossPct: 0, error: null, tcp: null });
        expect(pair.full).toMatchObject({ ok: true, bytes: 1450 });
        expect(pair.name.state).toBe("right");
      }
      expect(underlay.map((one) => `${one.fromNode} ${one.toNode} ${one.ok} ${one.full.ok}`).sort()).toEqual([
        "node103 node104 true true",
        "node104 node103 true true",
      ]);
    });

    test("tells a port that listens from one that does not", async () => {
      await node104().docker("exec", "-d", "bare", "nc", "-l", "-p", "7", "-e", "true");
      const { code, pairs } = await json("--port", "7");
      expect(code).toBe(1);
      const tcp = new Map(pairs.map((one) => [`${one.from} ${one.to}`, one.tcp]));
      expect([tcp.get("node1 bare"), tcp.get("node2 bare")]).toContain("open");
      expect([tcp.get("bare node2"), tcp.get("bare node1")]).toEqual(["closed", "closed"]);
    });

    test("names the way on which 4789/udp is dropped, both ways round", async () => {
      await node104().dropUdp(4789, "in");
      await again();
      expect([cell("node2", "node1"), cell("node1", "node2"), cell("bare", "node2")]).toEqual([
        "lost→",
        "lost←",
        "lost←",
      ]);
      expect(cell("bare", "node1")).toMatch(milliseconds);
      await node104().dropUdp(4789, "none");
      await node104().dropUdp(4789, "out");
      const { code, oneWays, diagnosis } = await json();
      expect(code).toBe(1);
      expect(oneWays.map((one) => `${one.fromNode} ${one.toNode} ${one.arrives}`).sort()).toEqual([
        "node103 node104 true",
        "node104 node103 false",
      ]);
      expect(diagnosis).toEqual([expect.stringMatching(/wire is fine: .* node104 → node103 never arrives.*4789\/udp/)]);
      await node104().dropUdp(4789, "none");
      await mended();
    });

    test("says mtu where large packets are lost, and which node has the smaller one; and forgets it when it is mended", async () => {
      await node104().mtu(1400);
      await again();
      expect([cell("node2", "node1"), cell("node1", "node2"), cell("bare", "node1")]).toEqual([
        "mtu",
        "mtu",
        expect.stringMatching(milliseconds),
      ]);
      expect(screen.text().replace(/\s*│\n│\s*/g, " ")).toMatch(/need 1500 bytes .*node104 has an MTU of 1400/);
      await node104().mtu(1500);
      await mended();
    });

    test("says that a container is paused, although its kernel answers", async () => {
      await node103().docker("pause", "node2");
      await again();
      expect([cell("node2", "node1"), cell("node1", "node2"), cell("bare", "node2")]).toEqual([
        "paused",
        "paused",
        "paused",
      ]);
      expect(cell("node1", "bare")).toMatch(milliseconds);
      await node103().docker("unpause", "node2");
      await mended();
    });

    test("says that names do not resolve where the address answers, for the container whose name server is silent", async () => {
      const rule = "OUTPUT -d 127.0.0.11 -p udp -j DROP";
      const within = `nsenter -t "$(docker inspect -f '{{.State.Pid}}' node1)" -n iptables`;
      await node104().must(`${within} -I ${rule}`);
      await again();
      expect([cell("node1", "node2"), cell("node1", "bare")]).toEqual(["name", "name"]);
      expect([cell("node2", "node1"), cell("bare", "node1")]).toEqual([
        expect.stringMatching(milliseconds),
        expect.stringMatching(milliseconds),
      ]);
      expect(screen.text()).toMatch(/node1 on node104 resolves no name: no answer from name server 127\.0\.0\.11/);
      await node104().must(`${within} -D ${rule}`);
      await mended();
    });

    test("falls back to the image's own ping where the node has none, and says so where there is none at all", async () => {
      await node104().must("mv /usr/bin/ping /usr/bin/ping.away");
      try {
        await again();
        expect(cell("node1", "node2")).toMatch(milliseconds);
        await node104().docker("exec", "node1", "mv", "/usr/bin/ping", "/usr/bin/ping.away");
        await again();
        expect(cell("node1", "node2")).toBe("?");
        expect(screen.text()).toMatch(/ping is on neither the node nor in the image/);
      } finally {
        await node104().must("mv /usr/bin/ping.away /usr/bin/ping");
        await node104().docker("exec", "node1", "mv", "/usr/bin/ping.away", "/usr/bin/ping");
      }
      await mended();
    });

    test("says that it is the wire when a node's link is down, and is well again when it is up", async () => {
      await node104().link("down");
      // The other node cannot be asked, and nobody has to wait for it.
      screen.press("R");
      await screen.shows(/node2 +(wire +){2}-|node2 +- +(wire *){2}/);
      await screen.shows(/it is the wire: node103 does not reach node104/);
      await node104().link("up");
      await again(60);
      await mended();
    });
  });
});
