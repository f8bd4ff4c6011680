import { describe, expect, test } from "vitest";
import { leaseDeadMs } from "../../src/domain/lock.ts";
import { decideMode } from "../../src/domain/plan/mode.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import { reachWanted } from "../../src/domain/plan/reach.ts";
import { planRemoval } from "../../src/domain/plan/removal.ts";
import { isAllowed, type Plan } from "../../src/domain/plan/step.ts";
import type { Listening, Reach } from "../../src/domain/plan/survey.ts";
import { clean } from "../../src/domain/text.ts";
import { carryOut } from "../carry-out.ts";
import { run } from "../lock-holder.ts";
import { type BareChanges, bare, classicRest, fileFor, specOf } from "../planned.ts";
import { engineInfo, node103, node104, overlay, start } from "../snapshots.ts";

const classic = specOf(fileFor(2, classicRest));
const planned = (changes: Record<string, BareChanges> = {}, spec = classic, version?: string): Plan => {
  const { seen, survey } = bare(2, changes, version);
  return plan(spec, seen, survey);
};
const errors = (made: Plan): string[] =>
  made.obstacles.filter((one) => one.severity === "error").map((one) => `${one.id} ${one.node ?? "-"}`);

describe("how the nodes are joined", () => {
  const decided = (versions: string[], engine = "", rest = "") => {
    const changes = versions.map((version, i): [string, BareChanges] => [
      `node${103 + i}`,
      { engine: { version: clean(version) } },
    ]);
    const spec = specOf(fileFor(2, `${engine === "" ? "" : `engine: { mode: ${engine} }\n`}${rest}`));
    return decideMode(spec, bare(2, Object.fromEntries(changes)).seen);
  };

  test("is what all engines can: the store up to 20.10, a swarm from 23.0", () => {
    expect(decided(["20.10.5", "19.03.15"])).toMatchObject({ mode: "cluster-store" });
    expect(decided(["23.0.0", "29.1.0"])).toMatchObject({
      mode: "swarm",
      because: "engines from 23.0 have no cluster store: node103 23.0.0, node104 29.1.0",
    });
  });

  test("cannot be told of engines of both kinds, but may be asked for", () => {
    expect(decided(["20.10.5", "26.1.5"])).toMatchObject({ obstacle: { id: "engine-mode", severity: "error" } });
    expect(decided(["20.10.5", "26.1.5"], "swarm")).toMatchObject({ mode: "swarm" });
  });

  test("cannot be a store for engines that dropped it", () => {
    expect(decided(["20.10.5", "26.1.5"], "cluster-store", "store: { node: node103 }")).toMatchObject({
      obstacle: { title: "Engines from 23.0 have no cluster store", evidence: ["node104: 26.1.5"] },
    });
  });

  test.each(["dev", "0.0.0-20241017153000-1a2b3c4d5e6f", "master-dockerproject-2026-01-02", "library-import"])(
    "cannot be told of the build %s, but a swarm may be asked for",
    (version) => {
      const told = { obstacle: { id: "engine-mode", evidence: [`node104: ${version}`] } };
      expect(decided(["20.10.5", version])).toMatchObject(told);
      expect(decided(["20.10.5", version], "cluster-store", "store: { node: node103 }")).toMatchObject(told);
      expect(decided(["26.1.5", version], "swarm")).toMatchObject({ mode: "swarm" });
    },
  );

  test.each(["auto", "cluster-store", "swarm"])("cannot be helped for Podman, not even with mode: %s", (mode) => {
    const { seen } = bare(2, { node104: { engine: { product: "podman", version: clean("4.9.4") } } });
    const spec = specOf(fileFor(2, `engine: { mode: ${mode} }\n${classicRest}`));
    expect(decideMode(spec, seen)).toMatchObject({
      obstacle: {
        id: "engine-not-docker",
        evidence: ["node104: Podman 4.9.4"],
        remedy: expect.stringContaining("Docker's engine on node104"),
      },
    });
  });

  test("goes by the dockerd on disk where the one that ran is stopped", () => {
    const { seen } = bare(2, { node104: { facts: { installedEngine: clean("26.1.5") } } });
    expect(decideMode(classic, seen)).toMatchObject({ obstacle: { id: "engine-mode" } });
  });

  test("stays the swarm that stands while the file names no store", () => {
    const swarm = { ...engineInfo().swarm, state: "active" as const };
    const { seen } = bare(2, { node103: { engine: { swarm } } });
    expect(decideMode(specOf(fileFor(2, "networks: [{ name: ov }]")), seen)).toMatchObject({ mode: "swarm" });
    expect(decideMode(classic, seen)).toMatchObject({ mode: "cluster-store" });
  });
});

describe("engines that cannot do what is asked", () => {
  test("because they are rootless, and not those whose engine the plan leaves alone", () => {
    expect(errors(planned({ node104: { engine: { rootless: true } } }))).toEqual(["engine-rootless node104"]);
    const flat = specOf(
      fileFor(2, "networks: [{ name: flat, driver: macvlan, parent: ens33, subnet: 192.168.44.0/24 }]"),
    );
    expect(errors(planned({ node104: { engine: { rootless: true } } }, flat))).toEqual([]);
  });

  test("without a driver for the store", () => {
    const made = planned({ node104: { survey: { storeDrivers: ["etcd", "zookeeper"] } } });
    expect(errors(made)).toEqual(["store-driver-missing node104"]);
    expect(made.obstacles[0]?.remedy).toContain('Write "kind: etcd" under store');
  });

  test("with ZooKeeper, which crashes 20.10, and older ones which it does not", () => {
    const spec = specOf(fileFor(2, "store: { kind: zookeeper, node: node103 }\nnetworks: [{ name: ov }]"));
    expect(errors(planned({}, spec))).toEqual(["zookeeper-crashes-engine -"]);
    expect(errors(planned({}, spec, "20.10.24"))).toEqual(["zookeeper-crashes-engine -"]);
    expect(errors(planned({}, spec, "19.03.15"))).toEqual([]);
  });

  test("in a swarm, which keeps them out of a store", () => {
    const swarm = { ...engineInfo().swarm, state: "active" as const };
    expect(errors(planned({ node104: { engine: { swarm } } }))).toEqual(["engine-in-swarm node104"]);
  });

  test("with an overlay and no store to meet in", () => {
    expect(errors(planned({}, specOf(fileFor(2, "networks: [{ name: ov }]"))))).toEqual(["store-missing -"]);
  });
});

describe("two machines with one hostname", () => {
  const twins = { node104: { facts: { hostname: clean("node103") } } };

  test("forbid a cluster store and not a swarm", () => {
    expect(errors(planned(twins))).toEqual(["duplicate-hostname -"]);
    const swarm = planned(twins, specOf(fileFor(2, "networks: [{ name: ov }]")), "26.1.5");
    expect(swarm.obstacles).toMatchObject([{ id: "duplicate-hostname", severity: "warning" }]);
  });
});

test("clocks that are apart are a warning", () => {
  const made = planned({ node104: { facts: { clockDifferenceMs: 90_000 } } });
  expect(made.obstacles).toMatchObject([{ id: "clock-difference", severity: "warning", node: "node104" }]);
  expect(isAllowed(made)).toBe(true);
});

describe("a port that the plan needs", () => {
  const listening = (one: Partial<Listening> & { port: number }): BareChanges => ({
    survey: { listening: [{ protocol: "tcp", address: "0.0.0.0", process: clean("nginx"), ...one }] },
  });

  test("forbids the plan where something else has it, on every address or on the one that counts", () => {
    const made = planned({ node103: listening({ port: 8500 }) });
    expect(made.obstacles).toMatchObject([
      {
        id: "port-taken",
        node: "node103",
        title: "Port 8500/tcp on node103 is taken, and consul needs it",
        evidence: ["nginx listens on 0.0.0.0:8500"],
      },
    ]);
    expect(
      errors(planned({ node103: listening({ port: 8301, protocol: "udp", address: "192.168.44.103" }) })),
    ).toHaveLength(1);
    expect(errors(planned({ node103: listening({ port: 8500, address: "127.0.0.1" }) }))).toEqual([]);
    expect(errors(planned({ node104: listening({ port: 8500 }) }))).toEqual([]);
    expect(errors(planned({ node104: listening({ port: 7946 }) }))).toEqual(["port-taken node104"]);
  });

  test("is dockerd's own gossip, or the kernel's VXLAN, for what joins already", () => {
    const own = listening({ port: 7946, process: clean("dockerd") });
    const joins = { ...own, engine: { store: clean("consul://192.0.2.1:8500") } };
    expect(errors(planned({ node104: joins }))).toEqual([]);
    expect(errors(planned({ node104: listening({ port: 4789, protocol: "udp", process: undefined }) }))).toEqual([]);
    expect(errors(planned({ node104: listening({ port: 4789, protocol: "udp" }) }))).toEqual(["port-taken node104"]);
  });

  test("is no engine's own that is in no cluster: it kept the gossip of a swarm that it left, and must be restarted", () => {
    const own = listening({ port: 7946, process: clean("dockerd"), address: "*" });
    const swarm = specOf(fileFor(2, "networks: [{ name: ov }]"));
    for (const made of [planned({ node104: own }), planned({ node104: own }, swarm, "26.1.5")]) {
      expect(made.obstacles).toMatchObject([
        { id: "gossip-left-over", node: "node104", remedy: expect.stringContaining("systemctl restart docker") },
      ]);
    }
  });

  test("is looked at in a swarm as well", () => {
    const spec = specOf(fileFor(2, "networks: [{ name: ov }]"));
    expect(errors(planned({ node103: listening({ port: 2377 }) }, spec, "26.1.5"))).toEqual(["port-taken node103"]);
    expect(errors(planned({ node104: listening({ port: 2377 }) }, spec, "26.1.5"))).toEqual([]);
  });
});

describe("what the nodes reach of each other", () => {
  const tried = (
    ...results: (Pick<Reach, "protocol" | "port" | "result"> & { node?: Reach["node"] })[]
  ): BareChanges => ({
    survey: {
      reach: results.map((one) => ({ node: node103, address: "192.168.44.103", detail: clean(""), ...one })),
    },
  });
  const answered = { protocol: "tcp", port: 7946, result: "answered" } as const;

  test("TCP that is silent or rejected forbids the plan", () => {
    const made = planned({ node104: tried(answered, { protocol: "tcp", port: 8500, result: "silent" }) });
    expect(made.obstacles).toMatchObject([
      {
        id: "port-blocked",
        severity: "error",
        node: "node103",
        title: "8500/tcp of node103 is not reached from node104",
        evidence: ["node104 to 192.168.44.103:8500/tcp: silent"],
      },
    ]);
  });

  test("UDP is only a warning, and nothing where somebody listens, who does not answer", () => {
    const udp = { protocol: "udp", port: 4789, result: "silent" } as const;
    expect(planned({ node104: tried(answered, udp) }).obstacles).toMatchObject([
      { id: "port-blocked", severity: "warning" },
    ]);
    const open = { listening: [{ protocol: "udp", address: "0.0.0.0", port: 4789, process: undefined } as const] };
    expect(planned({ node103: { survey: open }, node104: tried(answered, udp) }).obstacles).toEqual([]);
  });

  test("an address that answers nobody at all is told as one thing", () => {
    const silent = (port: number) => ({ protocol: "tcp", port, result: "silent" }) as const;
    expect(errors(planned({ node104: tried(silent(8500), silent(7946)) }))).toEqual(["advertise-not-routable node103"]);
  });

  test("what could not be tried says nothing", () => {
    expect(planned({ node104: tried({ protocol: "tcp", port: 8500, result: "unknown" }) }).obstacles).toEqual([]);
  });
});

describe("ports to try", () => {
  const asked = (spec = classic, version?: string) => {
    const wanted = reachWanted(spec, bare(3, {}, version).seen);
    return (from: typeof node103) =>
      (wanted.get(from) ?? []).map((one) => `${one.node} ${one.address} ${one.port}/${one.protocol}`);
  };

  test("are gossip and VXLAN of every peer, and the store's on the nodes that run it", () => {
    expect(asked()(node104)).toEqual([
      "node103 192.168.44.103 8500/tcp",
      "node103 192.168.44.103 7946/tcp",
      "node103 192.168.44.103 7946/udp",
      "node103 192.168.44.103 4789/udp",
    ]);
  });

  test("are those between servers too where there are several", () => {
    const spec = specOf(fileFor(3, "store: { node: [node103, node104, node105] }"));
    expect(asked(spec)(node104)).toEqual(
      expect.arrayContaining(["node103 192.168.44.103 8300/tcp", "node105 192.168.44.105 8301/udp"]),
    );
  });

  test("are the first manager's 2377 in a swarm", () => {
    const spec = specOf(fileFor(3, "networks: [{ name: ov }]"));
    expect(asked(spec, "26.1.5")(node104)).toContain("node103 192.168.44.103 2377/tcp");
    expect(asked(spec, "26.1.5")(node104)).not.toContain("node105 192.168.44.105 2377/tcp");
    expect(asked(spec, "26.1.5")(node103).join()).not.toContain("2377");
  });

  test("leave out a node that does not tell its interfaces", () => {
    const waiting = { state: "waiting", since: start } as const;
    const { seen } = bare(2, { node104: { node: { facts: waiting } } });
    expect([...reachWanted(classic, seen)]).toEqual([["node103", []]]);
  });
});

describe("a subnet in use", () => {
  const route = (destination: string) => ({
    node104: { facts: { routes: [{ destination: clean(destination), device: clean("tun0") }] } },
  });

  test("is told with the route that has it", () => {
    expect(planned(route("10.10.0.0/16")).obstacles).toMatchObject([
      { id: "subnet-overlaps", severity: "error", evidence: ["node104 routes 10.10.0.0/16 through tun0"] },
    ]);
    expect(planned(route("10.11.0.0/16")).obstacles).toEqual([]);
    expect(planned(route("default")).obstacles).toEqual([]);
  });

  test("by another network, or by the ingress network of a new swarm", () => {
    const other = overlay(node104, { name: clean("other"), driver: clean("bridge"), scope: clean("local") });
    expect(errors(planned({ node104: { networks: [other] } }))).toEqual(["subnet-overlaps -"]);
    const spec = specOf(fileFor(2, "networks: [{ name: ov, subnet: 10.0.0.0/16 }]"));
    expect(errors(planned({}, spec, "26.1.5"))).toEqual(["subnet-overlaps -"]);
  });

  test("is no obstacle for the network that has it already: nothing is made", () => {
    const cluster = bare(2, route("10.10.0.0/16"));
    const first = plan(classic, cluster.seen, cluster.survey);
    const finished = carryOut(cluster, first.steps);
    expect(plan(classic, finished.seen, finished.survey)).toEqual({ steps: [], obstacles: [] });
  });
});

describe("another run that changes the nodes meanwhile", () => {
  const at = (idleMs: number, name = "one") => ({ survey: { lockedBy: { ...run(name), idleMs } } });
  const told = (made: Plan) => made.obstacles.filter((one) => one.id === "run-at-work");

  test("is told once with all its nodes, and forbids nothing: the locks decide when the plan is carried out", () => {
    const made = planned({ node103: at(9000), node104: at(2000) });
    expect(told(made)).toMatchObject([
      {
        severity: "warning",
        title: "operator@workstation works on node103, node104 (apply)",
        evidence: ["process 42, last heard of 2 s ago"],
      },
    ]);
    expect(isAllowed(made)).toBe(true);
    expect(made.steps).toEqual(planned().steps);
  });

  test("is told as well where its half of the work stands in the way", () => {
    const { seen, survey } = bare(2, { node104: at(2000) });
    const nodes = new Map([...seen.nodes].map(([name, node]) => [name, { ...node, advertise: clean("ens99") }]));
    const made = plan(classic, { ...seen, nodes }, survey);
    expect(isAllowed(made)).toBe(false);
    expect(told(made)).toMatchObject([{ node: "node104" }]);
    expect(told(planRemoval(classic, node104, { ...seen, nodes }, survey))).toMatchObject([{ node: "node104" }]);
  });

  test("is each run's own line, and none for a run that is dead by its lease", () => {
    const made = planned({ node103: at(0, "one"), node104: at(0, "two") });
    expect(told(made).map((one) => one.node)).toEqual([node103, node104]);
    expect(told(planned({ node103: at(leaseDeadMs) }))).toEqual([]);
  });
});
