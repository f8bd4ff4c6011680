import { describe, expect, test } from "vitest";
import type { CreateContainer } from "../../src/domain/plan/change.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import { storeContainer } from "../../src/domain/plan/store-container.ts";
import type { Image } from "../../src/domain/plan/survey.ts";
import { clean } from "../../src/domain/text.ts";
import { carryOut } from "../carry-out.ts";
import { fresh } from "../healthy-clusters.ts";
import { type BareChanges, type BareCluster, bare, consulImage, fileFor, specOf } from "../planned.ts";
import { consul, container, node103 } from "../snapshots.ts";

const etcdImage: Image = { id: `sha256:${"e".repeat(64)}`, tags: ["etcd:3.4"], bytes: 50_000_000 };
const images = { survey: { images: [consulImage, etcdImage] } };
const four = (changes: Record<string, BareChanges> = {}): BareCluster =>
  bare(4, Object.fromEntries([103, 104, 105, 106].map((n) => [`node${n}`, { ...images, ...changes[`node${n}`] }])));
const specWith = (store: string) =>
  specOf(fileFor(4, `store: ${store}\nnetworks: [{ name: ov, subnet: 10.10.10.0/24 }]`));
const planned = (store: string, cluster = four()): Plan => plan(specWith(store), cluster.seen, cluster.survey);
const created = (made: Plan, node: string): CreateContainer["definition"] => {
  const change = made.steps.find((one) => one.id === `${node}/store`)?.change;
  if (change?.kind !== "create-container") throw new Error(`no container for the store on ${node}`);
  return change.definition;
};
const stores = (made: Plan): (string | undefined)[] =>
  made.steps.flatMap(({ change }) => (change.kind === "configure-engine" ? [change.joins?.store] : []));
const ids = (made: Plan): string[] => made.steps.map((one) => one.id);

describe("one server of Consul", () => {
  const definition = created(planned("{ node: node104, image: consul:1.8.7 }"), "node104");

  test("runs on its host's network, on the advertise address alone, and outlives restarts and its own removal", () => {
    expect(definition).toMatchObject({
      name: "consul",
      network: "host",
      restart: "unless-stopped",
      mounts: ["ovl-consul-data:/consul/data"],
      remove: false,
      privileged: false,
    });
    expect(definition.command).toEqual([
      ...["consul", "agent", "-server", "-bootstrap-expect=1", "-ui", "-node=node104"],
      ...["-bind=192.168.44.104", "-client=192.168.44.104", "-advertise=192.168.44.104"],
      ...["-data-dir=/consul/data", "-dns-port=-1", "-hcl", "performance { raft_multiplier = 1 }"],
    ]);
  });

  test("is what every engine asks, and there are no agents", () => {
    const made = planned("{ node: node104, image: consul:1.8.7 }");
    expect(stores(made)).toEqual(Array(4).fill("consul://192.168.44.104:8500"));
    expect(ids(made).filter((id) => id.endsWith("/store"))).toEqual(["node104/store"]);
  });

  test("of the classic image gets the arguments that its entrypoint understands", () => {
    const classic = created(planned("{ node: node103, image: progrium/consul }"), "node103");
    expect(classic.command.join(" ")).toBe(
      "-server -bootstrap -advertise 192.168.44.103 -bind 192.168.44.103 -client 192.168.44.103 -data-dir /data",
    );
    expect(classic.mounts).toEqual(["ovl-consul-data:/data"]);
  });

  test("listens where ovl.yaml says", () => {
    const made = planned("{ node: node103, image: consul:1.8.7, port: 18500 }");
    expect(created(made, "node103").command).toContain("-http-port=18500");
    expect(stores(made)[0]).toBe("consul://192.168.44.103:18500");
  });
});

describe("three servers of Consul", () => {
  const spec = "{ node: [node103, node104, node105], image: consul:1.8.7 }";
  const made = planned(spec);

  test("find each other and wait for all three", () => {
    expect(created(made, "node104").command).toEqual(
      expect.arrayContaining(["-bootstrap-expect=3", "-retry-join=192.168.44.103", "-retry-join=192.168.44.105"]),
    );
    expect(made.steps.find((one) => one.id === "node103/store-ready")).toMatchObject({
      needs: ["node103/store", "node104/store", "node105/store"],
      change: { servers: ["192.168.44.103:8500", "192.168.44.104:8500", "192.168.44.105:8500"] },
    });
  });

  test("leave no engine without a store when one of them is lost: each asks the member on its own node", () => {
    expect(stores(made)).toEqual([103, 104, 105, 106].map((last) => `consul://192.168.44.${last}:8500`));
    const agent = created(made, "node106").command;
    expect(agent.slice(0, 3)).toEqual(["consul", "agent", "-node=node106"]);
    expect(agent).not.toContain("-server");
    expect(agent.filter((word) => word.startsWith("-retry-join"))).toHaveLength(3);
  });

  test("have an engine beside an agent wait until that agent answers", () => {
    expect(made.steps.find((one) => one.id === "node106/engine")?.needs).toContain("node106/store-ready");
    expect(made.steps.find((one) => one.id === "node106/store-ready")).toMatchObject({
      needs: ["node106/store", "node103/store-ready"],
      change: { servers: ["192.168.44.106:8500"] },
    });
  });

  test("that lost one get that one back, and no engine is touched", () => {
    const finished = carryOut(four(), made.steps);
    const { membership } = finished.seen;
    if (membership?.state !== "fresh") throw new Error("no store");
    const members = membership.value.members.map((one) =>
      one.address.startsWith("192.168.44.105") ? { ...one, state: "failed" as const } : one,
    );
    const node = [...finished.seen.nodes.values()][2];
    if (node?.containers.state !== "fresh") throw new Error("no containers");
    const stopped = new Map(
      [...node.containers.value].map(([id, one]) => [
        id,
        one.name === "consul" ? { ...one, state: "exited" as const } : one,
      ]),
    );
    const nodes = new Map(finished.seen.nodes).set(node.name, { ...node, containers: fresh(stopped) });
    const seen = { ...finished.seen, nodes, membership: fresh({ ...membership.value, members }) };
    const again = planned(spec, { seen, survey: finished.survey });
    expect(again.steps).toMatchObject([
      { id: "node105/store", change: { kind: "start-container" } },
      { id: "node103/store-ready", needs: ["node105/store"] },
    ]);
  });
});

describe("etcd", () => {
  const made = planned("{ kind: etcd, node: [node103, node104, node105], image: etcd:3.4 }");

  test("serves the API that engines speak, and every engine asks all servers", () => {
    expect(created(made, "node104").command).toEqual(
      expect.arrayContaining([
        "--enable-v2=true",
        "--name=node104",
        "--listen-client-urls=http://192.168.44.104:2379",
        "--initial-cluster=node103=http://192.168.44.103:2380,node104=http://192.168.44.104:2380,node105=http://192.168.44.105:2380",
        "--initial-cluster-token=bigcomputing",
      ]),
    );
    expect(stores(made)).toEqual(Array(4).fill("etcd://192.168.44.103:2379,192.168.44.104:2379,192.168.44.105:2379"));
    expect(ids(made)).not.toContain("node106/store");
  });
});

describe("servers that are told once who they are", () => {
  const zooImage: Image = { id: `sha256:${"f".repeat(64)}`, tags: ["zookeeper:3.8"], bytes: 50_000_000 };
  const withAll = { survey: { images: [etcdImage, zooImage] } };
  const cluster = bare(4, { node103: withAll, node104: withAll, node105: withAll, node106: withAll });
  const store = (kind: string, nodes: string) =>
    `{ kind: ${kind}, node: [${nodes}], image: ${kind === "etcd" ? "etcd:3.4" : "zookeeper:3.8"} }`;
  const finished = (kind: string, nodes: string) => carryOut(cluster, planned(store(kind, nodes), cluster).steps);
  const differing = (made: Plan) => made.obstacles.filter((one) => one.id === "store-servers-differ");
  const three = "node103, node104, node105";

  test.each(["etcd", "zookeeper"])("are not added to by the file: %s of one would become two stores", (kind) => {
    const made = planned(store(kind, three), finished(kind, "node103"));
    expect(differing(made)).toMatchObject([
      {
        severity: "error",
        evidence: [expect.stringContaining("it has a leader, with 192.168.44.103:"), `ovl.yaml: ${three}`],
      },
    ]);
    expect(ids(made).filter((id) => id.includes("/store"))).toEqual([]);
  });

  test.each(["etcd", "zookeeper"])("are not added to while %s does not answer: its container tells", (kind) => {
    const { seen, survey } = finished(kind, "node103");
    const silent = { seen: { ...seen, membership: bare(4).seen.membership }, survey };
    expect(differing(planned(store(kind, three), silent))).toMatchObject([
      { evidence: ["the container on node103 was made for 192.168.44.103", `ovl.yaml: ${three}`] },
    ]);
    expect(differing(planned(store(kind, "node103"), silent))).toEqual([]);
  });

  test.each(["etcd", "zookeeper"])("are the same while one of three of %s is lost", (kind) => {
    const { seen, survey } = finished(kind, three);
    if (seen.membership?.state !== "fresh") throw new Error("no store");
    const members = seen.membership.value.members.map((one) =>
      one.address.startsWith("192.168.44.105") ? { ...one, state: "failed" as const } : one,
    );
    const without = { seen: { ...seen, membership: fresh({ ...seen.membership.value, members }) }, survey };
    expect(differing(planned(store(kind, three), without))).toEqual([]);
  });

  test("are not replaced: etcd lists who they are", () => {
    const made = planned(store("etcd", "node103, node104, node106"), finished("etcd", three));
    expect(differing(made)).toMatchObject([{ node: "node106", remedy: expect.stringContaining("etcdctl member add") }]);
  });
});

test("ZooKeeper is told its servers, its own number and its address for clients by the environment", () => {
  const place = (last: number) => ({ name: `node${last}`, address: `192.168.44.${last}` });
  const { environment, command } = storeContainer({
    ...{ kind: "zookeeper", image: "zookeeper:3.8", port: 2181, cluster: "c", role: "server" },
    ...{ self: place(104), servers: [place(103), place(104), place(105)] },
  });
  expect(command).toEqual([]);
  expect(environment).toMatchObject({
    ZOO_MY_ID: "2",
    ZOO_SERVERS: [103, 104, 105]
      .map((n, i) => `server.${i + 1}=192.168.44.${n}:2888:3888;192.168.44.${n}:2181`)
      .join(" "),
    ZOO_ADMINSERVER_ENABLED: "false",
  });
});

describe("a store that exists already", () => {
  test("by endpoints is only asked whether it answers", () => {
    expect(planned("{ endpoints: [192.168.44.9:8500] }").obstacles).toMatchObject([{ id: "store-not-answering" }]);
    const cluster = four();
    const seen = { ...cluster.seen, membership: fresh(consul({ endpoint: clean("192.168.44.9:8500") })) };
    const made = planned("{ endpoints: [192.168.44.9:8500] }", { ...cluster, seen });
    expect(made.obstacles).toEqual([]);
    expect(ids(made)[0]).toBe("node103/engine");
    expect(stores(made)[0]).toBe("consul://192.168.44.9:8500");
  });

  test("that answers with a leader needs no steps, whatever runs it", () => {
    const cluster = four();
    const seen = { ...cluster.seen, membership: fresh(consul()) };
    expect(ids(planned("{ node: node103 }", { ...cluster, seen }))[0]).toBe("node103/engine");
  });

  test("and is stopped is started, not made anew", () => {
    const stopped = container("consul", node103, { image: clean("consul:1.8.7"), state: "exited" });
    const made = planned(
      "{ node: node103, image: consul:1.8.7 }",
      four({ node103: { ...images, containers: [stopped] } }),
    );
    expect(made.steps[0]).toMatchObject({ id: "node103/store", change: { kind: "start-container", id: stopped.id } });
  });

  test("is not mistaken for another container of its name", () => {
    const other = container("consul", node103, { image: clean("nginx:1.25") });
    const made = planned(
      "{ node: node103, image: consul:1.8.7 }",
      four({ node103: { ...images, containers: [other] } }),
    );
    expect(made.obstacles).toMatchObject([{ id: "container-name-taken", severity: "error", node: "node103" }]);
  });
});
