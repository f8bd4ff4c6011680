import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { node1, node2, Program, pings } from "./applied.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

/** A lab and the program on it, for the tests of one `describe`. */
function hosts(options: Parameters<typeof Lab.up>[0]) {
  const site = {} as { lab: Lab; program: Program; on(node: string, script: string): Promise<string> };
  beforeAll(async () => {
    site.lab = await Lab.up({ ...options, joined: false });
    site.program = new Program(site.lab);
    site.on = (node, script) => site.lab.node(node).must(script);
  });
  afterAll(async () => {
    site.program?.close();
    await site.lab?.down();
  });
  return site;
}

onRealHosts("a plan for engines of today", () => {
  const site = hosts({ name: "apply-swarm", flavour: "swarm", nodes: 3 });

  test("joins them in a swarm with a quorum of managers, and containers of its overlay ping each other", async () => {
    const { program, lab, on } = site;
    const node3 = { ...node1, name: "node3", hostname: "node3", node: "node105" };
    program.wants({ store: null, nodes: ["node103", "node104", "node105"], containers: [node2, node1, node3] });
    const pids = await on("node103", "pidof dockerd");
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
    expect(await pings(lab, "node105", "node3", "node1")).toBe(true);
    const managers = await on("node103", "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'");
    expect(managers.trim().split("\n").sort()).toEqual(["node103 Leader", "node104 Reachable", "node105 Reachable"]);
    expect(await on("node103", "pidof dockerd")).toBe(pids);
    expect(await on("node103", "ss -Hltnp 'sport = :2376'")).toBe("");
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });

  test("takes a manager out: drained, demoted, left and forgotten", async () => {
    const { program, on } = site;
    const removed = await program.apply("--remove", "node105");
    expect(removed, removed.said).toMatchObject({ code: 0, ok: true });
    expect(await on("node103", "docker node ls --format '{{.Hostname}}'")).not.toContain("node105");
    expect(await on("node105", "docker info --format '{{.Swarm.LocalNodeState}}'")).toBe("inactive\n");
    expect(await on("node105", "docker ps -aq")).toBe("");
  });

  test("leaves a node of another swarm where it is", async () => {
    const { program, on } = site;
    await on("node105", "docker swarm init --advertise-addr ens33 >/dev/null");
    program.wants({ store: null, nodes: ["node103", "node104", "node105"], containers: [] });
    const answer = await program.apply();
    expect(answer.code).toBe(1);
    expect(answer.obstacles.map((one) => one.id)).toContain("node-in-another-swarm");
    expect(await on("node105", "docker info --format '{{.Swarm.LocalNodeState}}'")).toBe("active\n");
  });
});

onRealHosts("a plan for a flat network", () => {
  const site = hosts({ name: "apply-macvlan", flavour: "classic", nodes: 2 });

  test("gives each host a range of its own in the one subnet, needs no store, and the containers ping each other", async () => {
    const { program, lab, on } = site;
    const flat = { name: "flat", driver: "macvlan", subnet: "10.20.30.0/24", parent: "ens33" };
    const containers = [node2, node1].map((one) => ({ ...one, network: "flat" }));
    program.wants({ store: null, networks: [flat], containers });
    const files = await on("node104", "sha256sum /etc/docker/daemon.json");
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    const address = async (node: string, name: string) =>
      (await on(node, `docker inspect -f '{{.NetworkSettings.Networks.flat.IPAddress}}' ${name}`)).trim();
    const [two, one] = [await address("node103", "node2"), await address("node104", "node1")];
    expect(two).not.toBe(one);
    const ranges = await Promise.all(
      ["node103", "node104"].map((node) =>
        on(node, "docker network inspect -f '{{(index .IPAM.Config 0).IPRange}}' flat"),
      ),
    );
    expect(new Set(ranges).size).toBe(2);
    expect(await pings(lab, "node104", "node1", two)).toBe(true);
    expect(await on("node104", "sha256sum /etc/docker/daemon.json")).toBe(files);
    expect(await on("node103", "docker info --format '{{.ClusterStore}}'; docker ps --format '{{.Names}}'")).toBe(
      "\nnode2\n",
    );
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });
});

onRealHosts("a plan with etcd", () => {
  const site = hosts({ name: "apply-etcd", flavour: "classic", nodes: 2 });

  test("runs it with the v2 API on its node's address only, from an image that one host has", async () => {
    const { program, lab, on } = site;
    // The host that shall run it lacks the image: it comes from the other one, through here.
    await lab.load("etcd:3.4", ["node104"]);
    program.wants({ store: { kind: "etcd", node: "node103", image: "etcd:3.4" } });
    const engines = () => Promise.all(["node103", "node104"].map((node) => on(node, "pidof dockerd")));
    const before = await engines();
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    const copied = applied.steps.filter((step) => step.id.includes("/image"));
    expect(copied.map((step) => [step.node, step.title])).toEqual([["node103", expect.stringContaining("etcd:3.4")]]);
    expect(await engines()).toEqual(before);
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
    const etcd = (await on("node103", "ss -Hltnp")).split("\n").filter((line) => line.includes('"etcd"'));
    expect(etcd.map((line) => line.trim().split(/\s+/)[3]).sort()).toEqual([
      "192.168.44.103:2379",
      "192.168.44.103:2380",
    ]);
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });
});

onRealHosts("a plan with the image of the classic procedure", () => {
  const site = hosts({ name: "apply-progrium", flavour: "classic", nodes: 2 });

  test("runs Consul by that image's own entrypoint", async () => {
    const { program, lab, on } = site;
    // As progrium/consul is made: its entrypoint begins the agent, and takes what follows as more of its options.
    await on(
      "node103",
      `docker run --name made consul:1.8.7 sh -c 'mkdir -p /config /data; printf "#!/bin/sh\\nexec consul agent -config-dir=/config \\"\\$@\\"\\n" >/bin/start; chmod +x /bin/start'
       docker commit --change 'ENTRYPOINT ["/bin/start"]' --change 'CMD []' made progrium/consul >/dev/null
       docker rm made >/dev/null`,
    );
    program.wants({ store: { kind: "consul", node: "node103", image: "progrium/consul" } });
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });
});

onRealHosts("a plan with three servers of Consul", () => {
  const site = hosts({ name: "apply-quorum", flavour: "classic", nodes: 3 });

  test("keeps a quorum that goes on when one host is gone", async () => {
    const { program, lab, on } = site;
    const nodes = ["node103", "node104", "node105"];
    program.wants({ nodes, store: { kind: "consul", node: nodes, image: "consul:1.8.7" } });
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
    await lab.node("node103").powerOff();
    await on(
      "node104",
      "for i in $(seq 100); do curl -sf http://192.168.44.104:8500/v1/status/leader | grep -q 8300 && exit 0; sleep 0.3; done; exit 1",
    );
    await on("node105", "docker network create -d overlay --subnet 10.10.20.0/24 later");
    await on("node104", "docker run -d --name one --net later busybox sleep 10000");
    await on("node105", "docker run -d --name two --net later busybox sleep 10000");
    expect(await pings(lab, "node104", "one", "two")).toBe(true);
  });
});

onRealHosts("a plan for an engine whose unit passes flags", () => {
  const site = hosts({ name: "apply-listen", flavour: "classic", nodes: 2 });
  const dropIn = "/etc/systemd/system/docker.service.d/ovl-tui.conf";

  test("changes what the unit passes in a drop-in of its own, so that flag and file never conflict", async () => {
    const { program, lab, on } = site;
    await on(
      "node104",
      `mkdir -p /etc/systemd/system/docker.service.d
       printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/dockerd -H fd:// --cluster-store=consul://192.0.2.1:8500 --cluster-advertise=ens33:2376 --label=kept=yes\\n' \\
         >/etc/systemd/system/docker.service.d/10-site.conf
       systemctl daemon-reload`,
    );
    program.wants();
    const { steps } = await program.plan();
    expect(steps.find((step) => step.id === "node104/engine")?.preview).toContain("ovl-tui.conf");
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await on("node104", `cat ${dropIn}`)).toMatch(/--label=kept=yes/);
    expect(await on("node104", "docker info --format '{{.ClusterStore}} {{.Labels}}'")).toBe(
      "consul://192.168.44.103:8500 [kept=yes]\n",
    );
    expect(await on("node104", "cat /etc/docker/daemon.json")).not.toContain("cluster-store");
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
  });

  test("opens no port without TLS unless that is accepted by name", async () => {
    const { program, on } = site;
    program.wants({ engine: { listen: "insecure" } });
    const answer = await program.apply();
    expect(answer.code).toBe(2);
    expect(`${answer.said} ${answer.error}`).toContain("--accept-insecure-listener");
    expect(await on("node104", "ss -Hltn 'sport = :2376'")).not.toContain("0.0.0.0:2376");
  });

  test("opens a port for mutual TLS when asked to, and nobody without a certificate gets in", async () => {
    const { program, lab, on } = site;
    program.wants({ engine: { listen: "tls" } });
    const applied = await program.apply();
    expect(applied, applied.said).toMatchObject({ code: 0, ok: true });
    expect(await on("node103", "stat -c %a /etc/docker/ovl-tui/*.pem | sort -u")).toBe("600\n");
    const ask = (words: readonly string[]) =>
      lab.exec([
        "curl",
        "-s",
        "-m",
        "5",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        ...words,
        "https://192.168.44.103:2376/_ping",
      ]);
    const folder = path.join(program.data, "bigcomputing");
    const own = (name: string) => path.join(folder, name);
    expect(readFileSync(own("cert.pem"), "utf8")).toContain("BEGIN CERTIFICATE");
    expect((await ask(["--cacert", own("ca.pem"), "--cert", own("cert.pem"), "--key", own("key.pem")])).stdout).toBe(
      "200",
    );
    expect((await ask(["--cacert", own("ca.pem")])).stdout).toBe("000");
    // After both engines were restarted the first packet from the first one is what teaches the other its way.
    expect(await pings(lab, "node103", "node2", "node1")).toBe(true);
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });
});
