import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Lab } from "../lab/lab.ts";
import { openScreen } from "../lab/on-screen.ts";
import { addressOf } from "../lab/places.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { type Figure, spread } from "./figure.ts";
import { cpuMsOf, residentOf } from "./process-cost.ts";

const runs = 7;
const idleSeconds = 30;
const perHost = 10;

/** The screen on two real hosts with twenty containers, and for comparison what `docker -H ssh://NODE ps` takes. */
export async function screenFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench" });
  try {
    return await measure(lab);
  } finally {
    await lab.down();
  }
}

async function measure(lab: Lab): Promise<Figure[]> {
  const names = await fillHosts(lab);
  const starts: { first: number; full: number }[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = await timeStart(lab, names);
    // The first run warms the disk's cache and the compile cache.
    if (run > 0) starts.push(start);
  }
  const screen = openScreen(lab, { columns: 200, rows: 50 });
  try {
    await screen.shows(shown(names), 30);
    const appearing = await timeAppearing(lab, screen);
    const idle = await measureIdle(screen);
    return [
      { what: "first frame after start", measured: spread(starts.map((one) => one.first)), bound: "300 ms" },
      {
        what: `${names.length} containers of 2 hosts on the screen`,
        measured: spread(starts.map((one) => one.full)),
        bound: "900 ms",
      },
      { what: "`docker start` returned to row on the screen", measured: spread(appearing), bound: "250 ms" },
      { what: `idle: processor, ${idleSeconds} s`, measured: `${idle.percent.toFixed(2)} %`, bound: "1 %" },
      {
        what: `idle: written to the terminal, ${idleSeconds} s`,
        measured: `${Math.round(idle.bytesPerSecond)} B/s`,
        bound: "1000 B/s",
      },
      { what: "resident memory", measured: `${Math.round(idle.memoryBytes / 1e6)} MB`, bound: "170 MB" },
      ...dockerOverSsh(lab),
    ];
  } finally {
    await screen.close();
  }
}

/** Ten small containers a host, those of the lab included; the names of all. */
async function fillHosts(lab: Lab): Promise<string[]> {
  const names: string[] = [];
  for (const { name } of lab.machines) {
    const node = lab.node(name);
    const there = (await node.docker("ps", "--format", "{{.Names}}")).split("\n").filter((one) => one !== "");
    names.push(...there);
    for (let number = there.length; number < perHost; number++) {
      const container = `web-${name.slice(-3)}-${number}`;
      await node.docker("run", "-d", "--name", container, "big_computing", "sleep", "100000");
      names.push(container);
    }
  }
  return names;
}

/** A screen on which every name stands. */
const shown = (names: readonly string[]): RegExp => new RegExp(names.map((name) => `(?=[^]*│ ${name} )`).join(""));

/** Milliseconds from the start of the process to the first frame, and to the last container's row. */
async function timeStart(lab: Lab, names: readonly string[]): Promise<{ first: number; full: number }> {
  const began = performance.now();
  const screen = openScreen(lab, { columns: 200, rows: 50 });
  try {
    await screen.shows(/1 Nodes/, 20);
    const first = performance.now() - began;
    await screen.shows(shown(names), 30);
    return { first, full: performance.now() - began };
  } finally {
    await screen.close();
  }
}

/** Milliseconds from the return of `docker start` on the host to the row on the screen. */
async function timeAppearing(lab: Lab, screen: Terminal): Promise<number[]> {
  const node = lab.node("node104");
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    await node.docker("create", "--name", `late-${run}`, "big_computing", "sleep", "100000");
    await screen.shows(new RegExp(`│ late-${run} [^│]*created`), 10);
    await node.docker("start", `late-${run}`);
    const began = performance.now();
    await screen.shows(new RegExp(`│ late-${run} [^│]* up `), 10);
    times.push(performance.now() - began);
  }
  await node.must("docker rm -f $(docker ps -aq --filter name=late-)");
  await screen.hides(/late-/, 10);
  return times;
}

async function measureIdle(
  screen: Terminal,
): Promise<{ percent: number; bytesPerSecond: number; memoryBytes: number }> {
  // Idle is when nobody has been at the keys for a while.
  await wait(12_000);
  const before = { cpuMs: cpuMsOf(screen.pid), bytes: Buffer.byteLength(screen.raw) };
  await wait(idleSeconds * 1000);
  const cpuMs = cpuMsOf(screen.pid) - before.cpuMs;
  const bytes = Buffer.byteLength(screen.raw) - before.bytes;
  return {
    percent: (cpuMs / (idleSeconds * 1000)) * 100,
    bytesPerSecond: bytes / idleSeconds,
    memoryBytes: residentOf(screen.pid),
  };
}

/** What a person would use instead, where there is a docker command. */
function dockerOverSsh(lab: Lab): Figure[] {
  if (spawnSync("docker", ["--version"]).status !== 0) {
    return [{ what: "`docker -H ssh://NODE ps`, for comparison", measured: "no docker command here", bound: "" }];
  }
  // docker calls `ssh` from the PATH: ours knows the lab's key and hosts.
  const folder = path.join(lab.places.folder, "bin");
  mkdirSync(folder, { recursive: true });
  const { keyFile, knownHostsFile } = lab.places;
  writeFileSync(
    path.join(folder, "ssh"),
    `#!/bin/sh\nexec /usr/bin/ssh -F none -i ${keyFile} -o UserKnownHostsFile=${knownHostsFile} "$@"\n`,
  );
  chmodSync(path.join(folder, "ssh"), 0o755);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  return lab.machines.map(({ name }) => {
    const times = Array.from({ length: runs }, () => {
      const [file = "", ...args] = lab.inSwitch(["docker", "-H", `ssh://root@${addressOf(name)}`, "ps"]);
      const began = performance.now();
      const { status, stderr } = spawnSync(file, args, { env });
      if (status !== 0) throw new Error(`docker -H ssh://${name} ps: ${stderr}`);
      return performance.now() - began;
    });
    return { what: `\`docker -H ssh://${name} ps\`, for comparison`, measured: spread(times), bound: "" };
  });
}
