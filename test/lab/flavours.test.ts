import { afterEach, expect, test } from "vitest";
import { until } from "./command.ts";
import { Lab, remove } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

onRealHosts("a flavour of hosts", () => {
  const name = "self-flavour";
  afterEach(() => remove(name));

  test.each([
    ["classic-24", /^20\.10\.24/],
    ["newest", /^(2[89]|[3-9]\d)\./],
  ] as const)("%s runs the engine that it is there for, and its containers", async (flavour, version) => {
    const lab = await Lab.up({ name, flavour, nodes: 1, joined: false });
    const node = lab.node("node103");
    expect(await node.docker("version", "-f", "{{.Server.Version}}")).toMatch(version);
    const script = "echo in a container; ping -c1 127.0.0.1 >&2";
    expect(await node.docker("run", "--rm", "busybox", "sh", "-c", script)).toBe("in a container\n");
    await node.docker("run", "-itd", "--privileged", "--name", "pool", "big_computing", "/usr/sbin/init");
    const condor = "docker exec pool systemctl is-active condor";
    await until("HTCondor", 180, async () => (await node.run(condor)).stdout === "active\n");
  });

  test("classic-24 is the engine that was built without Consul: it refuses the store and says so", async () => {
    const lab = await Lab.up({ name, flavour: "classic-24", nodes: 1, joined: false });
    const node = lab.node("node103");
    const flags = '{"cluster-store": "consul://192.168.44.103:8500", "cluster-advertise": "ens33:2376"}';
    await node.must('printf "%s\\n" "$1" > /etc/docker/daemon.json', flags);
    expect((await node.run("systemctl restart docker")).code).not.toBe(0);
    const log = () => node.must("journalctl -u docker -o cat --no-pager");
    await expect.poll(log).toContain("discovery service not supported");
  });
});
