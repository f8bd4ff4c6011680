import { describe, expect, test } from "vitest";
import { plan } from "../../src/domain/plan/plan.ts";
import { isAllowed, type Plan, type Step } from "../../src/domain/plan/step.ts";
import { clean } from "../../src/domain/text.ts";
import { bad } from "../../src/domain/trouble.ts";
import { carryOut } from "../carry-out.ts";
import { classicJson, daemonJson, fresh } from "../healthy-clusters.ts";
import { type BareChanges, type BareCluster, bare, classicRest, computingImage, fileFor, specOf } from "../planned.ts";
import { consul, container, node103, node104, overlay, start } from "../snapshots.ts";

const classic = specOf(fileFor(2, classicRest));
const planned = ({ seen, survey }: BareCluster, spec = classic): Plan => plan(spec, seen, survey);
const ids = ({ steps }: Plan): string[] => steps.map((step) => step.id);
const step = (made: Plan, id: string): Step => {
  const found = made.steps.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no step ${id} among ${ids(made).join(", ")}`);
  return found;
};

describe("two bare hosts", () => {
  const made = planned(bare(2));

  test("get a store, engines that use it, an overlay and a container each, with nothing in the way", () => {
    expect(made.obstacles).toEqual([]);
    expect(ids(made)).toEqual([
      "node103/store",
      "node103/store-ready",
      "node103/engine",
      "node104/engine",
      "node103/network/ov_net1",
      "node103/container/node2",
      "node104/container/node1",
    ]);
  });

  test("have their engines joined one after the other, each once the store answers, by a reload", () => {
    expect(step(made, "node103/engine").needs).toEqual(["node103/store-ready"]);
    expect(step(made, "node104/engine")).toMatchObject({
      needs: ["node103/store-ready", "node103/engine"],
      disturbs: [],
      change: {
        take: "reload",
        joins: {
          node: "node104",
          store: "consul://192.168.44.103:8500",
          advertise: "ens33:2376",
          address: "192.168.44.104",
        },
        peers: [{ node: "node103", address: "192.168.44.103" }],
      },
    });
  });

  test("have the keys merged into the daemon.json that they have, over what was read and nothing else", () => {
    const { change, preview } = step(made, "node104/engine");
    if (change.kind !== "configure-engine") throw new Error("no engine step");
    expect(change.edits).toMatchObject([{ path: "/etc/docker/daemon.json", replaces: { sha256: "a".repeat(64) } }]);
    expect(JSON.parse(String(change.edits[0]?.content))).toEqual({ "log-driver": "json-file", ...classicJson });
    expect(preview[0]).toMatchObject({ kind: "diff", path: "/etc/docker/daemon.json" });
    expect(preview[0]?.lines).toContain('+    "cluster-advertise": "ens33:2376"');
    expect(preview[1]).toEqual({ kind: "command", lines: ["systemctl reload docker"] });
  });

  test("start both containers side by side, once their own engine and the network are there", () => {
    expect(step(made, "node103/container/node2").needs).toEqual(["node103/engine", "node103/network/ov_net1"]);
    expect(step(made, "node104/container/node1").needs).toEqual(["node104/engine", "node103/network/ov_net1"]);
    expect(step(made, "node104/container/node1").preview).toEqual([
      {
        kind: "command",
        lines: [
          "docker run -itd --privileged --name node1 --hostname node1 --network ov_net1 --rm --stop-signal SIGRTMIN+3 big_computing /usr/sbin/init",
        ],
      },
    ]);
  });

  test("have the network seen by every node before it counts as made", () => {
    expect(step(made, "node103/network/ov_net1").change).toMatchObject({ seenBy: ["node103", "node104"] });
  });
});

describe("a cluster that stands", () => {
  /** As the classic procedure leaves it: Consul with a published port, on Docker's own bridge, made by hand. */
  const handMade = (changes: Record<string, BareChanges> = {}): BareCluster => {
    const boxes = { node103: "node2", node104: "node1" };
    const nodes = Object.entries(boxes).map(([name, box], i): [string, BareChanges] => {
      const node = i === 0 ? node103 : node104;
      const own = container(box, node, {
        attachments: [{ network: clean("ov_net1"), networkId: overlay(node).id, address: undefined, mac: undefined }],
      });
      const store = container("consul", node, { image: clean("consul:1.8.7") });
      return [
        name,
        {
          engine: {
            mode: "cluster-store",
            store: clean("consul://192.168.44.103:8500"),
            advertise: clean(`192.168.44.${103 + i}:2376`),
          },
          sources: { daemonJson: daemonJson(classicJson) },
          networks: [overlay(node)],
          containers: i === 0 ? [store, own] : [own],
          ...changes[name],
        },
      ];
    });
    const cluster = bare(2, Object.fromEntries(nodes));
    return { ...cluster, seen: { ...cluster.seen, membership: fresh(consul()) } };
  };

  test("needs no step, whoever made it", () => {
    expect(planned(handMade())).toEqual({ steps: [], obstacles: [] });
  });

  test("is not restarted for another spelling: a name for the store, an address for the interface, another port", () => {
    const json = { "cluster-store": "consul://node103:8500/", "cluster-advertise": "192.168.44.104:2375" };
    const engine = {
      mode: "cluster-store" as const,
      store: clean("consul://node103:8500/"),
      advertise: clean("192.168.44.104:2375"),
    };
    expect(
      ids(
        planned(
          handMade({
            node104: {
              ...{ engine, sources: { daemonJson: daemonJson(json) } },
              networks: [overlay(node104)],
              containers: [],
            },
          }),
        ),
      ),
    ).toEqual(["node104/container/node1"]);
  });

  test("gets back only what is missing: a container that was removed, one that was stopped", () => {
    const gone = handMade();
    const stopped = carryOut(gone, []);
    expect(ids(planned(stopped))).toEqual([]);
    const node = container("node1", node104, {
      state: "exited",
      attachments: [{ network: clean("ov_net1"), networkId: overlay(node104).id, address: undefined, mac: undefined }],
    });
    const cluster = handMade({
      node104: {
        engine: {
          mode: "cluster-store",
          store: clean("consul://192.168.44.103:8500"),
          advertise: clean("192.168.44.104:2376"),
        },
        sources: { daemonJson: daemonJson(classicJson) },
        networks: [overlay(node104)],
        containers: [node],
      },
    });
    expect(planned(cluster).steps).toMatchObject([
      { id: "node104/container/node1", change: { kind: "start-container", id: node.id }, needs: [] },
    ]);
  });

  test("takes a third node without touching the other two", () => {
    const finished = handMade();
    const third = bare(3);
    const both = {
      seen: { ...finished.seen, nodes: new Map([...third.seen.nodes, ...finished.seen.nodes]) },
      survey: new Map([...third.survey, ...finished.survey]),
    };
    const made = planned(both, specOf(fileFor(3, classicRest)));
    expect(ids(made)).toEqual(["node105/engine"]);
    expect(made.steps[0]).toMatchObject({
      disturbs: [],
      change: { take: "reload", peers: [{ node: "node103" }, { node: "node104" }] },
    });
  });
});

describe("a node that cannot be seen", () => {
  test("makes it a plan without steps that says why", () => {
    const { seen, survey } = bare(2, {
      node104: {
        node: {
          link: {
            ...{ state: "lost", since: start, retryAt: start + 1000 },
            trouble: { kind: "unreachable", host: clean("192.168.44.104"), detail: clean("no route to host") },
          },
        },
      },
    });
    const made = plan(classic, seen, survey);
    expect(made.steps).toEqual([]);
    expect(made.obstacles).toMatchObject([
      {
        id: "node-not-live",
        severity: "error",
        node: "node104",
        evidence: ["no answer from 192.168.44.104: no route to host"],
      },
    ]);
    expect(isAllowed(made)).toBe(false);
  });

  test("is told apart: an engine that is down, no root, an interface that is not there", () => {
    const down = { state: "missing", since: start, trouble: { kind: "docker-stopped", detail: clean("") } } as const;
    expect(planned(bare(2, { node103: { node: { engine: down } } })).obstacles).toMatchObject([
      { id: "engine-not-answering", node: "node103" },
    ]);
    const { seen, survey } = bare(2);
    const refused = bad({ kind: "sudo-refused", user: clean("op"), detail: clean("") });
    expect(plan(classic, seen, new Map(survey).set(node104, refused)).obstacles).toMatchObject([
      { id: "no-root", node: "node104" },
    ]);
    expect(planned(bare(2, { node104: { node: { advertise: clean("eth7") } } })).obstacles).toMatchObject([
      {
        id: "advertise-missing",
        node: "node104",
        title: "node104 has no interface or address eth7, or it has no IPv4",
      },
    ]);
  });

  test("that ovl.yaml names no interface for advertises the one its default route leaves by", () => {
    const made = planned(bare(2, { node103: { node: { advertise: undefined } } }));
    expect(step(made, "node103/engine").change).toMatchObject({ joins: { advertise: "ens33:2376" } });
  });
});

describe("images", () => {
  test("are copied from the first node that has them, before the container that needs them", () => {
    const made = planned(bare(2, { node104: { survey: { images: [] } } }));
    expect(step(made, "node104/image/big_computing")).toMatchObject({
      needs: [],
      title: "copy big_computing from node103 to node104 (400 MB)",
      change: { image: "big_computing", from: { kind: "node", node: "node103", bytes: 400_000_000 } },
    });
    expect(step(made, "node104/container/node1").needs).toContain("node104/image/big_computing");
  });

  test("that no node has come from a registry, which is told", () => {
    const made = planned(
      bare(2, { node103: { survey: { images: [computingImage] } }, node104: { survey: { images: [computingImage] } } }),
    );
    expect(step(made, "node103/image/consul:1.8.7").change).toMatchObject({ from: { kind: "registry" } });
    expect(made.obstacles).toMatchObject([{ id: "image-from-registry", severity: "info" }]);
    expect(isAllowed(made)).toBe(true);
  });

  test("are the same by any of their names, as Docker reads them", () => {
    const image = { ...computingImage, tags: ["docker.io/library/big_computing:latest"] };
    expect(ids(planned(bare(2, { node104: { survey: { images: [image] } } })))).not.toContain(
      "node104/image/big_computing",
    );
    const other = { ...computingImage, tags: ["registry.example:5000/big_computing:latest"] };
    expect(ids(planned(bare(2, { node104: { survey: { images: [other] } } })))).toContain(
      "node104/image/big_computing",
    );
  });

  test("forbid the plan where there is no room for them", () => {
    const made = planned(bare(2, { node104: { survey: { images: [], freeBytes: 500e6 } } }));
    expect(made.obstacles).toMatchObject([{ id: "disk-space", severity: "error", node: "node104" }]);
  });
});

describe("containers", () => {
  const onNet = { network: clean("ov_net1"), networkId: overlay(node103).id, address: undefined, mac: undefined };

  test("that run without their network are connected, not made anew", () => {
    const made = planned(bare(2, { node103: { containers: [container("node2", node103)] } }));
    expect(ids(made).filter((id) => id.includes("container"))).toEqual([
      "node103/container/node2/connect",
      "node104/container/node1",
    ]);
    expect(step(made, "node103/container/node2/connect").needs).toContain("node103/network/ov_net1");
  });

  test("whose name another image has are left alone, and forbid the plan", () => {
    const taken = container("node2", node103, { image: clean("nginx:1.25") });
    expect(planned(bare(2, { node103: { containers: [taken] } })).obstacles).toMatchObject([
      { id: "container-name-taken", severity: "error", node: "node103" },
    ]);
  });

  test("of an image that was built anew since go on running, with a warning", () => {
    const old = container("node2", node103, { image: clean("0123456789ab"), attachments: [onNet] });
    const made = planned(bare(2, { node103: { containers: [old] } }));
    expect(made.obstacles).toMatchObject([{ id: "container-image-old", severity: "warning" }]);
    expect(ids(made)).not.toContain("node103/container/node2");
  });

  test("with a name that stands on the overlay from another node already are refused", () => {
    const there = container("node1", node103, { attachments: [onNet] });
    expect(planned(bare(2, { node103: { containers: [there] } })).obstacles).toMatchObject([
      {
        id: "container-name-taken",
        node: "node103",
        title: "node1 is on node103 already, and ovl.yaml wants it on node104",
      },
    ]);
  });

  test("whose endpoint a crash left in the store are refused with the way to clear it", () => {
    const cluster = bare(2, { node103: { networks: [overlay(node103)] }, node104: { networks: [overlay(node104)] } });
    const endpoint = {
      id: clean("e1"),
      network: overlay(node103).id,
      name: clean("node1"),
      address: undefined,
      mac: undefined,
      locator: clean("192.168.44.104"),
    };
    const seen = { ...cluster.seen, membership: fresh(consul({ endpoints: [endpoint] })) };
    const found = plan(classic, seen, cluster.survey).obstacles.find((one) => one.id === "endpoint-left-over");
    expect(found?.remedy).toContain("docker network disconnect -f ov_net1 node1");
  });
});
