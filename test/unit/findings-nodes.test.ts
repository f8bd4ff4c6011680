import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import { checks, findings } from "../../src/domain/findings/index.ts";
import type { HostFacts } from "../../src/domain/host.ts";
import { lastSeen } from "../../src/domain/part.ts";
import { type Snapshot, unseen } from "../../src/domain/snapshot.ts";
import { clean } from "../../src/domain/text.ts";
import type { Trouble } from "../../src/domain/trouble.ts";
import { classic, fresh, now, swarm } from "../healthy-clusters.ts";
import { engineInfo, hostFacts, node103, start, twoNodes } from "../snapshots.ts";

const of = (id: string, seen: Snapshot): Finding[] => findings(seen, now).filter((one) => one.id === id);
const unreachable: Trouble = { kind: "unreachable", host: clean("192.168.44.104"), detail: clean("no route to host") };
const since = (ms: number) => ({ state: "stale", at: now - ms - 1000, since: now - ms, trouble: unreachable }) as const;
const engine104 = engineInfo({ advertise: clean("192.168.44.104:2376") });
const lost = { state: "lost", since: now - 3000, trouble: unreachable, retryAt: now + 4000 } as const;

function facts103(): HostFacts {
  const facts = lastSeen(classic().nodes.get(node103)?.facts ?? { state: "waiting", since: 0 });
  if (facts === undefined) throw new Error("no facts of node103");
  return facts;
}

describe("a cluster in which nothing is wrong", () => {
  test("has no finding at all, with a store or in a swarm", () => {
    expect(findings(classic(), now)).toEqual([]);
    expect(findings(swarm(), now)).toEqual([]);
  });

  test("of which nothing was seen yet has none either", () => {
    expect(findings(twoNodes(), now)).toEqual([]);
    expect(findings(unseen(clean("empty"), [], false, start), now)).toEqual([]);
  });

  test("every check has an id of its own, in lower case with dashes", () => {
    const ids = checks.map((check) => check.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });
});

describe("findings", () => {
  test("are sorted by severity, each with evidence and a remedy", () => {
    const seen = classic(
      {
        node103: { facts: { missingTools: [clean("ping")] } },
        node104: { node: { link: lost, engine: { ...since(60_000), value: engine104 } } },
        node105: { facts: { clockDifferenceMs: 5000 } },
      },
      { leader: undefined },
    );
    const found = findings(seen, now);
    expect(found.map((one) => `${one.severity} ${one.id}`)).toEqual([
      "error node-not-live",
      "error store-no-leader",
      "warning clock-difference",
      "info tools-missing",
    ]);
    for (const one of found) {
      expect(one.evidence.length, one.id).toBeGreaterThan(0);
      expect(one.remedy, one.id).not.toBe("");
    }
  });
});

describe("node-not-live", () => {
  const away = (link: typeof lost | object, ms: number) =>
    of(
      "node-not-live",
      classic({ node104: { node: { link: link as typeof lost, engine: { ...since(ms), value: engineInfo() } } } }),
    );

  test("names the node, why, and since when", () => {
    expect(away(lost, 60_000)).toEqual([
      {
        id: "node-not-live",
        severity: "error",
        title: "node104 cannot be reached",
        node: "node104",
        evidence: ["no answer from 192.168.44.104: no route to host", "last seen 1m ago"],
        remedy: expect.stringContaining("ping 192.168.44.104"),
      },
    ]);
  });

  test("waits 10 s for a node that was live, and not at all for one that never was", () => {
    expect(away(lost, 9_000)).toEqual([]);
    expect(away(lost, 11_000)).toHaveLength(1);
    const never = classic({
      node104: { node: { link: lost, engine: { state: "missing", since: now, trouble: unreachable } } },
    });
    expect(of("node-not-live", never)).toHaveLength(1);
  });

  test("does not flicker while the node is tried again", () => {
    expect(away({ state: "connecting", since: now, attempt: 4, after: unreachable }, 60_000)).toHaveLength(1);
  });

  test("a refusal, which waits for a person, is told at once", () => {
    const refused: Trouble = { kind: "authentication-failed", user: clean("root"), tried: [], hint: clean("") };
    expect(away({ state: "refused", since: now, trouble: refused }, 0)).toMatchObject([
      { evidence: ["login as root refused", "last seen 1s ago"] },
    ]);
  });

  test("a first attempt is no problem", () => {
    const seen = classic({
      node104: {
        node: { link: { state: "connecting", since: now, attempt: 1 }, engine: { state: "waiting", since: now } },
      },
    });
    expect(findings(seen, now)).toEqual([]);
  });
});

describe("engine-not-answering", () => {
  const stopped: Trouble = { kind: "docker-stopped", detail: clean("inactive (dead)") };
  const engine = (ms: number, trouble: Trouble = stopped) => ({ ...since(ms), trouble, value: engineInfo() });

  test("tells a stopped engine, with systemd's word for it", () => {
    const seen = classic({ node104: { facts: { dockerUnit: clean("inactive") }, node: { engine: engine(20_000) } } });
    expect(of("engine-not-answering", seen)).toMatchObject([
      {
        severity: "error",
        node: "node104",
        title: "The engine on node104 does not answer",
        evidence: ["Docker is not running: inactive (dead)", "docker.service: inactive"],
      },
    ]);
  });

  test("tells nothing of the unit as it was before the engine went", () => {
    const facts = fresh(hostFacts("node104", "192.168.44.104", { dockerUnit: clean("active") }), now - 30_000);
    expect(of("engine-not-answering", classic({ node104: { node: { facts, engine: engine(20_000) } } }))).toMatchObject(
      [{ evidence: ["Docker is not running: inactive (dead)"] }],
    );
  });

  test("a restart of a few seconds is no news", () => {
    expect(of("engine-not-answering", classic({ node104: { node: { engine: engine(4_000) } } }))).toEqual([]);
  });

  test("says nothing about a node that cannot be reached, nor just after its link came back", () => {
    const trouble: Trouble = { kind: "connection-lost", detail: clean("") };
    expect(of("engine-not-answering", classic({ node104: { node: { engine: engine(60_000, trouble) } } }))).toEqual([]);
    expect(of("engine-not-answering", classic({ node104: { node: { link: lost, engine: engine(60_000) } } }))).toEqual(
      [],
    );
  });
});

describe("cloned machines", () => {
  test("duplicate-hostname is an error where the store's gossip goes by names, a warning in a swarm", () => {
    const same = { node104: { facts: { hostname: clean("node103") } } };
    expect(of("duplicate-hostname", classic(same))).toMatchObject([
      { severity: "error", title: "node103, node104 have the same hostname", node: undefined },
    ]);
    expect(of("duplicate-hostname", swarm(same))).toMatchObject([{ severity: "warning" }]);
  });

  test("duplicate-machine-id names the clones; machines without an id are not taken for clones", () => {
    const id = (machineId: string) => ({ facts: { machineId: clean(machineId) } });
    expect(of("duplicate-machine-id", classic({ node103: id("x"), node105: id("x") }))).toMatchObject([
      {
        title: "node103, node105 are clones: they have the same machine-id",
        evidence: [expect.stringContaining("machine-id x"), expect.anything()],
      },
    ]);
    expect(of("duplicate-machine-id", classic({ node103: id(""), node105: id("") }))).toEqual([]);
  });

  test("duplicate-engine-id tells a cloned engine, and one swarm node on two machines as an error", () => {
    const engine = { engineId: clean("SAME") };
    expect(of("duplicate-engine-id", classic({ node103: { engine }, node104: { engine } }))).toMatchObject([
      { severity: "warning" },
    ]);
    const nodeId = {
      swarm: {
        state: "active",
        nodeId: clean("one"),
        nodeAddress: undefined,
        clusterId: undefined,
        manager: false,
        error: undefined,
      },
    } as const;
    expect(
      of("duplicate-engine-id", swarm({ node104: { engine: nodeId }, node105: { engine: nodeId } })),
    ).toMatchObject([{ severity: "error", title: "node104, node105 are the same node to the swarm" }]);
  });
});

describe("clock-difference", () => {
  const clocks = (...ms: [number, number, number]) => {
    const facts = (clockDifferenceMs: number) => ({ facts: { clockDifferenceMs, clockUncertaintyMs: 200 } });
    return of("clock-difference", classic({ node103: facts(ms[0]), node104: facts(ms[1]), node105: facts(ms[2]) }));
  };

  test("counts only what is beyond the measurement's own doubt", () => {
    expect(clocks(0, 1199, -1199)).toEqual([]);
    expect(clocks(0, 1201, 0)).toMatchObject([
      { severity: "warning", node: "node104", title: "The clock of node104 is 1.2 s ahead" },
    ]);
  });

  test("is an error beyond a minute", () => {
    expect(clocks(0, 0, -75_000)).toMatchObject([{ severity: "error", title: "The clock of node105 is 75 s behind" }]);
  });

  test("blames this machine when all nodes agree with each other", () => {
    expect(clocks(30_000, 30_100, 29_900)).toMatchObject([
      {
        severity: "info",
        node: undefined,
        title: "The clock of this machine is 30 s behind: all nodes agree on another time",
      },
    ]);
    expect(clocks(30_000, 30_100, 45_000)).toHaveLength(3);
  });

  test("old measurements do not count", () => {
    const value = { ...facts103(), clockDifferenceMs: 90_000 };
    expect(of("clock-difference", classic({ node103: { node: { facts: { ...since(60_000), value } } } }))).toEqual([]);
  });
});

describe("tools-missing", () => {
  test("nsenter is worth a warning, the rest a word", () => {
    const lacks = (...tools: string[]) =>
      classic({ node104: { facts: { missingTools: tools.map((tool) => clean(tool)) } } });
    expect(of("tools-missing", lacks("nsenter", "ping"))).toMatchObject([
      { severity: "warning", node: "node104", title: "node104 lacks nsenter, ping" },
    ]);
    expect(of("tools-missing", lacks("bridge"))).toMatchObject([{ severity: "info" }]);
  });
});

describe("modes-differ", () => {
  test("a node that is joined to nothing is named", () => {
    const alone = { engine: { mode: "standalone", store: undefined, advertise: undefined } } as const;
    expect(of("modes-differ", classic({ node105: alone }))).toMatchObject([
      { severity: "warning", node: "node105", title: "node105 is not joined to the others" },
    ]);
  });

  test("swarm and store side by side are an error", () => {
    expect(of("modes-differ", classic({ node105: { engine: { mode: "swarm", store: undefined } } }))).toMatchObject([
      { severity: "error", node: undefined, evidence: ["node103, node104: the external store", "node105: swarm mode"] },
    ]);
  });

  test("bare machines that are all alike are no finding", () => {
    const alone = { engine: { mode: "standalone", store: undefined, advertise: undefined } } as const;
    expect(of("modes-differ", classic({ node103: alone, node104: alone, node105: alone }))).toEqual([]);
  });
});

test("what does not change by itself counts from a lost node too", () => {
  const hostname = clean("node103");
  const seen = classic({
    node104: { node: { link: lost, facts: { ...since(60_000), value: { ...facts103(), hostname } } } },
  });
  expect(of("duplicate-hostname", seen)).toHaveLength(1);
});
