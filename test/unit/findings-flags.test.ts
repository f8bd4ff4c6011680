import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import { findings } from "../../src/domain/findings/index.ts";
import type { DaemonSources } from "../../src/domain/host.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import { classic, classicJson, daemonJson, type NodeChanges, now, unitFile, unitPath } from "../healthy-clusters.ts";

const of = (id: string, seen: Snapshot): Finding[] => findings(seen, now).filter((one) => one.id === id);
const json = (changes: object): NodeChanges => ({
  sources: { daemonJson: daemonJson({ ...classicJson, ...changes }) },
});
const sources = (changes: Partial<DaemonSources>): NodeChanges => ({ sources: changes });
const dropIn = unitFile(
  "\nExecStart=/usr/sbin/dockerd -H fd:// -H tcp://0.0.0.0:2376",
  "/etc/systemd/system/docker.service.d/classic.conf",
);
const process = (...argv: string[]) => ({ pid: 412, argv });

describe("flags-differ", () => {
  test("names the odd one out, with every node's value", () => {
    expect(of("flags-differ", classic({ node105: json({ mtu: 1400 }) }))).toMatchObject([
      {
        severity: "warning",
        node: "node105",
        title: "node105 has another mtu than the other nodes",
        evidence: ["node103: mtu not set", "node104: mtu not set", "node105: mtu 1400"],
      },
    ]);
  });

  test("a node without the store that others have is cut off: an error", () => {
    const [found] = of("flags-differ", classic({ node104: sources({ daemonJson: daemonJson({}) }) }));
    expect(found).toMatchObject({
      severity: "error",
      node: "node104",
      title: "node104 has another cluster-store than the other nodes",
    });
  });

  test("when all differ nobody is blamed", () => {
    const seen = classic({ node103: json({ "log-driver": "syslog" }), node104: json({ "log-driver": "journald" }) });
    expect(of("flags-differ", seen)).toMatchObject([
      { severity: "info", node: undefined, title: "log-driver differs between node103, node104, node105" },
    ]);
  });

  test("an interface with another name is no finding when ovl.yaml names it so", () => {
    const eth0 = { ...json({ "cluster-advertise": "eth0:2376" }) };
    expect(of("flags-differ", classic({ node105: eth0 }))).toHaveLength(1);
    const meant = { ...eth0, node: { advertise: clean("eth0") } };
    expect(of("flags-differ", classic({ node105: meant }))).toEqual([]);
  });
});

describe("what keeps dockerd from starting again", () => {
  test("flag-file-conflict tells both sides and the way to change the unit", () => {
    expect(of("flag-file-conflict", classic({ node104: json({ hosts: ["unix:///x"] }) }))).toMatchObject([
      {
        severity: "error",
        node: "node104",
        evidence: ["hosts: fd:// as flag, unix:///x in daemon.json"],
        remedy: expect.stringContaining("systemctl edit docker"),
      },
    ]);
  });

  test("daemon-json-broken tells the place", () => {
    expect(
      of("daemon-json-broken", classic({ node104: sources({ daemonJson: daemonJson('{"mtu": 1400,}') }) })),
    ).toMatchObject([
      {
        severity: "error",
        node: "node104",
        evidence: ['/etc/docker/daemon.json line 1 column 14: no comma before "}" is expected'],
      },
    ]);
  });

  test("engine-dropped-cluster-store tells the version and where the flags are", () => {
    const upgraded = { engine: { version: clean("26.1.5+dfsg1") } };
    expect(of("engine-dropped-cluster-store", classic({ node104: upgraded }))).toMatchObject([
      {
        severity: "error",
        node: "node104",
        title: "dockerd 26.1.5+dfsg1 on node104 does not start with cluster-store",
        evidence: [
          "cluster-store consul://192.168.44.103:8500 in /etc/docker/daemon.json",
          "cluster-advertise ens33:2376 in /etc/docker/daemon.json",
        ],
      },
    ]);
  });

  test("while none runs the version on disk counts; 20.10 may keep its store", () => {
    const onDisk = (version: string) => classic({ node104: { facts: { installedEngine: clean(version) } } });
    expect(of("engine-dropped-cluster-store", onDisk("23.0.1"))).toHaveLength(1);
    expect(of("engine-dropped-cluster-store", onDisk("20.10.24"))).toEqual([]);
    const without = { engine: { version: clean("28.5.2") }, ...sources({ daemonJson: undefined }) };
    expect(of("engine-dropped-cluster-store", classic({ node104: without }))).toEqual([]);
  });
});

describe("insecure-listener", () => {
  test("says root for everyone, and which file opens it", () => {
    const open = sources({
      unitFiles: [unitFile("/usr/sbin/dockerd -H fd://"), dropIn],
      process: process("/usr/sbin/dockerd", "-H", "fd://", "-H", "tcp://0.0.0.0:2376"),
    });
    expect(of("insecure-listener", classic({ node104: open }))).toMatchObject([
      {
        severity: "warning",
        node: "node104",
        title: "Root for everyone on node104: tcp://0.0.0.0:2376 without TLS",
        evidence: [`tcp://0.0.0.0:2376 from ${dropIn.path}`],
      },
    ]);
  });

  test("a listener that asks for certificates is none", () => {
    const verified = json({ tlsverify: true });
    const all = {
      ...verified,
      sources: { ...verified.sources, process: process("/usr/sbin/dockerd", "-H", "tcp://0.0.0.0:2376") },
    };
    expect(of("insecure-listener", classic({ node103: all, node104: all, node105: all }))).toEqual([]);
  });
});

describe("restart-pending", () => {
  test("tells what is written and what runs", () => {
    const changed = sources({ unitFiles: [unitFile("/usr/sbin/dockerd -H fd:// --mtu 1400")] });
    expect(of("restart-pending", classic({ node104: changed }))).toMatchObject([
      { severity: "warning", node: "node104", evidence: [`written: --mtu=1400 (${unitPath})`] },
    ]);
    const byHand = sources({ process: process("/usr/sbin/dockerd", "-H", "fd://", "--debug") });
    expect(of("restart-pending", classic({ node104: byHand }))).toMatchObject([
      { evidence: ["running: --debug=true"] },
    ]);
  });

  test("an engine that nobody manages has no file to differ from", () => {
    const alone = sources({ unitFiles: [], process: process("dockerd", "--debug") });
    expect(of("restart-pending", classic({ node104: alone }))).toEqual([]);
  });

  test("a store in daemon.json that the engine does not use yet needs a reload, another than it uses a restart", () => {
    const fresh = classic({ node104: { engine: { store: undefined, mode: "standalone" } } });
    expect(of("restart-pending", fresh)).toMatchObject([
      { node: "node104", remedy: expect.stringContaining("systemctl reload docker") },
    ]);
    const moved = classic({ node104: json({ "cluster-store": "consul://192.168.44.199:8500" }) });
    expect(of("restart-pending", moved)).toMatchObject([
      {
        evidence: ["daemon.json: consul://192.168.44.199:8500", "engine: consul://192.168.44.103:8500"],
        remedy: expect.stringContaining("systemctl restart docker"),
      },
    ]);
  });
});

describe("advertise-not-local", () => {
  test("an engine that still advertises an address the machine no longer has", () => {
    expect(
      of("advertise-not-local", classic({ node104: { engine: { advertise: clean("192.168.44.77:2376") } } })),
    ).toMatchObject([
      {
        severity: "error",
        node: "node104",
        title: "node104 has no 192.168.44.77, yet its engine advertises 192.168.44.77",
        evidence: ["ens33 192.168.44.104/24"],
      },
    ]);
  });

  test("an interface of the file that the machine lacks, and one of ovl.yaml", () => {
    expect(of("advertise-not-local", classic({ node104: json({ "cluster-advertise": "ens34:2376" }) }))).toMatchObject([
      { severity: "error", title: "node104 has no ens34, yet its dockerd is told to advertise ens34" },
    ]);
    expect(of("advertise-not-local", classic({ node104: { node: { advertise: clean("eth9") } } }))).toMatchObject([
      { severity: "warning", title: "node104 has no eth9, yet ovl.yaml says advertise: eth9" },
    ]);
  });

  test("a machine that could not tell its addresses is not accused", () => {
    const named = [{ name: clean("ens33"), up: true, mtu: 1500, mac: undefined, addresses: [] }];
    expect(of("advertise-not-local", classic({ node104: { facts: { interfaces: named } } }))).toEqual([]);
    expect(of("advertise-not-local", classic({ node104: { facts: { interfaces: [] } } }))).toEqual([]);
  });
});

describe("mtu-differs", () => {
  const mtu = (value: number): NodeChanges => ({
    facts: {
      interfaces: [
        { name: clean("ens33"), up: true, mtu: value, mac: undefined, addresses: [clean("192.168.44.104/24")] },
        { name: clean("docker0"), up: true, mtu: 9000, mac: undefined, addresses: [] },
      ],
    },
  });

  test("compares the interfaces that carry the cluster, and says what would fit", () => {
    expect(of("mtu-differs", classic({ node104: mtu(1450) }))).toMatchObject([
      {
        severity: "warning",
        node: "node104",
        evidence: ["node103: ens33 1500", "node104: ens33 1450", "node105: ens33 1500"],
        remedy: expect.stringContaining("mtu=1400"),
      },
    ]);
  });

  test("other interfaces may have any MTU", () => {
    expect(of("mtu-differs", classic({ node104: mtu(1500) }))).toEqual([]);
  });
});

describe("configuration-unreadable", () => {
  test("names the files and says what would help", () => {
    const seen = classic({ node104: sources({ unreadable: ["/etc/docker/daemon.json"], daemonJson: undefined }) });
    expect(of("configuration-unreadable", seen)).toMatchObject([
      { severity: "info", node: "node104", evidence: ["may not be read: /etc/docker/daemon.json"] },
    ]);
    // What was not read differs from nothing.
    expect(of("flags-differ", seen)).toEqual([]);
  });
});
