import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { locked } from "./lock.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { placesOf, cache as realCache } from "./places.ts";
import { argumentsOf, commandOf, mountsBelow } from "./processes.ts";
import { command, entry, nothing, remains } from "./remains.ts";
import { namespacesOf, processesIn } from "./sweep.ts";

onRealHosts("a lab that is interrupted", () => {
  const name = "self-cut";
  let cache: string | undefined;
  afterEach(async () => {
    await command(["down", "--lab", name], cache === undefined ? {} : { env: { OVL_LAB_CACHE: cache } });
    if (cache !== undefined) rmSync(cache, { recursive: true, force: true });
    cache = undefined;
  });

  /** Starts `up` and waits until the machine looks as `holds` wants it. */
  async function upUntil(holds: () => boolean, env: NodeJS.ProcessEnv = {}, ...words: string[]) {
    const [file = "", ...args] = [...entry, "up", "classic", "--lab", name, ...words];
    const child = spawn(file, args, { stdio: "ignore", env: { ...process.env, ...env } });
    const ended = once(child, "close");
    await until("the middle of `up`", 800, holds, 20);
    return { child, ended };
  }
  const booting = () =>
    readdirSync("/run/netns").includes(placesOf(name).host("node103").namespace) &&
    processesIn(placesOf(name)).length > 3;

  test("killed while its hosts boot, it is gone after `down`", async () => {
    const { child, ended } = await upUntil(booting, {}, "--bare");
    child.kill("SIGKILL");
    await ended;
    expect(remains(name).processes).toBeGreaterThan(0);
    expect(remains(name).mounts).not.toEqual([]);
    const { code, stderr } = await command(["down", "--lab", name]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(remains(name)).toEqual(nothing);
    expect((await command(["down", "--lab", name])).code).toBe(0);
  });

  test("whose systemd-nspawn is killed leaves no host behind", async () => {
    const lab = await Lab.up({ name, nodes: 1, joined: false });
    const nspawns = lab.machines.flatMap((machine) => machine.bootProcesses());
    for (const pid of nspawns.filter((pid) => commandOf(pid) === "systemd-nspawn")) process.kill(pid, "SIGKILL");
    // What ran the host takes its namespace's name away, and the host's own processes live on in it.
    await until("the host's namespace without a name", 60, () => namespacesOf(lab.places).length === 1);
    expect(remains(name).processes).toBeGreaterThan(0);
    await command(["down", "--lab", name]);
    expect(remains(name)).toEqual(nothing);
  });

  test("a second `up` is refused while one works on the same lab", async () => {
    await locked(`lab-${name}`, "up", 5, async () => {
      const { code, stderr } = await command(["up", "classic", "--lab", name]);
      expect(stderr).toBe(`another run works on lab ${name} (process ${process.pid}, up): wait for it, or end it\n`);
      expect(code).toBe(1);
    });
  });

  test("`down` ends an `up` that runs", async () => {
    const { ended, child } = await upUntil(booting, {}, "--bare", "--nodes", "3");
    const { code, stderr } = await command(["down", "--lab", name]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `ending the run that is making lab ${name} (process ${child.pid})\n`,
    });
    await ended;
    expect(remains(name)).toEqual(nothing);
  });

  /** Whether the lab runs a command that begins with these words. */
  const runs = (...words: string[]) =>
    processesIn(placesOf(name)).some((pid) => words.every((word, index) => argumentsOf(pid)[index] === word));

  test("killed while its hosts are joined, it is in nobody's way: the next `up` begins anew", async () => {
    const { child, ended } = await upUntil(() => runs("consul", "agent"));
    child.kill("SIGKILL");
    await ended;
    expect(Lab.find(name)).toBeUndefined();
    const { code, stdout } = await command(["up", "--lab", name]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${placesOf(name).configFile}\n` });
    const ping = await Lab.find(name)?.node("node104").run("docker exec node1 ping -c1 -W2 node2");
    expect(ping?.code).toBe(0);
    await command(["down", "--lab", name]);
    expect(remains(name)).toEqual(nothing);
  });

  test("killed while an engine takes its images in, it is gone after `down`, and the next `up` takes them in again", async () => {
    // A cache with all that is built and no engine's data yet.
    cache = mkdtempSync(path.join(tmpdir(), "ovl-lab-cache-"));
    for (const part of ["roots", "images"]) symlinkSync(path.join(realCache, part), path.join(cache, part));
    const env = { OVL_LAB_CACHE: cache };
    const { child, ended } = await upUntil(() => runs("docker", "import"), env, "--bare");
    child.kill("SIGKILL");
    await ended;
    expect((await command(["down", "--lab", name], { env })).code).toBe(0);
    expect(remains(name)).toEqual(nothing);
    expect({ mounts: mountsBelow(cache), labs: readdirSync(path.join(cache, "labs")) }).toEqual({
      mounts: [],
      labs: [],
    });
    expect((await command(["up", "--bare", "--nodes", "1", "--lab", name], { env })).code).toBe(0);
    const images = await command(["ssh", "--lab", name, "node103", "docker images -q | wc -l"], { env });
    expect(images.stdout).toBe("3\n");
  });

  test("killed while it builds, it leaves no process and no mount after `down`", async () => {
    cache = mkdtempSync(path.join(tmpdir(), "ovl-lab-cache-"));
    const env = { OVL_LAB_CACHE: cache };
    const roots = path.join(cache, "roots");
    const building = () =>
      existsSync(roots) && readdirSync(roots).some((one) => existsSync(path.join(roots, one, "usr/bin")));
    const { child, ended } = await upUntil(building, env);
    child.kill("SIGKILL");
    await ended;
    expect(remains(name).processes).toBeGreaterThan(0);
    expect((await command(["down", "--lab", name], { env })).code).toBe(0);
    expect(remains(name)).toEqual(nothing);
    expect(mountsBelow(cache)).toEqual([]);
  });
});

onRealHosts("a lab that cannot be made", () => {
  const name = "self-cannot";
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "ovl-lab-cannot-"));
  });
  afterEach(async () => {
    await command(["down", "--lab", name]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** A command that comes before the real one of that name on the PATH that is returned. */
  function instead(commandName: string, script: string): string {
    writeFileSync(path.join(folder, commandName), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return `${folder}:${process.env.PATH}`;
  }

  test("because its hosts do not boot says what systemd-nspawn said, and leaves nothing", async () => {
    const PATH = instead("systemd-nspawn", "echo Failed to mount image. >&2; exit 1");
    const { code, stderr } = await command(["up", "--bare", "--nodes", "1", "--lab", name], { env: { PATH } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\nnode103 did not boot: Failed to mount image\.\n$/);
    expect(remains(name)).toEqual(nothing);
  });

  test("because the Debian archive does not answer names the archive's own complaint and what to do", async () => {
    const PATH = instead(
      "apt-get",
      'case "$1" in indextargets) echo "Packages main http://127.0.0.1:9/debian/" ;; *) exec /usr/bin/apt-get "$@" ;; esac',
    );
    const { code, stderr } = await command(["up", "--lab", name], { env: { PATH, OVL_LAB_CACHE: folder } });
    expect(code).toBe(1);
    const last = stderr.trimEnd().split("\n").at(-1);
    expect(last).toMatch(
      /^mmdebstrap could not make classic-[0-9a-f]+ from Debian bookworm and bullseye: .*Connection refused/,
    );
    expect(last).toMatch(/; run it again when this machine reaches its Debian archive$/);
    expect(remains(name)).toEqual(nothing);
  });

  test("because packages are missing that apt-get cannot install says which, and asks nothing", async () => {
    const asked = path.join(folder, "asked");
    const PATH = instead(
      "apt-get",
      `echo "$DEBIAN_FRONTEND $1" >> ${asked}; [ "$1" = update ] || { echo "E: Unable to locate package mmdebstrap" >&2; exit 100; }`,
    ).split(":")[0];
    for (const needed of ["sh", "cat", "flock"]) symlinkSync(`/usr/bin/${needed}`, path.join(folder, needed));
    const env = { PATH, OVL_LAB_CACHE: folder };
    const { code, stderr } = await command(["up", "--lab", name], { env });
    expect(code).toBe(1);
    expect(readFileSync(asked, "utf8")).toBe("noninteractive update\nnoninteractive install\n");
    expect(stderr).toMatch(
      /\nthe lab needs the Debian packages systemd-container mmdebstrap .*: Unable to locate package mmdebstrap; /,
    );
  });
});
