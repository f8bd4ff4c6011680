import { describe, expect, test } from "vitest";
import type { PoolAds } from "../../src/domain/condor/ads.ts";
import { clean, text } from "../../src/domain/text.ts";
import { PoolCheckup } from "../../src/services/pool/pool-checkup.ts";
import type { PoolState } from "../../src/services/pool/pool-watch.ts";
import { Holder } from "../../src/services/state.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { FakeMember } from "../fake-members.ts";
import { fresh } from "../healthy-clusters.ts";
import { bare, classicRest, fileFor, specOf } from "../planned.ts";
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
  test("is left alone while its collector knows everybody that the file wants", async () => {
    const { checkup, whole, cluster } = pool();
    cluster.host("node104").fails("look", { kind: "connection-lost", detail: text`not to be asked` });
    checkup.start();
    await whole();
    expect(checkup.state.get()).toEqual({ findings: [], at: undefined, isLooking: false });
  });

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
    expect(checkup.state.get().at).toBeGreaterThan(first ?? 0);
    await whole();
    expect(ids()).toEqual([]);
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
