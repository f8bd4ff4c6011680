import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { groupsOf } from "./cgroups.ts";
import { type Ran, ran, until } from "./command.ts";
import { Lab, remove } from "./lab.ts";
import { locked } from "./lock.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { addressOf, placesOf } from "./places.ts";
import { commandOf, mountsBelow } from "./processes.ts";
import { users } from "./root.ts";
import { namespacesOf, processCount } from "./sweep.ts";

const root = path.resolve(import.meta.dirname, "../..");
const entry = [process.execPath, "--import", "tsx", path.join(root, "test/lab/main.ts")];

/** `npm run lab -- WORDS…` */
const command = (...words: string[]): Promise<Ran> => ran([...entry, ...words], { seconds: 300 });

/** What a lab has on the machine. */
function remains(name: string) {
  const places = placesOf(name);
  return {
    processes: processCount(places),
    mounts: mountsBelow(places.folder),
    namespaces: namespacesOf(places),
    controlGroups: groupsOf(places.prefix),
    files: existsSync(places.folder),
  };
}
const nothing = { processes: 0, mounts: [], namespaces: [], controlGroups: [], files: false };

onRealHosts("two hosts of the classic procedure", () => {
  const name = "selftest";
  let lab: Lab;
  const ping = async (from: string, container: string, to: string) =>
    (await lab.node(from).run('docker exec "$1" ping -c1 -W2 "$2"', container, to)).code;
  const pingHost = async (to: string, from = "node103") =>
    (await lab.node(from).run('ping -c1 -W1 "$1"', addressOf(to))).code;

  beforeAll(async () => {
    lab = await Lab.up({ name, flavour: "classic", nodes: 2 });
  });
  afterAll(async () => {
    await lab?.down();
    expect(remains(name)).toEqual(nothing);
  });

  test("containers on different hosts reach each other over the overlay by name", async () => {
    expect(await ping("node104", "node1", "node2")).toBe(0);
    expect(await ping("node103", "node2", "node1")).toBe(0);
    const engines = await Promise.all(
      ["node103", "node104"].map((node) => lab.node(node).docker("info", "-f", "{{.ID}}")),
    );
    expect(new Set(engines).size).toBe(2);
  });

  test("a host has its name and address on ens33, and no way out", async () => {
    const node = lab.node("node103");
    expect((await node.ssh("hostname; systemctl is-system-running")).stdout).toBe("node103\nrunning\n");
    expect(await node.must("ip -br -4 address show ens33")).toMatch(/192\.168\.44\.103\/24/);
    expect(await node.must("ls /sys/class/net")).toContain("ens33");
    expect(await node.must("ip route show default")).toBe("");
    expect((await lab.exec(["ip", "route", "show", "default"])).stdout).toBe("");
  });

  test("everybody logs in with the lab's key: root, and three users with three ways to Docker", async () => {
    const node = lab.node("node104");
    const asks = "docker version -f '{{.Server.Version}}'";
    expect((await node.ssh(asks)).stdout).toBe("20.10.5+dfsg1\n");
    expect((await node.ssh(asks, "dockeruser")).stdout).toBe("20.10.5+dfsg1\n");
    expect((await node.ssh(asks, "deploy")).code).not.toBe(0);
    expect((await node.ssh(`sudo -n ${asks}`, "deploy")).stdout).toBe("20.10.5+dfsg1\n");
    expect((await node.ssh(`sudo -n ${asks}`, "operator")).code).not.toBe(0);
    const withPassword = `echo ${users.operator.password} | sudo -S -p '' ${asks}`;
    expect((await node.ssh(withPassword, "operator")).stdout).toBe("20.10.5+dfsg1\n");
  });

  test("a pulled cable cuts a host off, and plugged in again it is back", async () => {
    await lab.node("node104").link("down");
    expect(await pingHost("node104")).not.toBe(0);
    expect(await pingHost("node103", "node104")).not.toBe(0);
    expect((await lab.node("node103").ssh("true")).code).toBe(0);
    expect(await lab.node("node104").must("cat /sys/class/net/ens33/carrier")).toBe("0\n");
    await lab.node("node104").link("up");
    await until("node104 on the network", 20, async () => (await pingHost("node104")) === 0);
  });

  test("VXLAN that is dropped takes the overlay away and leaves the hosts reachable", async () => {
    const node = lab.node("node104");
    await node.dropUdp(4789, "in");
    expect(await ping("node103", "node2", "node1")).not.toBe(0);
    expect(await pingHost("node104")).toBe(0);
    await node.dropUdp(4789, "none");
    expect(await ping("node103", "node2", "node1")).toBe(0);
  });

  test("a host without power answers nothing, and boots as the same machine", async () => {
    const node = lab.node("node104");
    const identity = "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub /sys/class/net/ens33/address";
    const before = await node.must(identity);
    await node.powerOff();
    expect(await pingHost("node104")).not.toBe(0);
    expect((await node.run("true")).stderr).toBe("node104 is off");
    await node.boot();
    expect(await node.must(identity)).toBe(before);
    expect((await node.ssh("true")).code).toBe(0);
    expect(await node.docker("ps", "-a", "--format", "{{.Names}}")).toContain("node1");
  });

  test("a host that shuts itself down has no network either, and boots again", async () => {
    const node = lab.node("node104");
    await node.run("systemctl poweroff");
    await until("node104 off", 60, async () => (await node.run("true")).code === 255);
    await until("node104 off the network", 20, async () => (await pingHost("node104")) !== 0);
    await node.boot();
    expect((await node.ssh("systemctl is-active docker")).stdout).toBe("active\n");
  });

  test("sshd that is killed comes back by itself", async () => {
    const node = lab.node("node103");
    const before = await node.must("systemctl show -p MainPID --value ssh");
    await node.killSshd();
    await until("a new sshd", 30, async () => {
      const now = await node.must("systemctl show -p MainPID --value ssh");
      return now !== before && now !== "0\n" && (await node.ssh("true")).code === 0;
    });
  });

  test("new host keys are refused by those who know the old ones", async () => {
    const node = lab.node("node103");
    expect((await node.ssh("true")).code).toBe(0);
    await node.replaceHostKey();
    const { code, stderr } = await node.ssh("true");
    expect(code).toBe(255);
    expect(stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
    lab.writeKnownHosts();
    expect((await node.ssh("true")).code).toBe(0);
  });

  test("another lab lives beside it with the same names and addresses", async () => {
    const other = await Lab.up({ name: "selftest-2", flavour: "classic", nodes: 1, joined: false });
    try {
      const ids = await Promise.all([lab, other].map((one) => one.node("node103").must("cat /etc/machine-id")));
      expect(new Set(ids).size).toBe(2);
      expect((await other.node("node103").ssh("hostname")).stdout).toBe("node103\n");
      expect(await other.node("node103").docker("ps", "-aq")).toBe("");
    } finally {
      await other.down();
    }
    expect(remains("selftest-2")).toEqual(nothing);
    expect((await lab.node("node103").ssh("hostname")).stdout).toBe("node103\n");
  });

  test("the kernel and the network of the machine stay as they were", async () => {
    const machine = async () => ({
      forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
      links: (await ran(["ip", "-br", "link"])).stdout,
      rules: (await ran(["iptables-save"])).stdout.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, ""),
    });
    const before = await machine();
    // A container on the overlay makes an engine's bridges, rules and forwarding; a privileged one may tune the kernel.
    await lab.node("node103").docker("restart", "-t", "0", "node2");
    const inside = (script: string) => lab.node("node103").run('docker exec node2 sh -c "$1"', script);
    await until(
      "HTCondor in node2",
      60,
      async () => (await inside("systemctl is-active condor")).stdout === "active\n",
    );
    expect((await inside("condor_config_val ENABLE_KERNEL_TUNING")).stdout).toBe("False\n");
    // HTCondor's linux_kernel_tuning writes down there what it changes.
    expect((await inside("ls /etc/sysctl.d/99-htcondor.conf")).code).not.toBe(0);
    expect((await inside("systemctl is-enabled systemd-sysctl")).stdout).toBe("masked\n");
    expect(await lab.node("node103").must("systemctl is-enabled systemd-sysctl || :")).toBe("masked\n");
    expect(await machine()).toEqual(before);
  });
});

onRealHosts("a lab that is interrupted", () => {
  const name = "selftest-cut";
  afterEach(() => remove(name));

  /** Starts `up` and waits until the machine looks as `holds` wants it. */
  async function upUntil(holds: () => boolean, env: NodeJS.ProcessEnv = {}, ...words: string[]) {
    const [file = "", ...args] = [...entry, "up", "classic", "--bare", "--lab", name, ...words];
    const child = spawn(file, args, { stdio: "ignore", env: { ...process.env, ...env } });
    const ended = once(child, "close");
    await until("the middle of `up`", 300, holds, 20);
    return { child, ended };
  }
  const booting = () =>
    readdirSync("/run/netns").includes(placesOf(name).host("node103").namespace) && processCount(placesOf(name)) > 3;

  test("killed while its hosts boot, it is gone after `down`", async () => {
    const { child, ended } = await upUntil(booting);
    child.kill("SIGKILL");
    await ended;
    expect(remains(name).processes).toBeGreaterThan(0);
    expect(remains(name).mounts).not.toEqual([]);
    const { code, stderr } = await command("down", "--lab", name);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(remains(name)).toEqual(nothing);
    expect((await command("down", "--lab", name)).code).toBe(0);
  });

  test("whose systemd-nspawn is killed leaves no host behind", async () => {
    const lab = await Lab.up({ name, nodes: 1, joined: false });
    const nspawns = lab.machines.flatMap((machine) => machine.bootProcesses());
    for (const pid of nspawns.filter((pid) => commandOf(pid) === "systemd-nspawn")) process.kill(pid, "SIGKILL");
    // What ran the host takes its namespace's name away, and the host's own processes live on in it.
    await until("the host's namespace without a name", 20, () => namespacesOf(lab.places).length === 1);
    expect(remains(name).processes).toBeGreaterThan(0);
    await command("down", "--lab", name);
    expect(remains(name)).toEqual(nothing);
  });

  test("a second `up` is refused while one works on the same lab", async () => {
    await locked(`lab-${name}`, "up", 5, async () => {
      const { code, stderr } = await command("up", "classic", "--lab", name);
      expect(stderr).toBe(`another run works on lab ${name} (process ${process.pid}, up): wait for it, or end it\n`);
      expect(code).toBe(1);
    });
  });

  test("`down` ends an `up` that runs", async () => {
    const { ended, child } = await upUntil(booting, {}, "--nodes", "3");
    const { code, stderr } = await command("down", "--lab", name);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `ending the run that is making lab ${name} (process ${child.pid})\n`,
    });
    await ended;
    expect(remains(name)).toEqual(nothing);
  });

  test("killed while it builds, it leaves no process and no mount after `down`", async () => {
    const cache = mkdtempSync(path.join(tmpdir(), "ovl-lab-cache-"));
    const env = { OVL_LAB_CACHE: cache };
    try {
      const roots = path.join(cache, "roots");
      const building = () =>
        existsSync(roots) && readdirSync(roots).some((one) => existsSync(path.join(roots, one, "usr/bin")));
      const { child, ended } = await upUntil(building, env);
      child.kill("SIGKILL");
      await ended;
      expect(processCount(placesOf(name))).toBeGreaterThan(0);
      const { code } = await ran([...entry, "down", "--lab", name], { env });
      expect(code).toBe(0);
      expect(processCount(placesOf(name))).toBe(0);
      expect(mountsBelow(cache)).toEqual([]);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
});

onRealHosts("the lab's command", () => {
  const name = "selftest-cli";
  afterAll(() => remove(name));

  test("`up` writes a file that the program takes, and says so when it is up already", async () => {
    const first = await command("up", "classic", "--bare", "--nodes", "1", "--lab", name);
    const { configFile, knownHostsFile, keyFile } = placesOf(name);
    expect(first).toMatchObject({ code: 0, stdout: `${configFile}\n` });
    expect(readFileSync(configFile, "utf8")).toContain(`identityFile: ${keyFile}\n  knownHostsFile: ${knownHostsFile}`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const again = await command("up", "--bare", "--nodes", "1", "--lab", name);
    expect(again).toMatchObject({ code: 0, stdout: `${configFile}\n` });
    expect(again.stderr).toMatch(/^lab selftest-cli is up: classic, 1 nodes, bare\n/);
    const otherwise = await command("up", "swarm", "--lab", name);
    expect(otherwise).toMatchObject({ code: 1, stdout: "" });
  });

  test("`ssh` passes output and exit code on", async () => {
    expect(await command("ssh", "--lab", name, "node103", "hostname; exit 7")).toMatchObject({
      code: 7,
      stdout: "node103\n",
    });
  });

  test("`status` names the hosts and their engines", async () => {
    const { stdout } = await command("status");
    expect(stdout).toContain(`${name}: node103 192.168.44.103 classic engine 20.10.5+dfsg1\n`);
  });
});

describe("bad usage of the lab's command", () => {
  test.each([
    [["up", "nonesuch"], /^there is no flavour "nonesuch"; there are classic, /],
    [["up", "--nodes", "0"], /^--nodes is "0"; expected 1 to 9\n$/],
    [["up", "--lab", "../x"], /^"\.\.\/x" is no lab name/],
    [["up", "--colour"], /Unknown option '--colour'/],
    [["dance"], /^there is no command "dance"/],
  ])("%j is refused with a sentence and exit code 2", async (words, sentence) => {
    const { code, stdout, stderr } = await command(...words);
    expect(stderr).toMatch(sentence);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  });

  test("without root it is one sentence and exit code 2", async () => {
    // The checkout may lie where only root may look.
    const mayRead = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"];
    const nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...mayRead];
    const { code, stdout, stderr } = await ran([...(process.getuid?.() === 0 ? nobody : []), ...entry, "up"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^the lab needs (root|Linux): .*\n$/);
  });
});
