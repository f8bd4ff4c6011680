import { describe, expect, test } from "vitest";
import { dropInPath } from "../../src/domain/plan/drop-in.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import { planRemoval } from "../../src/domain/plan/removal.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import type { Spec } from "../../src/domain/spec/spec.ts";
import { clean } from "../../src/domain/text.ts";
import { carryOut } from "../carry-out.ts";
import { daemonJson, fresh, unitFile } from "../healthy-clusters.ts";
import { type BareChanges, type BareCluster, bare, classicRest, fileFor, specOf } from "../planned.ts";
import { container, node103, node104, nodeNamed, overlay } from "../snapshots.ts";

const node105 = nodeNamed("node105");
const classic = specOf(fileFor(3, classicRest));
const finished = (
  spec: Spec,
  count: number,
  changes: Record<string, BareChanges> = {},
  version?: string,
): BareCluster => {
  const cluster = bare(count, changes, version);
  const made = plan(spec, cluster.seen, cluster.survey);
  return carryOut(cluster, made.steps);
};
const removal = (spec: Spec, node: typeof node104, { seen, survey }: BareCluster): Plan =>
  planRemoval(spec, node, seen, survey);
const ids = ({ steps }: Plan): string[] => steps.map((one) => one.id);
const withContainer = (cluster: BareCluster, node: typeof node104, one: ReturnType<typeof container>): BareCluster => {
  const before = cluster.seen.nodes.get(node);
  if (before?.containers.state !== "fresh") throw new Error("no containers");
  const containers = fresh(new Map([...before.containers.value, [one.id, one]]));
  return {
    ...cluster,
    seen: { ...cluster.seen, nodes: new Map(cluster.seen.nodes).set(node, { ...before, containers }) },
  };
};

describe("a node that leaves a cluster store", () => {
  test("loses its containers of the file, then its engine's keys, by a restart that names what it stops", () => {
    const cluster = withContainer(finished(classic, 3), node104, container("web", node104));
    const made = removal(classic, node104, cluster);
    expect(made.obstacles).toEqual([]);
    expect(made.steps).toMatchObject([
      { id: "node104/container/node1/remove", change: { kind: "remove-container" }, disturbs: [{ name: "node1" }] },
      {
        id: "node104/engine",
        needs: ["node104/container/node1/remove"],
        change: { take: "restart", joins: undefined },
        disturbs: [{ name: "web" }],
      },
    ]);
  });

  test("keeps the volumes of what is removed: the step sends what it shows", () => {
    expect(removal(classic, node104, finished(classic, 3)).steps[0]).toMatchObject({
      preview: [{ kind: "command", lines: ["docker stop -t 10 node1", "docker rm -f node1"] }],
      undo: expect.stringContaining("beside its volumes"),
    });
  });

  test("gets its daemon.json back as it was", () => {
    const first = removal(classic, node104, finished(classic, 3)).steps.at(-1)?.change;
    if (first?.kind !== "configure-engine") throw new Error("no engine step");
    expect(first.edits).toMatchObject([{ content: '{\n    "log-driver": "json-file"\n}\n' }]);
  });

  test("loses a daemon.json that would say nothing any more, unless --config-file insists on it", () => {
    const removed = (line: string) => {
      const empty = { sources: { daemonJson: daemonJson("{}\n"), unitFiles: [unitFile(line)] } };
      const change = removal(classic, node104, finished(classic, 3, { node104: empty })).steps.at(-1)?.change;
      return change?.kind === "configure-engine" ? change.edits.map((edit) => edit.content) : [];
    };
    expect(removed("/usr/sbin/dockerd -H fd://")).toEqual(["removed"]);
    expect(removed("/usr/sbin/dockerd --config-file=/etc/docker/daemon.json")).toEqual(["{\n}\n"]);
  });

  test("loses our drop-in when that only brought the store", () => {
    const line = "/usr/sbin/dockerd -H fd:// --cluster-store=etcd://x:2379";
    const cluster = finished(classic, 3, { node104: { sources: { unitFiles: [unitFile(line)] } } });
    const change = removal(classic, node104, cluster).steps.at(-1)?.change;
    if (change?.kind !== "configure-engine") throw new Error("no engine step");
    // The unit names a store of its own, so the drop-in stays, without any.
    expect(change.edits).toMatchObject([{ path: dropInPath, content: expect.not.stringContaining("cluster-store=") }]);
    const plain = {
      path: dropInPath,
      content:
        "[Service]\nExecStart=\nExecStart=/usr/sbin/dockerd -H fd:// --cluster-store=consul://192.168.44.103:8500 --cluster-advertise=ens33:2376\n",
    };
    const ours = bare(3, {
      node104: {
        engine: { mode: "cluster-store", store: clean("consul://192.168.44.103:8500") },
        sources: { unitFiles: [unitFile("/usr/sbin/dockerd -H fd://"), plain] },
      },
    });
    const second = removal(classic, node104, ours).steps.at(-1)?.change;
    expect(second).toMatchObject({ edits: [{ path: dropInPath, content: "removed" }], take: "restart" });
  });

  test("is refused while other containers hang on the overlay", () => {
    const cluster = finished(classic, 3);
    const network = overlay(node105).id;
    const seen = cluster.seen.nodes.get(node105)?.networks;
    const id = seen?.state === "fresh" ? seen.value[0]?.id : network;
    const guest = container("guest", node105, {
      attachments: [{ network: clean("ov_net1"), networkId: id, address: undefined, mac: undefined }],
    });
    expect(removal(classic, node105, withContainer(cluster, node105, guest)).obstacles).toMatchObject([
      { id: "containers-on-overlay", severity: "error", evidence: ["guest (running) on ov_net1"] },
    ]);
  });

  test("is refused when the store runs on it alone", () => {
    expect(removal(classic, node103, finished(classic, 3)).obstacles).toMatchObject([
      { id: "store-would-break", severity: "error", node: "node103" },
    ]);
  });
});

describe("a store of three servers", () => {
  const spec = specOf(
    fileFor(4, 'store: { node: [node103, node104, node105], image: "consul:1.8.7" }\nnetworks: [{ name: ov }]'),
  );

  test("lets one go with a warning, and takes its container away last", () => {
    const made = removal(spec, node104, finished(spec, 4));
    expect(made.obstacles).toMatchObject([{ id: "store-loses-server", severity: "warning" }]);
    expect(ids(made)).toEqual(["node104/engine", "node104/container/consul/remove"]);
    expect(made.steps[1]?.needs).toEqual(["node104/engine"]);
  });

  test("lets none go once another is lost", () => {
    const cluster = finished(spec, 4);
    const { membership } = cluster.seen;
    if (membership?.state !== "fresh") throw new Error("no store");
    const members = membership.value.members.map((one) =>
      one.address.startsWith("192.168.44.105") ? { ...one, state: "failed" as const } : one,
    );
    const seen = { ...cluster.seen, membership: fresh({ ...membership.value, members }) };
    expect(removal(spec, node104, { seen, survey: cluster.survey }).obstacles).toMatchObject([
      { id: "store-would-break", severity: "error", evidence: ["1 of 3 servers would be left alive"] },
    ]);
  });

  test("loses the agent of a node that has no server", () => {
    expect(ids(removal(spec, nodeNamed("node106"), finished(spec, 4)))).toEqual([
      "node106/engine",
      "node106/container/consul/remove",
    ]);
  });
});

describe("a node that leaves a swarm", () => {
  const spec = specOf(
    fileFor(
      3,
      "networks: [{ name: ov }]\ncontainers: [{ name: box, node: node104, image: big_computing, network: ov }]",
    ),
  );

  test("is drained, leaves and is forgotten by a manager that stays", () => {
    const made = removal(spec, node104, finished(spec, 3, {}, "26.1.5"));
    expect(made.obstacles).toEqual([]);
    expect(made.steps).toMatchObject([
      { id: "node104/container/box/remove" },
      {
        id: "node104/swarm",
        needs: ["node104/container/box/remove"],
        change: { kind: "leave-swarm", via: "node103", id: "id-of-node104", role: "manager" },
      },
    ]);
  });

  test("is forgotten by the next run where one ended before its managers did so, and then no more", () => {
    const joined = finished(spec, 3, {}, "26.1.5");
    const left = carryOut(joined, removal(spec, node104, joined).steps);
    expect(removal(spec, node104, left)).toEqual({ steps: [], obstacles: [] });
    const listed = { ...left, seen: { ...left.seen, swarm: joined.seen.swarm } };
    expect(removal(spec, node104, listed)).toMatchObject({
      obstacles: [],
      steps: [
        {
          id: "node104/swarm/id-of-node104",
          title: "have node103 forget node104, which has left the swarm",
          change: { kind: "leave-swarm", via: "node103", id: "id-of-node104" },
        },
      ],
    });
  });

  test("is refused as its last manager", () => {
    const two = specOf(fileFor(2, "networks: [{ name: ov }]"));
    expect(removal(two, node103, finished(two, 2, {}, "26.1.5")).obstacles).toMatchObject([
      { id: "last-manager", severity: "error" },
    ]);
    expect(removal(two, node104, finished(two, 2, {}, "26.1.5")).obstacles).toEqual([]);
  });
});

test("a flat network of the file goes with the node, and stays where something else uses it", () => {
  const spec = specOf(fileFor(2, "networks: [{ name: flat, driver: macvlan, subnet: 10.5.0.0/24 }]"));
  const cluster = finished(spec, 2);
  expect(ids(removal(spec, node104, cluster))).toEqual(["node104/network/flat/remove"]);
  const guest = container("guest", node104, {
    attachments: [{ network: clean("flat"), networkId: undefined, address: undefined, mac: undefined }],
  });
  expect(ids(removal(spec, node104, withContainer(cluster, node104, guest)))).toEqual([]);
});

test("a node that cannot be reached is not taken out: nothing could be put right on it", () => {
  const { seen, survey } = bare(2, { node104: { node: { link: { state: "closed", since: 0 } } } });
  expect(planRemoval(classic, node104, seen, survey)).toMatchObject({
    steps: [],
    obstacles: [{ id: "node-not-live" }],
  });
});
