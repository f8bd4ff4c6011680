import { describe, expect, test } from "vitest";
import type { ConfigureEngine } from "../../src/domain/plan/change.ts";
import { dropInPath } from "../../src/domain/plan/drop-in.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import type { Plan, Step } from "../../src/domain/plan/step.ts";
import { clean } from "../../src/domain/text.ts";
import { classicJson, daemonJson, unitFile, unitPath } from "../healthy-clusters.ts";
import { type BareChanges, bare, classicRest, fileFor, specOf } from "../planned.ts";
import { container, node103, node104 } from "../snapshots.ts";

const classic = specOf(fileFor(2, classicRest));
const planned = (changes: Record<string, BareChanges>, spec = classic): Plan => {
  const { seen, survey } = bare(2, changes);
  return plan(spec, seen, survey);
};
const engineStep = (made: Plan, node: string): Step & { change: ConfigureEngine } => {
  const found = made.steps.find((one) => one.id === `${node}/engine`);
  if (found?.change.kind !== "configure-engine") {
    throw new Error(`no step for the engine of ${node}: ${JSON.stringify(made.obstacles)}`);
  }
  return { ...found, change: found.change };
};
const running = { containers: [container("web", node104), container("old", node104, { state: "exited" })] };
const flagged = (line: string): BareChanges => ({ sources: { unitFiles: [unitFile(line)] } });

describe("an engine is reloaded", () => {
  test("without any edit when only the engine has not taken what its file says", () => {
    const made = engineStep(planned({ node104: { sources: { daemonJson: daemonJson(classicJson) } } }), "node104");
    expect(made.change).toMatchObject({ edits: [], take: "reload" });
    expect(made.title).toBe("reload dockerd on node104: its files have cluster-store already");
  });

  test("when its file lost what it still runs with", () => {
    const engine = {
      mode: "cluster-store",
      store: clean("consul://192.168.44.103:8500"),
      advertise: clean("192.168.44.104:2376"),
    } as const;
    expect(engineStep(planned({ node104: { engine } }), "node104").change).toMatchObject({
      take: "reload",
      edits: [{ path: "/etc/docker/daemon.json" }],
    });
  });

  test("and disturbs no container", () => {
    expect(engineStep(planned({ node104: running }), "node104")).toMatchObject({
      disturbs: [],
      change: { take: "reload" },
    });
  });
});

describe("an engine is restarted, and its running containers are named", () => {
  const other = {
    mode: "cluster-store",
    store: clean("consul://192.168.44.199:8500"),
    advertise: clean("192.168.44.104:2376"),
  } as const;

  test("when it knows its store and its gossip does not listen: it gave up while the store was away", () => {
    const engine = { ...other, store: clean("consul://192.168.44.103:8500") };
    const socket = { protocol: "tcp", address: "192.168.44.104", process: clean("dockerd") } as const;
    const made = (port: number) =>
      planned({
        node104: {
          engine,
          sources: { daemonJson: daemonJson(classicJson) },
          survey: { listening: [{ ...socket, port }] },
        },
      });
    expect(engineStep(made(22), "node104").change).toMatchObject({ edits: [], take: "restart" });
    expect(made(7946).steps.some((step) => step.id === "node104/engine")).toBe(false);
  });

  test("when it runs with another store: libnetwork keeps the one that it opened", () => {
    const made = engineStep(planned({ node104: { engine: other, ...running } }), "node104");
    expect(made).toMatchObject({ change: { take: "restart" }, disturbs: [{ name: "web" }] });
    expect(made.preview.at(-1)).toEqual({ kind: "command", lines: ["systemctl restart docker"] });
  });

  test("when it advertises another address: its gossip stays bound to the first one", () => {
    const engine = { ...other, store: clean("consul://192.168.44.103:8500"), advertise: clean("10.0.0.4:2376") };
    expect(engineStep(planned({ node104: { engine } }), "node104").change.take).toBe("restart");
  });

  test("but none of them with live-restore", () => {
    const made = engineStep(planned({ node104: { engine: { ...other, liveRestore: true }, ...running } }), "node104");
    expect(made).toMatchObject({ change: { take: "restart" }, disturbs: [] });
  });

  test("one node at a time: each restart needs the one before", () => {
    const made = planned({ node103: { engine: other }, node104: { engine: other } });
    expect(engineStep(made, "node104").needs).toContain("node103/engine");
  });

  test("with a warning where the store itself runs in it", () => {
    const store = container("consul", node103, { image: clean("consul:1.8.7") });
    const made = planned({ node103: { engine: other, containers: [store] } });
    expect(made.obstacles).toMatchObject([{ id: "restart-stops-store", severity: "warning", node: "node103" }]);
    // Also where the same plan starts it first.
    expect(planned({ node103: { engine: other } }).obstacles).toMatchObject([{ id: "restart-stops-store" }]);
  });
});

describe("where the command line passes the flags already", () => {
  const line = "/usr/sbin/dockerd -H fd:// --cluster-store=consul://10.9.9.9:8500 --cluster-advertise=eth9:2376";

  test("both go into a drop-in, and daemon.json is left as it is", () => {
    const { change, preview } = engineStep(planned({ node104: flagged(line) }), "node104");
    expect(change.take).toBe("restart");
    expect(change.edits.map((edit) => edit.path)).toEqual([dropInPath]);
    expect(change.edits[0]?.content).toContain(
      "\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --cluster-store=consul://192.168.44.103:8500 --cluster-advertise=ens33:2376\n",
    );
    expect(preview.map((one) => one.lines[0])).toEqual([
      "@@ -0,0 +1,4 @@",
      "systemctl daemon-reload",
      "systemctl restart docker",
    ]);
  });

  test("and daemon.json as well, they leave the file: one option at both places keeps dockerd from starting", () => {
    const both = { sources: { unitFiles: [unitFile(line)], daemonJson: daemonJson(classicJson) } };
    const { change } = engineStep(planned({ node104: both }), "node104");
    expect(change.edits).toMatchObject([{ path: "/etc/docker/daemon.json", content: "removed" }, { path: dropInPath }]);
  });

  test("of an environment file, that file stays and its variable is written out", () => {
    const changes: BareChanges = {
      sources: {
        unitFiles: [unitFile("/usr/sbin/dockerd -H fd:// $DOCKER_OPTS")],
        environmentFiles: [
          { path: "/etc/default/docker", content: 'DOCKER_OPTS="--debug --cluster-store=etcd://x:2379"\n' },
        ],
      },
    };
    const { change } = engineStep(planned({ node104: changes }), "node104");
    expect(change.edits[0]?.content).toContain("/usr/sbin/dockerd -H fd:// --debug --cluster-store=consul://");
  });

  test("but a drop-in read later overrules ours, that is told", () => {
    const later = {
      path: "/etc/systemd/system/docker.service.d/zz.conf",
      content: `[Service]\nExecStart=\nExecStart=${line}\n`,
    };
    const made = planned({ node104: { sources: { unitFiles: [unitFile(line), later] } } });
    expect(made.obstacles).toMatchObject([{ id: "flags-fixed", severity: "error", node: "node104" }]);
  });
});

describe("a daemon.json that may not be touched", () => {
  const withFile = (content: string, more: BareChanges = {}): BareChanges => ({
    sources: { daemonJson: daemonJson(content) },
    ...more,
  });

  test("because it is broken is told with line and column", () => {
    const made = planned({ node104: withFile('{\n  "debug": true,\n}\n') });
    expect(made.obstacles).toMatchObject([
      { id: "daemon-json-broken", node: "node104", evidence: [expect.stringContaining("daemon.json line 3 column 1")] },
    ]);
    expect(made.steps.map((one) => one.id)).not.toContain("node104/engine");
  });

  test("because its folder is read-only or full, nobody may read it, or it conflicts with the flags", () => {
    const readOnly = { survey: { writable: { ok: false, why: clean("Read-only file system") } as const } };
    expect(planned({ node104: readOnly }).obstacles).toMatchObject([
      {
        ...{ id: "docker-folder-not-writable", node: "node104", evidence: ["Read-only file system"] },
        remedy: expect.stringContaining("On node104: the file system of /etc/docker is mounted read-only"),
      },
    ]);
    const full = { survey: { writable: { ok: false, why: clean("No space left on device") } as const } };
    expect(planned({ node104: full }).obstacles).toMatchObject([
      { id: "docker-folder-not-writable", remedy: expect.stringContaining("On node104: make room there") },
    ]);
    const hidden = { sources: { daemonJson: undefined, unreadable: ["/etc/docker/daemon.json"] } };
    expect(planned({ node104: hidden }).obstacles).toMatchObject([{ id: "daemon-json-unreadable", node: "node104" }]);
    expect(planned({ node104: withFile('{ "hosts": ["unix:///x"] }') }).obstacles).toMatchObject([
      { id: "flag-file-conflict", node: "node104" },
    ]);
  });

  test("is no matter when nothing has to be written", () => {
    const fine = {
      sources: { daemonJson: daemonJson(classicJson) },
      survey: { writable: { ok: false, why: clean("Read-only file system") } as const },
    };
    expect(planned({ node104: fine }).obstacles).toEqual([]);
  });
});

describe("a listener", () => {
  const listen = (how: string) => specOf(fileFor(2, `engine: { listen: ${how} }\n${classicRest}`));

  test("is not made when nobody asks for one", () => {
    for (const { content } of engineStep(planned({}), "node103").change.edits) expect(content).not.toMatch(/host|tcp:/);
  });

  test("with TLS comes after its certificates, on the command line where -H stands there", () => {
    const made = planned({ node104: running }, listen("tls"));
    const step = engineStep(made, "node104");
    expect(step.needs).toContain("node104/certificates");
    expect(made.steps.find((one) => one.id === "node104/certificates")?.change).toMatchObject({
      kind: "place-certificates",
      names: ["node104", "192.168.44.104"],
    });
    expect(step).toMatchObject({ change: { take: "restart" }, disturbs: [{ name: "web" }] });
    expect(step.change.edits.map((edit) => edit.path)).toEqual(["/etc/docker/daemon.json", dropInPath]);
    expect(step.change.edits[1]?.content).toContain(
      "dockerd -H fd:// --host=tcp://192.168.44.104:2376 --tlsverify=true --tlscacert=/etc/docker/ovl-tui/ca.pem",
    );
    // The store is started before its engine is restarted.
    expect(made.obstacles).toMatchObject([{ id: "restart-stops-store", node: "node103" }]);
  });

  test("goes into daemon.json, beside the socket, where the command line names no -H", () => {
    const made = planned({ node104: flagged("/usr/sbin/dockerd") }, listen("tls"));
    const { edits } = engineStep(made, "node104").change;
    expect(edits).toHaveLength(1);
    expect(JSON.parse(String(edits[0]?.content))).toMatchObject({
      hosts: ["unix:///var/run/docker.sock", "tcp://192.168.44.104:2376"],
      tlsverify: true,
    });
  });

  test("without TLS is told as a warning for each node, so that a person has to confirm it", () => {
    const made = planned({}, listen("insecure"));
    const told = made.obstacles.filter((one) => one.id === "insecure-listener-wanted");
    expect(told).toMatchObject([
      { id: "insecure-listener-wanted", severity: "warning", node: "node103" },
      { id: "insecure-listener-wanted", severity: "warning", node: "node104" },
    ]);
    expect(engineStep(made, "node103").change.edits[1]?.content).toContain("--host=tcp://0.0.0.0:2376");
  });

  test("that stands is left as it is", () => {
    const open = {
      sources: { unitFiles: [unitFile("/usr/sbin/dockerd -H fd:// -H tcp://0.0.0.0:2376", unitPath)] },
      survey: { listening: [{ protocol: "tcp", address: "::", port: 2376, process: clean("dockerd") } as const] },
    };
    const step = engineStep(planned({ node103: open, node104: open }, listen("insecure")), "node104");
    expect(step.change).toMatchObject({ take: "reload", edits: [{ path: "/etc/docker/daemon.json" }] });
  });
});
