import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ran, until } from "./command.ts";
import { Lab, labObstacle } from "./lab.ts";

const root = path.resolve(import.meta.dirname, "../..");
const program = `import(${JSON.stringify(path.join(root, "src/cli/main.ts"))}).then(async ({ run }) => {
  process.exitCode = await run(process.argv.slice(1));
})`;

describe.skipIf(labObstacle() !== undefined)("what is found on two real hosts joined by Consul", () => {
  let lab: Lab;
  const must = (node: string, script: string) => lab.node(node).must(script);

  /** One `ovl-tui status --json` beside the hosts: its exit code, and the findings as "severity id node". */
  async function status(): Promise<{ code: number; found: string[] }> {
    const node = [process.execPath, "--import", "tsx", "--input-type=module", "-e", program, "--"];
    const command = [...node, "status", "--json", "--timeout", "60", "--config", lab.configFile];
    const { code, stdout, stderr } = await ran(lab.inSwitch(command), { seconds: 240 });
    if (!stdout.startsWith("{")) throw new Error(stderr);
    const { findings } = JSON.parse(stdout) as { findings: { severity: string; id: string; node: string | null }[] };
    return { code, found: findings.map(({ severity, id, node }) => `${severity} ${id} ${node ?? "-"}`).sort() };
  }

  const wellAgain = () =>
    until("nothing is wrong again", 240, async () => {
      const { code, found } = await status();
      return code === 0 && found.length === 0;
    });

  beforeAll(async () => {
    lab = await Lab.up({ name: "findings", flavour: "classic", nodes: 2 });
  });
  afterAll(() => lab?.down());

  test("nothing, while nothing is wrong", async () => {
    expect(await status()).toEqual({ code: 0, found: [] });
  });

  test("what was changed on the machines behind everybody's back", async () => {
    await must("node103", "ip link set ens33 mtu 1400; ip route add 10.10.0.0/16 dev docker0");
    await must(
      "node104",
      `cp -p /etc/docker/daemon.json /tmp/kept; hostname node103
      sed -i '1s/{/{ "hosts": ["tcp:\\/\\/0.0.0.0:2376"], "mtu": 1400,/' /etc/docker/daemon.json`,
    );
    try {
      expect(await status()).toEqual({
        code: 1,
        found: [
          "error duplicate-hostname -",
          "error flag-file-conflict node104",
          "warning flags-differ -",
          "warning insecure-listener node104",
          "warning mtu-differs node103",
          "warning overlay-overlaps-route node103",
        ],
      });
    } finally {
      await must("node103", "ip link set ens33 mtu 1500; ip route del 10.10.0.0/16 dev docker0");
      await must("node104", "mv /tmp/kept /etc/docker/daemon.json; hostname node104");
    }
    expect(await status()).toEqual({ code: 0, found: [] });
  });

  test("an engine that the store lost and that does not reach it", async () => {
    const key = "http://192.168.44.103:8500/v1/kv/docker/nodes/192.168.44.104:2376";
    const block = "OUTPUT -p tcp --dport 8500 -j REJECT --reject-with tcp-reset";
    // In its first minute an engine is given time to register.
    const started = 'date -d "$(systemctl show -p ExecMainStartTimestamp --value docker)" +%s';
    const startedAt = Number(await must("node104", started)) * 1000;
    await until("the engine's first minute is over", 180, () => Date.now() - startedAt > 75_000, 1000);
    await must("node104", `iptables -I ${block}`);
    try {
      await must("node103", `curl -sf -X DELETE ${key}`);
      const { code, found } = await status();
      expect(code).toBe(1);
      expect(found).toContain("error node-not-registered node104");
    } finally {
      await must("node104", `iptables -D ${block}`);
    }
    await wellAgain();
  });

  test("a store that was stopped, and nothing else because of it", async () => {
    await lab.node("node103").docker("stop", "consul");
    try {
      expect(await status()).toEqual({ code: 1, found: ["error store-not-answering -"] });
    } finally {
      await lab.node("node103").docker("start", "consul");
    }
    await wellAgain();
  });

  test("an engine that was stopped on purpose; the question does not wake it", async () => {
    await must("node104", "systemctl stop docker");
    try {
      expect(await status()).toEqual({ code: 1, found: ["error engine-not-answering node104"] });
      expect((await lab.node("node104").run("systemctl is-active docker")).stdout).toBe("inactive\n");
    } finally {
      await must("node104", "systemctl start docker");
    }
    await wellAgain();
  });

  test("a node whose cable is out", async () => {
    await lab.node("node104").link("down");
    try {
      expect(await status()).toEqual({ code: 1, found: ["error node-not-live node104"] });
    } finally {
      await lab.node("node104").link("up");
    }
  });
});
