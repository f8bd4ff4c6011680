import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program } from "./applied.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { ProcessSamples } from "./process-samples.ts";
import { argumentsOf, processes } from "./processes.ts";

const places = { node2: "node103", node1: "node104" } as const;
const secretFile = "/etc/condor/passwords.d/ovl-tui";

/** Everything that a secret could be found as: what stands in the file, what HTCondor makes of it, each in usual spellings. */
function spellings(base64: string): string[] {
  const file = Buffer.from(base64, "base64");
  const plain = Buffer.from(file.map((byte, index) => byte ^ ([0xde, 0xad, 0xbe, 0xef][index % 4] ?? 0)));
  const spelled = [file, plain].flatMap((one) => [one.toString("latin1"), one.toString("hex"), one.toString("base64")]);
  // A piece of it is too much as well.
  return spelled.flatMap((one) => [one.slice(0, 16), one.slice(-18, -2)]);
}

const holding = (texts: readonly string[], base64: string): string[] =>
  texts.filter((one) => spellings(base64).some((spelling) => one.includes(spelling)));

onRealHosts("the secret of a pool", () => {
  let lab: Lab;
  let program: Program;
  let secret: string;
  let printed: string[];
  let sampled: string[];
  const inside = (name: keyof typeof places, script: string) =>
    lab.node(places[name]).must('docker exec "$1" /bin/sh -c "$2"', name, script);

  beforeAll(async () => {
    lab = await Lab.up({ name: "condor-secret", joined: true });
    program = new Program(lab);
    // What writes and reads the secret there takes its time, so that nobody who looks can miss it.
    const slow =
      "cd /usr/bin && mv base64 base64.real && printf '#!/bin/sh\\nsleep 1\\nexec base64.real \"$@\"\\n' >base64 && chmod 755 base64";
    await Promise.all([inside("node2", slow), inside("node1", slow)]);
    program.wants({ condor: { manager: "node2", execute: ["node1"], security: "password" } });
    const planned = await program.plan();
    const samples = new ProcessSamples();
    const applied = await program.apply();
    sampled = samples.stop();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    printed = [JSON.stringify(planned), JSON.stringify(applied), JSON.stringify(await program.plan())];
    secret = (await inside("node1", `base64.real -w0 ${secretFile}`)).trim();
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test("is one for all, in a file that only root can read", async () => {
    expect(Buffer.from(secret, "base64")).toHaveLength(43);
    expect((await inside("node2", `base64.real -w0 ${secretFile}`)).trim()).toBe(secret);
    for (const name of ["node2", "node1"] as const) {
      expect(await inside(name, `stat -c '%a %U %G' ${secretFile} /etc/condor/passwords.d`)).toBe(
        "600 root root\n700 root root\n",
      );
    }
  });

  test("is in no argument and no environment of any process while it is set", () => {
    // Both were seen at it, so the secret would have been seen as well.
    expect(sampled.filter((one) => /^\/bin\/sh\0-c\0[\s\S]*base64 -d/.test(one)).length).toBeGreaterThan(0);
    expect(sampled.filter((one) => one.startsWith("sleep\x001\0")).length).toBeGreaterThan(0);
    expect(holding(sampled, secret)).toEqual([]);
  });

  test("is in nothing that the program prints or writes", () => {
    expect(printed.join()).toContain("the pool's secret");
    expect(holding(printed, secret)).toEqual([]);
    const written = filesBelow(path.dirname(program.file));
    expect(written.some((file) => file.endsWith("journal.jsonl"))).toBe(true);
    expect(
      holding(
        written.map((file) => readFileSync(file, "latin1")),
        secret,
      ),
    ).toEqual([]);
  });

  test("is in no log, journal or file of the nodes and of the containers but its own", async () => {
    const marked = spellings(secret).map((one) => Buffer.from(one, "latin1").toString("base64"));
    for (const [name, node] of Object.entries(places) as ["node2" | "node1", string][]) {
      const told = await lab
        .node(node)
        .must(
          `journalctl --no-pager -o export; docker inspect ${name}; docker logs ${name} 2>&1; cat /proc/*/cmdline /proc/*/environ 2>/dev/null || true`,
        );
      expect(told).toContain(name);
      expect(holding([told], secret)).toEqual([]);
      // grep for what may hold any byte: each pattern comes on stdin, spelled out.
      const search = `
        patterns=$(mktemp /dev/shm/p.XXXXXX)
        for one in ${marked.join(" ")}; do echo "$one" | base64.real -d; echo; done >"$patterns"
        LC_ALL=C grep -rlaFf "$patterns" /etc /root /home /run /tmp /var /opt /usr/local 2>/dev/null
        rm -f "$patterns"`;
      const found = (await inside(name, search)).trim().split("\n");
      expect(found).toEqual([secretFile]);
      const left = await lab
        .node(node)
        .run(`patterns=$(mktemp /dev/shm/p.XXXXXX); for one in ${marked.join(" ")}; do echo "$one" | base64 -d; echo; done >"$patterns"
          LC_ALL=C grep -rlaFf "$patterns" /etc /root /home /run /tmp /var/log /var/tmp 2>/dev/null; rm -f "$patterns"`);
      expect(left.stdout.trim()).toBe("");
    }
  });

  test("is in nothing that a program leaves that dies while it has it", async () => {
    await inside("node1", `rm ${secretFile}`);
    const { argv, env } = program.argv("apply", "--yes");
    const [file = "", ...args] = argv;
    const folder = path.dirname(program.file);
    const child: ChildProcess = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (chunk: Buffer) => said.push(chunk.toString("latin1")));
    const writes = (pid: number) => /base64 -d/.test(argumentsOf(pid).join(" "));
    await until("the secret on its way", 180, () => processes(writes).length > 0, 20);
    const ended = once(child, "close");
    const own = processes((pid) => argumentsOf(pid).join(" ").includes(`apply --yes --config ${program.file}`));
    for (const pid of own) process.kill(pid, "SIGABRT");
    await ended;
    expect(own.length).toBeGreaterThan(0);
    expect(holding(said, secret)).toEqual([]);
    expect(
      holding(
        filesBelow(folder).map((one) => readFileSync(one, "latin1")),
        secret,
      ),
    ).toEqual([]);
    const again = await program.apply();
    expect(again, again.said).toMatchObject({ code: 0, ok: true });
    expect((await inside("node1", `base64.real -w0 ${secretFile}`)).trim()).toBe(secret);
  });
});

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => path.join(one.parentPath, one.name));
