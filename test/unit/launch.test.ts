import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressProblem, freeAddresses, freeCount, holdersOn } from "../../src/domain/launch/addresses.ts";
import { assess, obstacleOf } from "../../src/domain/launch/assess.ts";
import { emptyLaunch, type LaunchDraft, type LaunchField } from "../../src/domain/launch/draft.ts";
import type { LaunchGround } from "../../src/domain/launch/ground.ts";
import { isImageName, launchImages } from "../../src/domain/launch/images.ts";
import { seriesOf } from "../../src/domain/launch/names.ts";
import { launchNetworks } from "../../src/domain/launch/networks.ts";
import { draftFrom, type LaunchFrom, likeDefinition } from "../../src/domain/launch/prefill.ts";
import { networkOf } from "../../src/domain/subnets.ts";
import { clean } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { draftWith, groundWith } from "../launching.ts";
import { fileFor, specOf } from "../planned.ts";
import { consul, container, engineInfo, networkId, node103, node104, overlay } from "../snapshots.ts";
import { at, clusterAfter, containersOn, inOverlay, lost, node1, node2 } from "../ui/clusters.ts";

const problemOf = (field: LaunchField, draft: Partial<LaunchDraft>, ground: LaunchGround = groundWith()): string =>
  assess(draftWith(draft), ground).fields[field]?.problem ?? "none";
const noteOf = (field: LaunchField, draft: Partial<LaunchDraft>, ground: LaunchGround = groundWith()): string =>
  assess(draftWith(draft), ground).fields[field]?.note?.words ?? "none";

function launched(draft: Partial<LaunchDraft>, ground: LaunchGround = groundWith()): string[] {
  const { containers, fields } = assess(draftWith(draft), ground);
  if (containers === undefined) {
    throw new Error(JSON.stringify(Object.values(fields).flatMap((one) => one.problem ?? [])));
  }
  return containers.map((one) => [one.name, one.node, one.address].filter((part) => part !== undefined).join(" "));
}

describe("the names of new containers", () => {
  test("are free over the whole cluster, wherever the other one is and whether it runs", () => {
    const seen = clusterAfter(
      containersOn(node103, [node2, container("web-1", node103, { state: "exited", exitCode: 0 })]),
      lost(node103),
    );
    expect(problemOf("name", { name: "node2" })).toBe("node2 is taken: runs on node103");
    expect(problemOf("name", { name: "web-1" }, groundWith({}, seen))).toBe("web-1 is taken: exited on node103");
    expect(problemOf("name", { name: "web-2" }, groundWith({}, seen))).toBe("none");
  });

  test("may be nobody's that the store still has a place for", () => {
    const record = {
      ...{ id: clean("e1"), network: networkId("a1"), name: clean("web-1"), address: clean("10.10.10.9") },
      ...{ mac: undefined, locator: clean("192.168.44.104:0") },
    };
    const seen = clusterAfter({ of: "membership", outcome: good(consul({ endpoints: [record] })), at });
    expect(problemOf("name", { name: "web-1" }, groundWith({}, seen))).toContain("the store has it");
  });

  test("are numbered past those that are taken or in the file, and spread over the nodes in turn", () => {
    const seen = clusterAfter(containersOn(node103, [node2, container("web-2", node103)]));
    expect(launched({ name: "web-{n}", count: "3", nodes: "node103, node104" }, groundWith({}, seen))).toEqual([
      "web-1 node103",
      "web-3 node104",
      "web-4 node103",
    ]);
    expect(launched({ name: "node{n}", count: "1" })).toEqual(["node3 node104"]);
  });

  test("need a number when there are several, and are such as Docker takes", () => {
    expect(problemOf("name", { count: "2" })).toContain("web-{n}");
    expect(problemOf("name", { name: "-web" })).toContain("letters, digits");
    expect(problemOf("name", { name: "" })).toBe("a name");
    expect(problemOf("count", { count: "0" })).toContain("1 to 100");
    expect(problemOf("count", { count: "1e1" })).toContain("1 to 100");
  });

  test("are host names too where they can be; another one has to be free like them", () => {
    const { containers } = assess(draftWith({ name: "web_1" }), groundWith());
    expect(containers?.[0]?.hostname).toBeUndefined();
    expect(assess(draftWith(), groundWith()).containers?.[0]?.hostname).toBe("web-1");
    expect(problemOf("hostname", { hostname: "HEAD" })).toBe("the host name HEAD is taken: node1 on node104");
    expect(problemOf("hostname", { hostname: "node103" })).toContain("the machine's of node103");
    expect(problemOf("hostname", { hostname: "a_b" })).toContain("letters, digits");
    expect(problemOf("hostname", { name: "web-{n}", count: "2", hostname: "same" })).toContain("{n}");
    const several = assess(draftWith({ name: "web-{n}", count: "2", hostname: "h{n}" }), groundWith());
    expect(several.containers?.map((one) => one.hostname)).toEqual(["h1", "h2"]);
  });

  test.each([
    ["node2", "node{n}"],
    ["web", "web-{n}"],
    ["web-10", "web-{n}"],
  ])("%s is one of the series %s", (name, series) => expect(seriesOf(name)).toBe(series));
});

describe("the addresses of new containers", () => {
  test("are left to the engine unless one is fixed; the next free one is told", () => {
    expect(noteOf("address", {})).toBe("next free: 10.10.10.4");
    expect(launched({})).toEqual(["web-1 node104"]);
    expect(launched({ address: "10.10.10.77" })).toEqual(["web-1 node104 10.10.10.77"]);
  });

  test("are refused when somebody has them: a container, the gateway, an engine, the file", () => {
    expect(problemOf("address", { address: "10.10.10.2" })).toBe("10.10.10.2 is taken: node2 on node103");
    expect(problemOf("address", { address: "10.10.10.1" })).toContain("gateway");
    expect(problemOf("address", { address: "10.10.10.255" })).toContain("broadcast");
    expect(problemOf("address", { address: "10.10.10.0" })).toContain("broadcast");
    expect(problemOf("address", { address: "10.10.11.2" })).toBe("10.10.11.2 is not in 10.10.10.0/24 of ov_net1");
    expect(problemOf("address", { address: "10.10.10" })).toContain("is no address");
    const held = new Map([[networkId("a1"), [{ address: clean("10.10.10.4"), holder: clean("the load balancer") }]]]);
    expect(problemOf("address", { address: "10.10.10.4" }, groundWith({ held }))).toContain("the load balancer");
    expect(noteOf("address", {}, groundWith({ held }))).toBe("next free: 10.10.10.5");
  });

  test("count on from the first for several, over what is taken", () => {
    const seen = clusterAfter(
      containersOn(node103, [node2, container("x", node103, { attachments: inOverlay("10.10.10.21") })]),
    );
    expect(launched({ name: "web-{n}", count: "3", address: "10.10.10.20" }, groundWith({}, seen))).toEqual([
      "web-1 node104 10.10.10.20",
      "web-2 node104 10.10.10.22",
      "web-3 node104 10.10.10.23",
    ]);
    expect(problemOf("address", { name: "web-{n}", count: "9", address: "10.10.10.250" })).toBe(
      "only 5 are free from there on",
    );
  });

  test("of a container that stopped are free again", () => {
    const stopped = container("x", node103, { state: "exited", attachments: inOverlay("10.10.10.9") });
    expect(
      problemOf("address", { address: "10.10.10.9" }, groundWith({}, clusterAfter(containersOn(node103, [stopped])))),
    ).toBe("none");
  });

  test("come from the engine's own range where the network is flat", () => {
    const flat = (node: typeof node103, range: string) =>
      overlay(node, {
        ...{
          id: networkId(`f${node.slice(-1)}`),
          name: clean("flat"),
          driver: clean("macvlan"),
          scope: clean("local"),
        },
        subnets: [{ subnet: clean("192.168.44.0/24"), gateway: clean("192.168.44.1"), range: clean(range) }],
      });
    const seen = clusterAfter(
      { of: "networks", node: node103, outcome: good([flat(node103, "192.168.44.224/28")]), at },
      { of: "networks", node: node104, outcome: good([flat(node104, "192.168.44.240/28")]), at },
    );
    const ground = groundWith({}, seen);
    expect(noteOf("address", { network: "flat" }, ground)).toBe("next free: 192.168.44.240");
    expect(noteOf("address", { network: "flat", nodes: "node103" }, ground)).toBe("next free: 192.168.44.224");
    expect(noteOf("network", { network: "flat" }, ground)).toBe("macvlan, 15 addresses free");
    // The machines live on the same wire.
    expect(problemOf("address", { network: "flat", address: "192.168.44.103" }, ground)).toContain(
      "the machine node103",
    );
  });

  test("need a network", () => {
    expect(problemOf("address", { network: "", address: "10.10.10.9" })).toContain("needs a network");
  });
});

describe("where new containers can run", () => {
  test("is on nodes that answer and have the network", () => {
    expect(problemOf("nodes", { nodes: "" })).toContain("a node");
    expect(problemOf("nodes", { nodes: "node105" })).toContain("there is no node node105");
    expect(problemOf("nodes", {}, groundWith({}, clusterAfter(lost(node104))))).toBe("node104 is down");
    expect(problemOf("network", { network: "other" })).toContain("no node lists a network other");
    const only103 = clusterAfter({ of: "networks", node: node104, outcome: good([]), at });
    expect(problemOf("network", {}, groundWith({}, only103))).toBe("node104 has no network ov_net1; only node103");
  });

  test("is on a swarm's worker too, which lists the network only once a container of its own is on it", () => {
    const swarm = { ...engineInfo().swarm, state: "active" as const };
    const attachable = overlay(node103, { scope: clean("swarm"), attachable: true });
    const seen = (isMember: boolean) =>
      clusterAfter(
        { of: "networks", node: node103, outcome: good([attachable]), at },
        { of: "networks", node: node104, outcome: good([]), at },
        ...(isMember ? [{ of: "engine", node: node104, outcome: good(engineInfo({ swarm })), at } as const] : []),
      );
    expect(problemOf("network", {}, groundWith({}, seen(true)))).toBe("none");
    expect(problemOf("network", {}, groundWith({}, seen(false)))).toBe("node104 is in no swarm");
  });

  test("is not on a swarm's own network, which no container of its own can join", () => {
    const ingress = overlay(node104, { name: clean("ingress"), scope: clean("swarm"), attachable: false });
    const seen = clusterAfter({ of: "networks", node: node104, outcome: good([ingress]), at });
    expect(problemOf("network", { network: "ingress" }, groundWith({}, seen))).toContain("no node lists");
  });
});

describe("the image of new containers", () => {
  test("is there, or is copied from a node, or only a registry may have it", () => {
    expect(noteOf("image", {})).toBe("there");
    expect(noteOf("image", { image: "consul:1.8.7" })).toBe("copied from node103 to node104, 150 MB");
    expect(noteOf("image", { image: "nginx" })).toBe("on no node: docker.io is asked");
    expect(noteOf("image", {}, groundWith({ images: new Map() }))).toContain("asking");
  });

  test("has a name that can be an image's", () => {
    for (const name of [
      "nginx",
      "nginx:1.25",
      "quay.io/coreos/etcd:v3.4",
      "localhost:5000/a/b_c",
      `a@sha256:${"0".repeat(64)}`,
    ]) {
      expect(isImageName(name), name).toBe(true);
    }
    for (const name of ["", "Nginx", "a b", "-it", "a:", "/a", "a;reboot", "a:b:c"]) {
      expect(isImageName(name), name).toBe(false);
    }
    expect(problemOf("image", { image: "a b" })).toContain("no image's name");
  });

  test("is offered by name with its size and where it is, what most nodes have first", () => {
    expect(launchImages(groundWith())).toEqual([
      { name: "big_computing", bytes: 400_000_000, nodes: [node103, node104] },
      { name: "consul:1.8.7", bytes: 150_000_000, nodes: [node103] },
    ]);
  });
});

describe("words, variables and mounts", () => {
  test("are taken apart as a shell would, and told where they are wrong", () => {
    const { containers } = assess(
      draftWith({
        command: `sh -c 'echo "hi there"'`,
        environment: `A=1 B='x y' C=`,
        mounts: "data:/data /srv:/srv:ro",
      }),
      groundWith(),
    );
    expect(containers?.[0]).toMatchObject({
      command: ["sh", "-c", 'echo "hi there"'],
      environment: { A: "1", B: "x y", C: "" },
      mounts: ["data:/data", "/srv:/srv:ro"],
    });
    expect(problemOf("command", { command: "sh -c 'oops" })).toBe("a quote is open");
    expect(problemOf("environment", { environment: "NOVALUE" })).toContain("NAME=VALUE");
    expect(problemOf("mounts", { mounts: "data" })).toContain("SOURCE:/TARGET");
    expect(problemOf("mounts", { mounts: "data:relative" })).toContain("SOURCE:/TARGET");
    expect(problemOf("restart", { remove: true, restart: "always" })).toContain("not together");
  });
});

describe("saving to the file", () => {
  test("takes a network that the file knows", () => {
    const spec = specOf(fileFor(2, "containers: []"));
    expect(problemOf("save", { save: true }, groundWith({}, clusterAfter(), spec))).toContain("no network ov_net1");
    expect(problemOf("save", { save: true })).toBe("none");
  });
});

describe("what the form begins with", () => {
  const nowhere: LaunchFrom = { nodes: [], network: undefined, container: undefined };

  test("is a container of the file that no node has", () => {
    const seen = clusterAfter(containersOn(node104, []));
    expect(draftFrom(nowhere, groundWith({}, seen))).toMatchObject({
      ...{ name: "node1", nodes: "node104", image: "big_computing", network: "ov_net1", count: "1" },
      ...{ privileged: true, remove: true, command: "/usr/sbin/init" },
    });
  });

  test("is nothing that only seems to be missing, while a node was not heard", () => {
    const seen = clusterAfter(containersOn(node104, [node1]));
    const unheard = new Map(seen.nodes);
    const node = unheard.get(node103);
    if (node === undefined) throw new Error("no node103");
    unheard.set(node103, { ...node, containers: { state: "waiting", since: at } });
    expect(draftFrom(nowhere, groundWith({}, { ...seen, nodes: unheard })).name).toBe("node3");
  });

  test("is one more like the container under the cursor, on its node, with what the file says of it", () => {
    expect(draftFrom({ ...nowhere, container: node1.id }, groundWith())).toMatchObject({
      ...{ name: "node3", nodes: "node104", image: "big_computing", network: "ov_net1", privileged: true },
    });
  });

  test("is what the engine tells of one that the file does not have; what was typed stays", () => {
    const other = container("web-7", node104, { image: clean("nginx"), attachments: inOverlay("10.10.10.9") });
    const ground = groundWith({}, clusterAfter(containersOn(node104, [node1, other])));
    const draft = draftFrom({ ...nowhere, container: other.id }, ground);
    expect(draft).toMatchObject({ name: "web-1", image: "nginx", network: "ov_net1", privileged: false, command: "" });
    const made = {
      ...{ name: "web-7", image: "nginx", hostname: "h", network: "ov_net1", address: undefined, labels: {} },
      ...{ privileged: true, remove: false, terminal: false, stopSignal: undefined, restart: "on-failure:3" },
      ...{ command: ["nginx", "-g", "daemon off;"], environment: { A: "x y" }, mounts: ["data:/data"] },
    };
    expect(likeDefinition(draft, made, new Set(["mounts"]))).toMatchObject({
      ...{ privileged: true, restart: "on-failure", command: "nginx -g 'daemon off;'" },
      ...{ environment: "'A=x y'", mounts: "" },
    });
  });

  test("is one on each of the nodes that are marked", () => {
    expect(draftFrom({ ...nowhere, nodes: ["node103", "node104"] }, groundWith())).toMatchObject({
      ...{ nodes: "node103 node104", count: "2", name: "node{n}" },
    });
  });

  test("is on the quietest node of an empty cluster", () => {
    const spec = specOf(fileFor(2, ""));
    const seen = clusterAfter(containersOn(node104, []));
    expect(draftFrom(nowhere, groundWith({}, seen, spec))).toEqual({
      ...emptyLaunch,
      nodes: "node104",
      name: "node-1",
    });
  });
});

describe("a container that was reviewed", () => {
  test("is held against the cluster once more: what was taken since keeps it from being launched", () => {
    const { containers } = assess(draftWith({ address: "10.10.10.50" }), groundWith());
    const [web] = containers ?? [];
    if (web === undefined) throw new Error("nothing to launch");
    expect(obstacleOf(web, groundWith())).toBeUndefined();
    const taken = container("other", node103, { attachments: inOverlay("10.10.10.50") });
    expect(obstacleOf(web, groundWith({}, clusterAfter(containersOn(node103, [node2, taken]))))).toBe(
      "10.10.10.50 is taken: other on node103",
    );
    const named = container("web-1", node103);
    expect(obstacleOf(web, groundWith({}, clusterAfter(containersOn(node103, [named]))))).toContain("web-1 is taken");
    expect(obstacleOf(web, groundWith({}, clusterAfter(lost(node104))))).toBe("node104 is down");
  });
});

describe("addresses that are offered", () => {
  test("are of the subnet, nobody's, each once, and as many as are asked for while there are so many", () => {
    const part = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        fc.integer({ min: 16, max: 30 }),
        part,
        fc.array(part, { maxLength: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (length, third, held, count) => {
          const subnet = `10.20.${third}.0/${length}`;
          const first = networkOf(subnet) ?? subnet;
          const seen = clusterAfter({
            of: "networks",
            node: node104,
            outcome: good([
              overlay(node104, { subnets: [{ subnet: clean(first), gateway: undefined, range: undefined }] }),
            ]),
            at,
          });
          const ground = groundWith(
            {
              held: new Map([
                [networkId("a1"), held.map((one) => ({ address: clean(`10.20.${third}.${one}`), holder: clean("x") }))],
              ]),
            },
            seen,
          );
          const network = launchNetworks(ground).find((one) => one.on.has(node104));
          if (network === undefined) throw new Error("no network");
          const holders = holdersOn(network, ground);
          const found = freeAddresses(network, node104, holders, count);
          expect(new Set(found).size).toBe(found.length);
          for (const one of found)
            expect(
              addressProblem(
                one,
                "x",
                { ...network, subnets: [{ subnet: clean(first), gateway: undefined, range: undefined }] },
                holders,
              ),
            ).toBeUndefined();
          expect(found.length).toBe(Math.min(count, freeCount(network, node104, holders) ?? -1));
        },
      ),
      { numRuns: 200 },
    );
  });
});
