import { readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ran, until } from "./command.ts";
import { Lab, remove } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { addressOf, placesOf } from "./places.ts";
import { command, entry, nothing, remains } from "./remains.ts";
import { users } from "./root.ts";

/** The machine's own network, which no lab may touch. */
const machine = async () => ({
  forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
  links: (await ran(["ip", "-br", "link"])).stdout,
  routes: (await ran(["ip", "route", "show", "table", "all"])).stdout,
  rules: (await ran(["iptables-save"])).stdout.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, ""),
});

onRealHosts("two hosts of the classic procedure", () => {
  const name = "self-a";
  let lab: Lab;
  let before: Awaited<ReturnType<typeof machine>>;
  const ping = async (from: string, container: string, to: string) =>
    (await lab.node(from).run('docker exec "$1" ping -c1 -W2 "$2"', container, to)).code;
  const pingHost = async (to: string, from = "node103") =>
    (await lab.node(from).run('ping -c1 -W1 "$1"', addressOf(to))).code;

  beforeAll(async () => {
    before = await machine();
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
    expect((await node.ssh("hostname; systemctl is-system-running --wait")).stdout).toBe("node103\nrunning\n");
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
    await until("node104 on the network", 60, async () => (await pingHost("node104")) === 0);
  });

  test("VXLAN that is dropped takes the overlay away and leaves the hosts reachable", async () => {
    const node = lab.node("node104");
    await node.dropUdp(4789, "in");
    expect(await ping("node103", "node2", "node1")).not.toBe(0);
    expect(await pingHost("node104")).toBe(0);
    await node.dropUdp(4789, "none");
    expect(await ping("node103", "node2", "node1")).toBe(0);
  });

  test("a host without power answers nothing, and boots as the same machine with its lasting containers", async () => {
    const node = lab.node("node104");
    await node.docker("run", "-d", "--restart", "always", "--name", "lasting", "busybox", "sleep", "1000000");
    const identity = "cat /etc/machine-id /etc/ssh/ssh_host_ed25519_key.pub /sys/class/net/ens33/address";
    const before = await node.must(identity);
    await node.powerOff();
    expect(await pingHost("node104")).not.toBe(0);
    expect((await node.run("true")).stderr).toBe("node104 is off");
    await node.boot();
    expect(await node.must(identity)).toBe(before);
    expect((await node.ssh("true")).code).toBe(0);
    const running = async () => (await node.docker("ps", "--format", "{{.Names}}")).trim();
    await until("the container to be restarted", 60, async () => (await running()) === "lasting");
    expect(await node.docker("ps", "-a", "--format", "{{.Names}}")).toContain("node1");
    await node.docker("rm", "-f", "lasting");
  });

  test("a host that shuts itself down has no network either, and boots again", async () => {
    const node = lab.node("node104");
    await node.run("systemctl poweroff");
    await until("node104 off", 180, async () => (await node.run("true")).code === 255);
    await until("node104 off the network", 60, async () => (await pingHost("node104")) !== 0);
    await node.boot();
    expect((await node.ssh("systemctl is-active docker")).stdout).toBe("active\n");
  });

  test("sshd that is killed comes back by itself", async () => {
    const node = lab.node("node103");
    const before = await node.must("systemctl show -p MainPID --value ssh");
    await node.killSshd();
    await until("a new sshd", 60, async () => {
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
    const other = await Lab.up({ name: "self-b", flavour: "classic", nodes: 1, joined: false });
    try {
      const ids = await Promise.all([lab, other].map((one) => one.node("node103").must("cat /etc/machine-id")));
      expect(new Set(ids).size).toBe(2);
      expect((await other.node("node103").ssh("hostname")).stdout).toBe("node103\n");
      expect(await other.node("node103").docker("ps", "-aq")).toBe("");
      const started = 'docker inspect -f "{{.State.StartedAt}} {{.State.Running}}" consul node2';
      const running = await lab.node("node103").must(started);
      await other.node("node103").must("systemctl stop docker.socket docker containerd");
      expect(await lab.node("node103").must(started)).toBe(running);
      expect(running).toMatch(/^.* true\n.* true\n$/);
    } finally {
      await other.down();
    }
    expect(remains("self-b")).toEqual(nothing);
    expect((await lab.node("node103").ssh("hostname")).stdout).toBe("node103\n");
  });

  test("the kernel and the network of the machine stay as they were", async () => {
    // A container on the overlay makes an engine's bridges, rules and forwarding; a privileged one may tune the kernel.
    await lab.node("node103").docker("restart", "-t", "0", "node2");
    const inside = (script: string) => lab.node("node103").run('docker exec node2 sh -c "$1"', script);
    await until(
      "HTCondor in node2",
      180,
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

onRealHosts("the lab's command", () => {
  const name = "self-cli";
  afterAll(() => remove(name));

  test("`up` writes a file that the program takes, and says so when it is up already", async () => {
    const first = await command(["up", "classic", "--bare", "--nodes", "1", "--lab", name]);
    const { configFile, knownHostsFile, keyFile } = placesOf(name);
    expect(first).toMatchObject({ code: 0, stdout: `${configFile}\n` });
    expect(readFileSync(configFile, "utf8")).toContain(`identityFile: ${keyFile}\n  knownHostsFile: ${knownHostsFile}`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const again = await command(["up", "--bare", "--nodes", "1", "--lab", name]);
    expect(again).toMatchObject({ code: 0, stdout: `${configFile}\n` });
    expect(again.stderr).toMatch(/^lab self-cli is up: classic, 1 nodes, bare\n/);
    const otherwise = await command(["up", "swarm", "--lab", name]);
    expect(otherwise).toMatchObject({ code: 1, stdout: "" });
  });

  test("`ssh` passes input, output and exit code on", async () => {
    const words = ["ssh", "--lab", name, "node103", "hostname; cat; exit 7"];
    expect(await command(words, { input: "from stdin\n" })).toMatchObject({
      code: 7,
      stdout: "node103\nfrom stdin\n",
    });
  });

  test("`status` names the hosts and their engines", async () => {
    const { stdout } = await command(["status"]);
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
    const { code, stdout, stderr } = await command(words);
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
