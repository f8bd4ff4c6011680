import { describe, expect, test } from "vitest";
import type { Container } from "../../src/domain/engine.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import { type ActionName, containerMenu, networkMenu } from "../../src/domain/operate/menu.ts";
import { proposeOnNetworks } from "../../src/domain/operate/networks.ts";
import { type Operation, operationCommand, operationWords } from "../../src/domain/operate/operation.ts";
import { type Answers, type Proposal, proposeOnContainers } from "../../src/domain/operate/proposal.ts";
import { parseSpec } from "../../src/domain/spec/parse.ts";
import { clean } from "../../src/domain/text.ts";
import { bad, good, type Outcome, type Trouble } from "../../src/domain/trouble.ts";
import { networkRows } from "../../src/domain/views/networks.ts";
import type { JournalEntry } from "../../src/ports/journal.ts";
import type { NodeAccess } from "../../src/ports/world.ts";
import { Audit } from "../../src/services/audit.ts";
import { type OperationProgress, startOperations } from "../../src/services/operate/operate.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { ManualClock } from "../manual-clock.ts";
import { around } from "../planned.ts";
import { consul, container, networkId, node103, node104 } from "../snapshots.ts";
import { at, clusterAfter, containersOn, inOverlay, lost, node1, node2 } from "../ui/clusters.ts";

const parsed = parseSpec(
  `version: 1
cluster: bigcomputing
nodes:
  - { name: node103, ssh: 192.168.44.103, advertise: ens33 }
  - { name: node104, ssh: 192.168.44.104, advertise: ens33 }
store: { kind: consul, node: node103, image: "consul:1.8.7" }
networks: [{ name: ov_net1, subnet: 10.10.10.0/24 }]
containers: [{ name: node2, node: node103, image: big_computing, network: ov_net1 }]
condor: { manager: node2, execute: [node2] }
`,
  around,
);
if (!parsed.ok) throw new Error("the spec of this test is wrong");
const { spec } = parsed;

const store = container("consul", node103, { image: clean("consul:1.8.7") });
const stopped = container("old", node104, { state: "exited", exitCode: 0 });
const paused = container("asleep", node104, { state: "paused", attachments: inOverlay("10.10.10.9") });
const cluster = clusterAfter(containersOn(node103, [node2, store]), containersOn(node104, [node1, stopped, paused]));

const propose = (action: ActionName, selected: readonly Container[], answers: Answers = {}) =>
  proposeOnContainers(action, answers, selected, cluster, spec);

function accepted(action: ActionName, selected: readonly Container[], answers: Answers = {}): Proposal {
  const proposed = propose(action, selected, answers);
  if (!proposed.ok) throw new Error(proposed.problem);
  return proposed.proposal;
}

const refusal = (...asked: Parameters<typeof propose>): string => {
  const proposed = propose(...asked);
  return proposed.ok ? "accepted" : proposed.problem;
};

const commands = ({ operations }: Proposal): string[] => operations.map(operationCommand);

describe("what is proposed on containers", () => {
  test("is bound to full ids and says which command does the same", () => {
    const { operations } = accepted("stop", [node1]);
    expect(operations).toEqual([{ kind: "stop", node: node104, name: "node1", id: node1.id }]);
    expect(operations.map(operationWords)).toEqual(["stop node1 on node104"]);
    expect(operations.map(operationCommand)).toEqual(["docker stop -t 10 node1"]);
  });

  test("leaves those out that it makes no sense for, and says why", () => {
    const proposal = accepted("pause", [node1, stopped, paused]);
    expect(commands(proposal)).toEqual(["docker pause node1"]);
    expect(proposal.left).toEqual(["old on node104 does not run", "asleep on node104 is paused already"]);
    expect(refusal("start", [node1])).toBe("node1 on node104 runs already");
  });

  test("wants a word typed where containers of more than one node go down, and for the store", () => {
    expect(accepted("stop", [node1]).typed).toBeUndefined();
    expect(accepted("start", [stopped]).typed).toBeUndefined();
    expect(accepted("stop", [node1, node2]).typed?.word).toBe("stop 2");
    expect(accepted("restart", [store]).typed?.word).toBe("consul");
    expect(accepted("restart", [store]).warnings.join()).toContain("consul on node103 is the store");
  });

  test("warns of the pool's manager and of what the next apply would bring back", () => {
    const { warnings, operations } = accepted("remove", [node2]);
    expect(operations).toMatchObject([{ kind: "remove", force: true }]);
    expect(warnings.join("; ")).toMatch(/node2 is the pool's manager.*the next apply makes them anew/);
    expect(accepted("remove", [stopped]).operations).toMatchObject([{ force: false }]);
  });

  test.each([
    ["node2", "node2 is taken on node103"],
    ["node1", "that is its name already"],
    ["-rf", "two characters or more: letters, digits, dot, dash, underscore"],
    ["$(reboot)", "two characters or more: letters, digits, dot, dash, underscore"],
  ])("refuses the new name %s: %s", (to, why) => {
    expect(refusal("rename", [node1], { to })).toBe(why);
  });

  test("refuses an address that another container of the network holds", () => {
    expect(refusal("connect", [stopped], { network: "ov_net1", address: "10.10.10.2" })).toBe(
      "node2 on node103 has that address",
    );
    expect(refusal("connect", [stopped], { network: "ov_net1", address: "10.10.11.2" })).toBe(
      "10.10.11.2 is not in 10.10.10.0/24",
    );
    expect(refusal("connect", [stopped], { network: "ov_net1", address: "soon" })).toBe("soon is no address");
    expect(refusal("connect", [stopped], { network: "ov_net1", address: "10.10.10.1" })).toBe(
      "that is the network's gateway",
    );
    expect(commands(accepted("connect", [stopped], { network: "ov_net1", address: "10.10.10.77" }))).toEqual([
      "docker network connect --ip 10.10.10.77 ov_net1 old",
    ]);
  });

  test("copies an image once to a node, however many containers ask for it", () => {
    expect(commands(accepted("copy-image", [node2], { to: "node104" }))).toEqual([
      "docker -H ssh://node103 save big_computing | docker -H ssh://node104 load",
    ]);
    expect(accepted("copy-image", [node1, stopped], { to: "node103" }).operations).toHaveLength(1);
    expect(refusal("copy-image", [node2], { to: "node103" })).toBe("is on node103 itself");
  });

  test("sends only signals that it knows", () => {
    expect(commands(accepted("kill", [node1], { signal: "SIGHUP" }))).toEqual(["docker kill -s SIGHUP node1"]);
    expect(propose("kill", [node1], { signal: "SIGHUP; reboot" }).ok).toBe(false);
  });

  test("tells of a node that cannot be asked now", () => {
    const after = clusterAfter(lost(node104));
    const proposed = proposeOnContainers("stop", {}, [node1], after, spec);
    expect(proposed.ok && proposed.proposal.warnings.join()).toContain("node104 does not answer now");
  });
});

describe("the menu", () => {
  const reason = (action: ActionName, selected: readonly Container[]) =>
    containerMenu(selected, cluster).find((one) => one.action === action)?.obstacle;

  test("says why an action is not to be had", () => {
    expect(reason("start", [node1])).toBe("runs already");
    expect(reason("unpause", [node1])).toBe("is not paused");
    expect(reason("rename", [node1, node2])).toBe("one at a time");
    expect(reason("connect", [node1])).toBe("there is no other network on its node");
    expect(reason("stop", [node1, stopped])).toBeUndefined();
  });

  test("offers to make a network where none is selected", () => {
    const menu = networkMenu([], cluster);
    expect(menu.filter((one) => one.obstacle === undefined).map((one) => one.action)).toEqual(["create-network"]);
  });
});

describe("networks", () => {
  const overlays = (seen = cluster) => networkRows(seen).filter((row) => row.name === "ov_net1");

  test("one in use is not removed; who uses it is listed", () => {
    const proposed = proposeOnNetworks("remove-network", {}, overlays(), cluster);
    expect(proposed).toEqual({
      ok: false,
      problem: "ov_net1 is in use by asleep on node104, node1 on node104, node2 on node103",
    });
  });

  test("one without containers is removed by one engine for all", () => {
    const empty = clusterAfter(containersOn(node103, []), containersOn(node104, []));
    const proposed = proposeOnNetworks("remove-network", {}, overlays(empty), empty);
    expect(proposed.ok && commands(proposed.proposal)).toEqual(["docker network rm ov_net1"]);
  });

  test.each([
    [{ name: "ov_net1", node: "node103" }, "ov_net1 is there already"],
    [{ name: "other", node: "node103", subnet: "10.10.10.128/25" }, "10.10.10.128/25 overlaps ov_net1"],
    [{ name: "other", node: "node103", subnet: "10.10.300.0/24" }, "a subnet looks like 10.10.10.0/24"],
    [
      { name: "other", node: "node103", subnet: "10.20.0.0/24", gateway: "10.21.0.1" },
      "the gateway is an address of the subnet",
    ],
    [{ name: "other", node: "node103", driver: "macvlan" }, "macvlan needs its parent interface"],
    [{ name: "a b", node: "node103" }, "a name: letters, digits, dot, dash, underscore"],
  ])("a new one as %j is refused: %s", (answers, problem) => {
    expect(proposeOnNetworks("create-network", answers, [], cluster)).toEqual({ ok: false, problem });
  });

  test("a new one is made with what was asked for", () => {
    const answers = { name: "ov_net2", driver: "overlay", node: "node104", subnet: "10.20.0.0/24", mtu: "1400" };
    const proposed = proposeOnNetworks("create-network", answers, [], cluster);
    expect(proposed.ok && commands(proposed.proposal)).toEqual([
      "docker network create -d overlay --subnet 10.20.0.0/24 -o com.docker.network.driver.mtu=1400 ov_net2",
    ]);
  });

  const record = {
    id: clean("e1"),
    network: networkId("a1"),
    name: clean("ghost"),
    address: clean("10.10.10.50"),
    mac: undefined,
  };
  const leftBehind = (locator: string) => ({
    of: "membership" as const,
    outcome: good(consul({ endpoints: [{ ...record, locator: clean(locator) }] })),
    at,
  });

  test("an endpoint that its engine does not list is offered to be dropped on that engine's node", () => {
    const seen = clusterAfter(leftBehind("192.168.44.104"));
    const proposed = proposeOnNetworks("drop-endpoints", {}, overlays(seen), seen);
    expect(proposed.ok && proposed.proposal.operations).toMatchObject([
      { kind: "drop-endpoint", node: node104, owner: node104, name: "ghost", networkName: "ov_net1" },
    ]);
    expect(proposed.ok && commands(proposed.proposal)).toEqual(["docker network disconnect -f ov_net1 ghost"]);
  });

  test("an endpoint of a node that is away is left alone: its container may run on", () => {
    const seen = clusterAfter(leftBehind("192.168.44.104"), lost(node104));
    const proposed = proposeOnNetworks("drop-endpoints", {}, overlays(seen), seen);
    expect(proposed).toEqual({ ok: false, problem: "ghost: node104 does not answer, it may run there still" });
    const strange = clusterAfter(leftBehind("192.168.44.9"));
    const foreign = proposeOnNetworks("drop-endpoints", {}, overlays(strange), strange);
    expect(foreign).toMatchObject({ ok: false, problem: expect.stringContaining("no node of ours") });
  });
});

/** Engines that answer each call as a test says, and note what reached them. */
class Engines {
  readonly calls: string[] = [];
  readonly journal: JournalEntry[] = [];
  readonly clock = new ManualClock();
  readonly containers = new Map<NodeName, Container[]>();
  readonly #troubles: Readonly<Record<string, Trouble>>;

  constructor(troubles: Readonly<Record<string, Trouble>> = {}) {
    this.#troubles = troubles;
  }

  #answer(node: NodeName, call: string): Promise<Outcome<void>> {
    this.calls.push(`${node} ${call}`);
    const trouble = this.#troubles[node];
    return Promise.resolve(trouble === undefined ? good(undefined) : bad(trouble));
  }

  access(): ReadonlyMap<NodeName, NodeAccess> {
    const of = (node: NodeName): NodeAccess => {
      const engine = {
        stopContainer: (id: string) => this.#answer(node, `stop ${id.slice(0, 8)}`),
        startContainer: (id: string) => this.#answer(node, `start ${id.slice(0, 8)}`),
        dropEndpoint: (_: string, name: string) => this.#answer(node, `drop ${name}`),
      };
      const seen = { containers: () => Promise.resolve(good(this.containers.get(node) ?? [])) };
      return { engine: seen, control: { engine } } as unknown as NodeAccess;
    };
    return new Map([node103, node104].map((node) => [node, of(node)]));
  }

  async run(operations: readonly Operation[], readOnly = false): Promise<readonly OperationProgress[]> {
    const journal = { append: async (entry: JournalEntry) => void this.journal.push(entry), path: "" };
    const audit = new Audit(journal, this.clock, { operator: clean("op"), cluster: clean("c"), run: "1" });
    const context = { access: this.access(), readOnly: new ReadOnly(readOnly), audit, clock: this.clock };
    const run = startOperations(operations, context);
    await run.ended;
    return run.state.get();
  }
}

const both = accepted("stop", [node1, node2]).operations;
const results = (all: readonly OperationProgress[]): string[] =>
  all.map(({ operation, now }) => `${operation.name} ${now.state}`);

describe("operations", () => {
  test("each have their own end: one that fails hides no other", async () => {
    const engines = new Engines({
      [node103]: { kind: "engine-refused", status: 500, detail: clean("cannot stop: device busy") },
    });
    const all = await engines.run(both);
    expect(results(all)).toEqual(["node1 done", "node2 failed"]);
    expect(all[1]?.now).toMatchObject({ error: expect.stringContaining("device busy") });
  });

  test("are unknown, and not done, when the connection broke after they were sent", async () => {
    const engines = new Engines({ [node104]: { kind: "connection-lost", detail: clean("reset") } });
    const all = await engines.run(both);
    expect(results(all)).toEqual(["node1 unknown", "node2 done"]);
    expect(engines.calls.filter((call) => call.startsWith("node104"))).toHaveLength(1);
  });

  test("are refused by read-only in the service: nothing is sent and nothing recorded", async () => {
    const engines = new Engines();
    expect(results(await engines.run(both, true))).toEqual(["node1 refused", "node2 refused"]);
    expect(engines.calls).toEqual([]);
    expect(engines.journal).toEqual([]);
  });

  test("leave a line in the journal before they are sent and one with their end", async () => {
    const engines = new Engines({
      [node103]: { kind: "engine-refused", status: 404, detail: clean("no such container") },
    });
    await engines.run(both);
    const lines = engines.journal.map(({ node, title, event }) => `${node}: ${title}: ${event}`);
    expect(lines.sort()).toEqual([
      "node103: stop node2 on node103: begun",
      "node103: stop node2 on node103: failed",
      "node104: stop node1 on node104: begun",
      "node104: stop node1 on node104: done",
    ]);
    expect(engines.journal.find((one) => one.event === "failed")?.error).toContain("no such container");
  });
});

describe("an endpoint that was left over", () => {
  const drop: Operation = {
    kind: "drop-endpoint",
    node: node104,
    owner: node104,
    name: clean("ghost"),
    network: networkId("a1"),
    networkName: clean("ov_net1"),
  };

  test("is dropped once every node has shown that its container is gone", async () => {
    const engines = new Engines();
    expect(results(await engines.run([drop]))).toEqual(["ghost done"]);
    expect(engines.calls).toEqual(["node104 drop ghost"]);
  });

  test("is kept when its container is there after all, on its own node or on another", async () => {
    for (const node of [node103, node104]) {
      const engines = new Engines();
      engines.containers.set(node, [container("ghost", node, { attachments: inOverlay("10.10.10.50") })]);
      expect(results(await engines.run([drop]))).toEqual(["ghost failed"]);
      expect(engines.calls).toEqual([]);
    }
  });
});
