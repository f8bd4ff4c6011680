import { describe, expect, test } from "vitest";
import type { PoolAds } from "../../src/domain/condor/ads.ts";
import type { Installed } from "../../src/domain/condor/member-state.ts";
import { clean, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { PoolCheckup } from "../../src/services/pool/pool-checkup.ts";
import type { PoolState } from "../../src/services/pool/pool-watch.ts";
import { Holder } from "../../src/services/state.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { FakeMember } from "../fake-members.ts";
import { fresh } from "../healthy-clusters.ts";
import { bare, classicRest, fileFor, specOf } from "../planned.ts";
import { pool as filePool, heard, joined, member, wanted } from "../pools.ts";
import { container, node103, node104, start } from "../snapshots.ts";

const rest = `${classicRest}condor: { manager: node2, execute: [node1], security: password }`;
const spec = specOf(fileFor(2, rest));

/** A pool of two members, and somebody who follows it; `knows` is what its collector tells. */
function pool() {
  const cluster = new FakeCluster();
  const boxes = [container("node2", node103), container("node1", node104)];
  for (const [index, box] of boxes.entries()) {
    cluster.host(`node${103 + index}`).adds(box);
    cluster.members.set(box.name, new FakeMember());
  }
  const { seen } = bare(2, { node103: { containers: boxes.slice(0, 1) }, node104: { containers: boxes.slice(1) } });
  const waiting = { state: "waiting", since: start } as const;
  const state = new Holder<PoolState>({
    ...{ asked: undefined, ads: waiting, queues: [], changes: [], moments: [] },
  });
  const { clock, access } = cluster;
  const checkup = new PoolCheckup({ watch: { state: new Holder(seen), access }, clock, spec, pool: state });
  const daemon = (kind: "collector" | "negotiator" | "schedd" | "startd", name: string) => ({
    ...{ kind, name: clean(name), machine: clean(name), address: undefined, heardMs: 0, version: undefined },
  });
  const manager = (["collector", "negotiator", "schedd"] as const).map((kind) => daemon(kind, "node2"));
  const tells = async (ads: PoolAds) => {
    state.set({ ...state.get(), ads: fresh(ads, clock.now()) });
    await clock.advance(0);
  };
  return {
    ...{ cluster, checkup, clock, state },
    whole: () => tells({ slots: [], daemons: [...manager, daemon("startd", "node1")] }),
    lacking: () => tells({ slots: [], daemons: manager }),
    ids: () => checkup.state.get().findings.map((one) => one.id),
  };
}

describe("a pool that somebody looks at", () => {
  test("has its members looked at once one is missing, again after a while, and no more when it is back", async () => {
    const { checkup, lacking, whole, ids, clock } = pool();
    checkup.start();
    await lacking();
    // The manager is looked at too: nothing runs in it here, whatever the collector was made to tell.
    expect(ids()).toEqual(["condor-not-set-up"]);
    const first = checkup.state.get().at;
    await clock.advance(5000);
    await lacking();
    expect(checkup.state.get().at).toBe(first);
    await clock.advance(26_000);
    await lacking();
    const second = checkup.state.get().at ?? 0;
    expect(second).toBeGreaterThan(first ?? 0);
    await whole();
    expect(ids()).toEqual([]);
    // Once more, for what only its members know.
    await clock.advance(31_000);
    await whole();
    expect(checkup.state.get().at).toBeGreaterThan(second);
  });

  test("whose collector does not answer is looked at too", async () => {
    const { checkup, state, ids, clock } = pool();
    checkup.start();
    const trouble = { kind: "program-failed", program: text`condor_status`, detail: text`Failed to connect` } as const;
    state.set({ ...state.get(), ads: { state: "missing", since: start, trouble } });
    await clock.advance(0);
    expect(ids()).toEqual(["condor-not-set-up"]);
  });

  test("is not looked at any more by somebody who went away", async () => {
    const { checkup, lacking } = pool();
    checkup.start()();
    await lacking();
    expect(checkup.state.get().at).toBeUndefined();
  });
});

/** The file's pool as it should be, all that its members say of themselves in the hands of the test. */
function healthy(security: "password" | "open" = "password") {
  const cluster = new FakeCluster();
  const { clock } = cluster;
  const changes: { node2: Partial<Installed>; node1: Partial<Installed> } = { node2: {}, node1: {} };
  let looks = 0;
  const access = new Map(
    (["node103", "node104"] as const).map((host) => {
      const { access, name } = cluster.host(host);
      const inside = host === "node103" ? "node2" : "node1";
      const look = async () => {
        looks++;
        return good(member(inside, { content: wanted(inside, security), ...changes[inside] }));
      };
      const { condor, poolSetup } = access.control;
      const control = {
        ...access.control,
        poolSetup: { ...poolSetup, look },
        condor: { ...condor, status: async () => good(heard()) },
      };
      return [name, { ...access, control }];
    }),
  );
  const waiting = { state: "waiting", since: start } as const;
  const state = new Holder<PoolState>({ asked: undefined, ads: waiting, queues: [], changes: [], moments: [] });
  const watch = { state: new Holder(joined.seen), access };
  const checkup = new PoolCheckup({ watch, clock, spec: filePool(security), pool: state });
  return {
    ...{ checkup, changes },
    /** Time passes, and the collector is asked every five seconds. */
    async watched(ms: number) {
      for (let passed = 0; passed <= ms; passed += 5000) {
        if (passed > 0) await clock.advance(5000);
        state.set({ ...state.get(), ads: fresh(heard(), clock.now()) });
        await clock.advance(0);
      }
    },
    ids: () => checkup.state.get().findings.map((one) => one.id),
    looks: () => looks,
  };
}

describe("a pool that is well as far as its collector knows", () => {
  test("has each member looked at when it is opened, and then every five minutes only", async () => {
    const { checkup, watched, ids, looks } = healthy();
    checkup.start();
    await watched(290_000);
    expect(looks()).toBe(2);
    expect(ids()).toEqual([]);
    await watched(15_000);
    expect(looks()).toBe(4);
  });

  test("is found to have a wrong clock by itself, and is not said to have it any more once it is right", async () => {
    const { checkup, watched, ids, changes } = healthy();
    changes.node1 = { clockMs: 900_000 };
    checkup.start();
    await watched(20_000);
    expect(ids()).toEqual(["condor-clock"]);
    changes.node1 = {};
    await watched(30_000);
    expect(ids()).toEqual([]);
  });

  test("is not looked at more often for being open: that is no fault that could pass", async () => {
    const { checkup, watched, ids, looks } = healthy("open");
    checkup.start();
    await watched(120_000);
    expect(ids()).toEqual(["condor-open"]);
    expect(looks()).toBe(2);
  });
});

test("a look that is ended before every member has answered finds nothing out, which is not the same as nothing wrong", async () => {
  const { checkup } = healthy();
  expect(await checkup.look(AbortSignal.abort())).toBeUndefined();
  expect(await checkup.look(new AbortController().signal)).toEqual([]);
});
