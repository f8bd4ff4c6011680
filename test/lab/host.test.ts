import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHost } from "../../src/adapters/host/create-host.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { engineDroppedClusterStore } from "../../src/domain/findings/engine-dropped-cluster-store.ts";
import { parseArguments } from "../../src/domain/flags/arguments.ts";
import { effectiveConfig } from "../../src/domain/flags/effective-config.ts";
import { unitCommand } from "../../src/domain/flags/unit.ts";
import type { Outcome } from "../../src/domain/trouble.ts";
import { classic, fresh, now } from "../healthy-clusters.ts";
import { nodeNamed } from "../snapshots.ts";
import { Lab, labObstacle } from "./lab.ts";
import { opensshTransport } from "./openssh.ts";

const within = { ms: 20_000 };
const dropIn = "/etc/systemd/system/docker.service.d/test.conf";

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.trouble));
  return outcome.value;
}

describe.skipIf(labObstacle() !== undefined)("a real host of 2020, Docker 20.10 on Debian 12", () => {
  let lab: Lab;
  const host = (user?: string, shell?: string) =>
    createHost(opensshTransport(lab, "node103", user, shell), systemClock);
  const on103 = (script: string, ...args: string[]) => lab.node("node103").must(script, ...args);
  const write = (file: string, content: string) => on103(`mkdir -p "\${1%/*}" && printf %s "$2" >"$1"`, file, content);
  /** Back to how the lab made it, and running. */
  const restore = () =>
    on103(`rm -f ${dropIn} /etc/default/docker-test
      test ! -f /etc/docker/daemon.json.kept || mv /etc/docker/daemon.json.kept /etc/docker/daemon.json
      systemctl daemon-reload; systemctl reset-failed docker; systemctl restart docker.socket docker`);
  const keepDaemonJson = () => on103("cp -p /etc/docker/daemon.json /etc/docker/daemon.json.kept");

  beforeAll(async () => {
    lab = await Lab.up({ name: "hostfacts", flavour: "classic", nodes: 1, joined: false });
  });
  afterAll(() => lab?.down());

  test("tells of itself what its own commands tell", async () => {
    const facts = value(await host().facts(within));
    expect(facts.hostname).toBe("node103");
    expect(facts.kernel).toBe((await on103("uname -r")).trim());
    expect(facts.machineId).toBe((await on103("cat /etc/machine-id")).trim());
    expect(facts.os).toBe("Debian GNU/Linux 12 (bookworm)");
    expect(facts.dockerUnit).toBe("active");
    expect(facts.missingTools).toEqual([]);
    expect(facts.installedEngine).toBeUndefined();
    expect(facts.interfaces.find((link) => link.name === "ens33")).toMatchObject({
      up: true,
      mtu: 1500,
      mac: / link\/ether (\S+)/.exec(await on103("ip -o link show ens33"))?.[1],
      addresses: expect.arrayContaining(["192.168.44.103/24"]),
    });
    expect(facts.routes).toContainEqual({ destination: "192.168.44.0/24", device: "ens33" });
    // The lab's hosts have this machine's clock.
    expect(Math.abs(facts.clockDifferenceMs)).toBeLessThanOrEqual(facts.clockUncertaintyMs);
  });

  test("tells when its engine was started, by our clock", async () => {
    const started = await on103('date -d "$(systemctl show -p ExecMainStartTimestamp --value docker)" +%s');
    const { dockerd } = value(await host().facts(within));
    expect(dockerd?.pid).toBe(Number(await on103("systemctl show -p MainPID --value docker")));
    expect(Math.abs((dockerd?.startedAt ?? 0) - Number(started) * 1000)).toBeLessThan(2000);
  });

  test("says the same to busybox as to GNU", async () => {
    await on103(`docker create --name tools busybox true && docker cp tools:/bin/busybox /usr/local/bin/busybox
      docker rm tools; mkdir -p /opt/busybox; busybox --install -s /opt/busybox`);
    const gnu = value(await host().facts(within));
    const steady = ({ clockDifferenceMs: _ms, clockUncertaintyMs: _doubt, dockerd, ...facts }: typeof gnu) => ({
      ...facts,
      pid: dockerd?.pid,
    });
    const busybox = host("root", "env PATH=/opt/busybox:/usr/bin busybox sh");
    expect(steady(value(await busybox.facts(within)))).toEqual(steady(gnu));
    expect(await busybox.daemonSources(within)).toEqual(await host().daemonSources(within));
    expect(await busybox.engineService(within)).toEqual(await host().engineService(within));
  });

  test("knows where classic flags come from that were merged into daemon.json", async () => {
    await keepDaemonJson();
    try {
      const merged = {
        ...JSON.parse(await on103("cat /etc/docker/daemon.json")),
        "cluster-store": "consul://192.168.44.103:8500",
      };
      await write("/etc/docker/daemon.json", JSON.stringify({ ...merged, "cluster-advertise": "ens33:2376" }));
      const config = effectiveConfig(value(await host().daemonSources(within)));
      expect(config).toMatchObject({ conflicts: [], fileProblem: undefined });
      const told = config.flags.map(({ name, value, origin, running }) => `${name}=${value} ${origin.kind} ${running}`);
      expect(told).toEqual(
        expect.arrayContaining([
          "host=fd:// unit same",
          "cluster-store=consul://192.168.44.103:8500 daemon.json unknown",
          "cluster-advertise=ens33:2376 daemon.json unknown",
        ]),
      );
      expect(config.listeners.map((one) => one.address)).toEqual(["fd://"]);
    } finally {
      await on103("mv /etc/docker/daemon.json.kept /etc/docker/daemon.json");
    }
  });

  test("reads a unit's command line exactly as systemd runs it", async () => {
    await write(
      "/etc/default/docker-test",
      `# words\nMORE=--label plain=1 --label "of=two words" \\\n  --debug\nEMPTY=\nONE='a b'\n`,
    );
    await write(
      dropIn,
      [
        "[Service]",
        "ExecStart=",
        "EnvironmentFile=/etc/default/docker-test",
        "EnvironmentFile=-/etc/no-such-file",
        `Environment="INLINE=in line" OTHER=x`,
        "# A comment before a long line",
        "ExecStart=-/usr/sbin/dockerd -H fd:// $MORE $EMPTY $UNSET \\",
        "  ; a comment inside of it",
        `  --label "one=\${ONE}" --label 'inline=\${INLINE}' --label half=$OTHER \\`,
        String.raw`  --label esc\x41pe=\"q\"\ttab --label cost=$$5 --label full=100%% --log-level=info`,
        "",
      ].join("\n"),
    );
    try {
      await on103("systemctl daemon-reload && systemctl restart docker");
      const sources = value(await host().daemonSources(within));
      const understood = unitCommand(sources.unitFiles, sources.environmentFiles);
      expect(understood.map(({ text }) => text)).toEqual(sources.process?.argv);
      expect(understood.find(({ text }) => text === "of=two words")?.origin).toEqual({
        kind: "environment-file",
        path: "/etc/default/docker-test",
      });
      expect(
        effectiveConfig(sources).flags.filter((flag) => flag.running === "absent" || flag.running === "differs"),
      ).toEqual([]);
      // What dockerd itself made of them.
      const labels = await lab.node("node103").docker("info", "--format", "{{json .Labels}}");
      const ours = parseArguments(understood).flatMap(({ option, value }) => (option.flag === "label" ? [value] : []));
      expect((JSON.parse(labels) as string[]).sort()).toEqual(ours.sort());
    } finally {
      await restore();
    }
  });

  test("sees flags that were written and not applied yet", async () => {
    await write(
      dropIn,
      "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// -H tcp://127.0.0.1:2376 --mtu 1400\n",
    );
    try {
      await on103("systemctl daemon-reload");
      const config = effectiveConfig(value(await host().daemonSources(within)));
      expect(config.flags.map(({ name, value, running }) => `${name}=${value} ${running}`)).toEqual(
        expect.arrayContaining(["host=fd:// same", "host=tcp://127.0.0.1:2376 differs", "mtu=1400 absent"]),
      );
      expect(config.listeners.map((one) => one.address)).toEqual(["fd://"]);
    } finally {
      await restore();
    }
  });

  test.each([
    ["hosts in the file beside -H", `{"hosts": ["unix:///var/run/docker.sock"]}`],
    ["a value that is the same on both sides", `{"containerd": "/run/containerd/containerd.sock"}`],
    ["a comma too many", `{"debug": true,}`],
    ["a value of the wrong type", `{"log-opts": {"max-file": 3}}`],
    ["a list that is no list", `{"dns": "8.8.8.8"}`],
  ])("what is said to keep dockerd from starting does: %s", async (_, content) => {
    await keepDaemonJson();
    try {
      await write("/etc/docker/daemon.json", content);
      const config = effectiveConfig(value(await host().daemonSources(within)));
      expect(config.conflicts.length + (config.fileProblem === undefined ? 0 : 1)).toBe(1);
      await lab.node("node103").run("systemctl restart docker");
      const service = value(await host().engineService(within));
      expect(["failed", "starting"], service.detail).toContain(service.state);
    } finally {
      await restore();
    }
  });

  test("what is said to be harmless is: runtimes on both sides, other options side by side", async () => {
    await keepDaemonJson();
    await write(
      dropIn,
      "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --add-runtime other=/usr/bin/runc --label a=1\n",
    );
    try {
      const sources = value(await host().daemonSources(within));
      expect(effectiveConfig({ ...sources, process: undefined }).conflicts).toEqual([]);
      await on103("systemctl daemon-reload && systemctl restart docker");
      expect(value(await host().engineService(within))).toEqual({ state: "running", detail: "active (running)" });
    } finally {
      await restore();
    }
  });

  test("an engine stopped on purpose is told as stopped, and is not woken by the question", async () => {
    // Somebody asks the program on disk for its version meanwhile: that is no engine.
    await on103(`systemctl stop docker; cp /bin/sh /tmp/dockerd
      setsid /tmp/dockerd -c 'sleep 20; :' --version </dev/null >/dev/null 2>&1 &`);
    try {
      expect(value(await host().engineService(within))).toEqual({ state: "stopped", detail: "inactive (dead)" });
      const facts = value(await host().facts(within));
      expect(facts).toMatchObject({ dockerUnit: "inactive", dockerd: undefined, installedEngine: "20.10.5+dfsg1" });
      expect(value(await host().daemonSources(within)).process).toBeUndefined();
      expect((await lab.node("node103").run("systemctl is-active docker.socket docker")).stdout).toBe(
        "active\ninactive\n",
      );
    } finally {
      await restore();
    }
  });

  test("a user without root is told what may not be read; one with sudo reads it", async () => {
    await on103("chmod 600 /etc/docker/daemon.json");
    try {
      const plain = value(await host("dockeruser").daemonSources(within));
      expect(plain).toMatchObject({ daemonJson: undefined, unreadable: ["/etc/docker/daemon.json"] });
      expect(plain.process?.argv[0]).toBe("/usr/sbin/dockerd");
      const sudoer = value(await host("deploy").daemonSources(within));
      expect(sudoer.unreadable).toBeUndefined();
      expect(sudoer.daemonJson?.content).toContain("runtimes");
      expect(value(await host("dockeruser").facts(within)).missingTools).toEqual([]);
    } finally {
      await on103("chmod 644 /etc/docker/daemon.json");
    }
  });

  test("a file that --config-file names is the one that is read", async () => {
    await write("/srv/engine.json", `{"labels": ["from=srv"]}`);
    await write(dropIn, "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --config-file /srv/engine.json\n");
    try {
      await on103("systemctl daemon-reload && systemctl restart docker");
      expect(value(await host().daemonSources(within)).daemonJson).toEqual({
        path: "/srv/engine.json",
        content: `{"labels": ["from=srv"]}`,
      });
    } finally {
      await restore();
    }
  });

  test("an interface with another MTU, and one that is down, are seen so", async () => {
    await on103("ip link set ens33 mtu 1400; ip link add spare0 type bridge");
    try {
      const { interfaces } = value(await host().facts(within));
      expect(interfaces.find((link) => link.name === "ens33")?.mtu).toBe(1400);
      expect(interfaces.find((link) => link.name === "spare0")).toMatchObject({ up: false, addresses: [] });
    } finally {
      await on103("ip link set ens33 mtu 1500; ip link del spare0");
    }
  });
});

describe.skipIf(labObstacle() !== undefined)("a real host of today, Docker 26.1 on Debian 13", () => {
  let lab: Lab;
  const host = () => createHost(opensshTransport(lab, "node103"), systemClock);
  const on103 = (script: string, ...args: string[]) => lab.node("node103").must(script, ...args);

  beforeAll(async () => {
    lab = await Lab.up({ name: "hosttoday", flavour: "swarm", nodes: 1, joined: false });
  });
  afterAll(() => lab?.down());

  test("tells the same kind of facts, and its configuration has no fault", async () => {
    const facts = value(await host().facts(within));
    expect(facts).toMatchObject({ hostname: "node103", dockerUnit: "active", missingTools: [] });
    expect(facts.os).toContain("Debian GNU/Linux 13");
    expect(facts.interfaces.find((link) => link.name === "ens33")?.addresses).toContain("192.168.44.103/24");
    const config = effectiveConfig(value(await host().daemonSources(within)));
    expect(config).toMatchObject({ conflicts: [], fileProblem: undefined });
    expect(config.flags.every((flag) => flag.running === "same" || flag.running === "unknown")).toBe(true);
  });

  test("does not start with the store that older engines had, as its finding says", async () => {
    const kept = JSON.parse(await on103("cat /etc/docker/daemon.json"));
    const upgraded = JSON.stringify({ ...kept, "cluster-store": "consul://192.168.44.103:8500" });
    await on103(
      `cp -p /etc/docker/daemon.json /tmp/kept; printf %s "$1" >/etc/docker/daemon.json
      systemctl stop docker.socket docker; systemctl start docker || true`,
      upgraded,
    );
    try {
      const facts = value(await host().facts(within));
      expect(facts.dockerUnit).not.toBe("active");
      expect(facts.installedEngine).toMatch(/^26\.1\./);
      const daemon = effectiveConfig(value(await host().daemonSources(within)));
      expect(daemon.fileProblem).toBeUndefined();
      const node = classic({ node103: { facts: { ...facts } } }).nodes.get(nodeNamed("node103"));
      if (node === undefined) throw new Error("no node103");
      const seen = { ...classic(), nodes: new Map([[node.name, { ...node, daemon: fresh(daemon) }]]) };
      expect(engineDroppedClusterStore.find(seen, now)).toMatchObject([
        { severity: "error", evidence: ["cluster-store consul://192.168.44.103:8500 in /etc/docker/daemon.json"] },
      ]);
    } finally {
      await on103(`mv /tmp/kept /etc/docker/daemon.json
        systemctl reset-failed docker.socket docker; systemctl start docker`);
    }
  });
});
