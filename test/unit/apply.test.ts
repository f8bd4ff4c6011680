import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LockHolder } from "../../src/domain/lock.ts";
import type { Plan, Step } from "../../src/domain/plan/step.ts";
import { clean } from "../../src/domain/text.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { begin, classicPlan, me, planOf, stepOf } from "../apply-run.ts";
import { FakeCluster } from "../fake-hosts.ts";
import { computingImage } from "../planned.ts";
import { container, nodeNamed } from "../snapshots.ts";

const them: LockHolder = { ...me, run: "7-theirs", operator: clean("other@laptop"), machine: "laptop", pid: 7 };

describe("two bare hosts", () => {
  test("become a cluster: the store runs, both engines know it, and the containers run", async () => {
    const cluster = new FakeCluster();
    const ran = begin(cluster, classicPlan);
    expect(await ran.end()).toEqual({ kind: "done" });
    expect(ran.results().filter((line) => !/ (done|unchanged)$/.test(line))).toEqual([]);
    expect(cluster.host("node103").runs("consul")).toBe(true);
    expect(cluster.host("node103").runs("node2")).toBe(true);
    expect(cluster.host("node104").runs("node1")).toBe(true);
    const json = JSON.parse(cluster.host("node104").files.get("/etc/docker/daemon.json") ?? "");
    expect(json).toEqual({
      "log-driver": "json-file",
      "cluster-store": "consul://192.168.44.103:8500",
      "cluster-advertise": "ens33:2376",
    });
  });

  test("keep their dockerd: it is told to reload, never restarted", async () => {
    const cluster = new FakeCluster();
    await begin(cluster, classicPlan).end();
    expect(cluster.changes.filter((one) => one.endsWith("reload"))).toHaveLength(2);
    expect(cluster.changes.some((one) => one.endsWith("restart"))).toBe(false);
    expect(cluster.host("node103").pid).toBe(412);
  });

  test("are finished by the same plan when it is run once more: nothing is made twice", async () => {
    const cluster = new FakeCluster();
    await begin(cluster, classicPlan).end();
    cluster.changes.splice(0);
    const again = begin(cluster, classicPlan);
    expect(await again.end()).toEqual({ kind: "done" });
    expect(new Set(again.results().map((line) => line.split(" ")[1]))).toEqual(new Set(["unchanged"]));
    expect(cluster.changes.filter((one) => !one.endsWith("write"))).toEqual([]);
  });

  test("leave a journal of every step with the hashes of files, and not with what is in them", async () => {
    const cluster = new FakeCluster();
    const { journal, end } = begin(cluster, classicPlan);
    await end();
    const engine = journal.filter((one) => one.step === "node104/engine");
    expect(engine.map((one) => one.event)).toEqual(["begun", "done"]);
    expect(engine[1]?.files).toEqual([
      {
        path: "/etc/docker/daemon.json",
        before: expect.stringMatching(/^a{64}$/),
        after: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    expect(JSON.stringify(journal)).not.toContain("log-driver");
    expect(journal.at(0)).toMatchObject({ step: "apply", event: "begun", operator: "op@workstation" });
    expect(journal.at(-1)).toMatchObject({ step: "apply", event: "done", node: undefined });
  });
});

describe("nothing is touched", () => {
  const untouched = async (which: Plan, changes: Parameters<typeof begin>[2]) => {
    const cluster = new FakeCluster();
    const ran = begin(cluster, which, changes);
    const end = await ran.end();
    expect(cluster.changes).toEqual([]);
    expect(ran.journal).toEqual([]);
    expect(ran.results().every((line) => line.endsWith("skipped"))).toBe(true);
    return end;
  };

  test("when the program is read-only", async () => {
    expect(await untouched(classicPlan, { readOnly: new ReadOnly(true) })).toMatchObject({
      kind: "refused",
      why: "read-only: every change is refused",
    });
  });

  test("when an obstacle of the plan is an error", async () => {
    const obstacle = { id: "disk-space", severity: "error", title: clean("no room"), node: undefined } as const;
    const blocked = { ...classicPlan, obstacles: [{ ...obstacle, evidence: [], remedy: clean("make room") }] };
    expect(await untouched(blocked, {})).toEqual({ kind: "refused", why: "no room", remedy: "make room" });
  });

  test("when a node of the plan is not in the cluster", async () => {
    const cluster = new FakeCluster();
    const access = new Map([...cluster.access].filter(([name]) => name !== "node103"));
    expect(await untouched(classicPlan, { access })).toMatchObject({
      kind: "refused",
      why: "node103 is not in the cluster",
    });
  });
});

describe("a cancelled run", () => {
  test("finishes the step that runs, begins no other, and leaves no lock", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").takes("createContainer", 1000);
    const ran = begin(cluster, classicPlan);
    await cluster.clock.advance(500);
    ran.run.cancel();
    expect(ran.run.state.get().phase).toBe("cancelling");
    expect(await ran.end()).toEqual({ kind: "cancelled" });
    expect(ran.result("node103/store")).toMatchObject({ state: "done" });
    expect(ran.results().filter((line) => !line.endsWith("skipped"))).toEqual(["node103/store done"]);
    expect(cluster.host("node103").runs("consul")).toBe(true);
    expect(cluster.host("node103").lock).toBeUndefined();
    expect(ran.journal.at(-1)).toMatchObject({ step: "apply", event: "cancelled" });
  });

  test("breaks off an image that is on its way, which leaves nothing half done", async () => {
    const cluster = new FakeCluster();
    const target = cluster.host("node104");
    target.images.splice(0);
    target.takes("unpacking", 60_000);
    const change = {
      kind: "load-image",
      image: "big_computing",
      from: { kind: "node", node: nodeNamed("node103"), bytes: 10 },
    } as const;
    const ran = begin(cluster, planOf(stepOf(change, { node: target.name, id: "node104/image" })));
    await cluster.clock.advance(1000);
    expect(ran.result("node104/image")).toMatchObject({ state: "running", transfer: { bytes: 1, total: 10 } });
    ran.run.cancel();
    expect(await ran.end()).toEqual({ kind: "cancelled" });
    expect(ran.result("node104/image")).toEqual({ state: "skipped" });
    expect(target.images).toEqual([]);
    expect(ran.journal.map((one) => one.event)).toEqual(["begun", "begun", "cancelled", "cancelled"]);
  });
});

test("a defect in one step fails that step alone: the others end, the locks go", async () => {
  const cluster = new FakeCluster();
  const broken = cluster.access.get(nodeNamed("node103"));
  if (broken === undefined) throw new Error("no node103");
  const engine = { ...broken.engine, container: () => Promise.reject(new TypeError("x is not a function")) };
  const access = new Map(cluster.access).set(nodeNamed("node103"), { ...broken, engine });
  const other = container("box", nodeNamed("node104"), { state: "exited" });
  cluster.host("node104").adds(other);
  cluster.host("node104").takes("startContainer", 5000);
  const start = (node: string) =>
    stepOf({ kind: "start-container", id: other.id, name: other.name }, { node: nodeNamed(node), id: node });
  const ran = begin(cluster, planOf(start("node103"), start("node104")), { access });
  expect(await ran.end()).toEqual({ kind: "failed", steps: ["node103"] });
  expect(ran.result("node103")).toMatchObject({
    state: "failed",
    error: expect.stringContaining("x is not a function"),
  });
  expect(ran.result("node104")).toMatchObject({ state: "done" });
  expect(cluster.host("node104").lock).toBeUndefined();
});

describe("the locks of the nodes", () => {
  const busy = (idleMs = 0) => {
    const cluster = new FakeCluster();
    cluster.host("node104").lock = { ...them, renewedAt: cluster.clock.now() - idleMs };
    return cluster;
  };

  test("that another run holds end this one with that one's name, before anything is touched", async () => {
    const cluster = busy();
    const ran = begin(cluster, classicPlan);
    expect(await ran.end()).toMatchObject({
      kind: "locked",
      node: "node104",
      by: { operator: "other@laptop", pid: 7 },
    });
    expect(cluster.changes).toEqual([]);
    expect(cluster.host("node103").lock).toBeUndefined();
    expect(cluster.host("node104").lock?.run).toBe("7-theirs");
  });

  test.each([
    ["a run that is over on this machine", 0, { isOver: () => true, breakLocks: false }, /that run is over/],
    [
      "a run of which nothing was heard for long",
      46_000,
      { isOver: () => false, breakLocks: false },
      /nothing was heard of that run for 46 s/,
    ],
    ["a run that the operator declares dead", 0, { isOver: () => false, breakLocks: true }, /you said so/],
  ])("of %s are taken over, and that is said", async (_, idleMs, how, words) => {
    const cluster = busy(idleMs);
    const ran = begin(cluster, classicPlan, { lock: { holder: me, ...how } });
    expect(await ran.end()).toEqual({ kind: "done" });
    expect(ran.run.state.get().said).toEqual([expect.stringMatching(words)]);
    expect(ran.run.state.get().said[0]).toMatch(/node104.*other@laptop/);
  });

  test("are renewed for as long as a step takes, and released at the end", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").takes("createContainer", 200_000);
    const ran = begin(cluster, classicPlan);
    await cluster.clock.advance(150_000);
    const { lock } = cluster.host("node104");
    expect(cluster.clock.now() - (lock?.renewedAt ?? 0)).toBeLessThanOrEqual(10_000);
    expect(await ran.end()).toEqual({ kind: "done" });
    expect([...cluster.hosts.values()].map((host) => host.lock)).toEqual([undefined, undefined]);
  });

  test("are not held on by a renewal that was under way at the end", async () => {
    const cluster = new FakeCluster();
    const box = container("box", nodeNamed("node103"), { state: "exited" });
    cluster.host("node103").adds(box);
    cluster.host("node103").takes("startContainer", 10_500);
    const ran = begin(cluster, planOf(stepOf({ kind: "start-container", id: box.id, name: box.name })));
    await cluster.clock.advance(5000);
    cluster.host("node104").takes("lock", 3000);
    expect(await ran.end()).toEqual({ kind: "done" });
    await cluster.clock.advance(60_000);
    expect(cluster.host("node104").lock).toBeUndefined();
  });

  test("that somebody has taken meanwhile end the run between two steps, and what is done stands", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").takes("createContainer", 15_000);
    const ran = begin(cluster, classicPlan);
    await cluster.clock.advance(5000);
    cluster.host("node104").lock = { ...them, renewedAt: cluster.clock.now() };
    expect(await ran.end()).toMatchObject({
      kind: "stopped",
      why: expect.stringContaining("other@laptop has taken the lock of node104"),
    });
    expect(ran.result("node103/store")).toMatchObject({ state: "done" });
    expect(ran.results().filter((line) => line.endsWith("skipped"))).toHaveLength(classicPlan.steps.length - 1);
    expect(cluster.host("node104").lock?.run).toBe("7-theirs");
  });

  test("that cannot be renewed for long end the run as well: another may have them by then", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").takes("createContainer", 100_000);
    const ran = begin(cluster, classicPlan);
    await cluster.clock.advance(5000);
    cluster.host("node104").awayUntil = cluster.clock.now() + 60_000;
    expect(await ran.end()).toMatchObject({
      kind: "stopped",
      why: expect.stringMatching(/lock of node104 could not be renewed for \d+ s/),
    });
  });

  test("end the run after a sleep of the operator's machine, in which nobody renewed them", async () => {
    const cluster = new FakeCluster();
    cluster.host("node103").takes("createContainer", 5000);
    const ran = begin(cluster, classicPlan);
    await cluster.clock.advance(1000);
    cluster.clock.sleep(40_000);
    expect(await ran.end()).toMatchObject({
      kind: "stopped",
      why: expect.stringMatching(/lock of node10\d could not be renewed for 4\d s/),
    });
    expect(ran.result("node103/store")).toMatchObject({ state: "done" });
  });

  test("are wanted of the nodes that the plan touches; one that it does not need may be away", async () => {
    const cluster = new FakeCluster();
    const box = container("box", nodeNamed("node103"), { state: "exited" });
    cluster.host("node103").adds(box);
    cluster.host("node104").awayUntil = Number.POSITIVE_INFINITY;
    const start = { kind: "start-container", id: box.id, name: box.name } as const;
    expect(await begin(cluster, planOf(stepOf(start))).end()).toEqual({ kind: "done" });
    const there = stepOf(start, { node: nodeNamed("node104") });
    expect(await begin(cluster, planOf(there)).end()).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("node104 cannot be locked"),
    });
  });
});

describe("any plan", () => {
  /** Steps that start containers or copy images, some of which fail, each with a time of its own; needs point backwards. */
  const anySteps = fc.array(
    fc.record({
      ms: fc.integer({ min: 1, max: 500 }),
      needs: fc.array(fc.nat(), { maxLength: 3 }),
      fails: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
      copies: fc.boolean(),
    }),
    { minLength: 1, maxLength: 14 },
  );

  test("begins no step before its needs are done, none after a failure, three copies at most, and ends each once in the journal", async () => {
    await fc.assert(
      fc.asyncProperty(anySteps, async (drawn) => {
        const cluster = new FakeCluster(drawn.length);
        const hosts = [...cluster.hosts.values()];
        const steps = drawn.map(({ ms, needs, fails, copies }, index): Step => {
          const host = hosts[index] ?? cluster.host("node103");
          const box = container(`box${index}`, host.name, { state: "exited" });
          host.adds(box);
          host.images.splice(0);
          host.takes("startContainer", ms);
          host.takes("importImage", ms);
          const trouble = { kind: "engine-refused", status: 500, detail: clean("no") } as const;
          if (fails) for (const method of ["startContainer", "importImage", "pullImage"]) host.fails(method, trouble);
          host.takes("pulling", ms);
          const ids = index === 0 ? [] : [...new Set(needs.map((need) => `s${need % index}`))];
          return stepOf(
            copies
              ? { kind: "load-image", image: "img:1", from: { kind: "registry" } }
              : { kind: "start-container", id: box.id, name: box.name },
            { id: `s${index}`, node: host.name, needs: ids as unknown as Step["needs"] },
          );
        });
        const ran = begin(cluster, planOf(...steps));
        let copiesAtOnce = 0;
        ran.run.state.listen(() => {
          const running = ran.run.state.get().steps.filter(({ now }) => now.state === "running");
          copiesAtOnce = Math.max(copiesAtOnce, running.filter(({ step }) => step.change.kind === "load-image").length);
        });
        const end = await ran.end();
        const lines = ran.journal.filter((one) => one.step !== "apply");
        const place = (id: string, ...events: string[]) =>
          lines.findIndex((one) => one.step === id && events.includes(one.event));
        const firstFailure = lines.findIndex((one) => ["failed", "undone"].includes(one.event));
        for (const { id, needs } of steps) {
          const begun = place(id, "begun");
          const endings = lines.filter((one) => one.step === id && one.event !== "begun");
          expect(endings).toHaveLength(begun < 0 ? 0 : 1);
          if (begun < 0) continue;
          if (firstFailure >= 0) expect(begun).toBeLessThan(firstFailure);
          for (const need of needs) expect(place(need, "done", "unchanged")).toBeLessThan(begun);
          for (const need of needs) expect(place(need, "done", "unchanged")).toBeGreaterThanOrEqual(0);
        }
        expect(copiesAtOnce).toBeLessThanOrEqual(3);
        expect(end.kind).toBe(firstFailure >= 0 ? "failed" : "done");
        const isWhole = ran.results().every((line) => / (done|unchanged)$/.test(line));
        expect(isWhole).toBe(drawn.every((one) => !one.fails));
      }),
      { numRuns: 60 },
    );
  });
});

test("an engine restarts alone: no image is on its way to or from it, and none begins meanwhile", async () => {
  const cluster = new FakeCluster(3);
  const [source, target] = [cluster.host("node103"), cluster.host("node104")];
  target.images.splice(0);
  target.takes("importImage", 20_000);
  cluster.host("node105").takes("importImage", 100);
  cluster.host("node105").images.splice(0);
  source.takes("restart", 5000);
  const copy = (to: string, needs: readonly string[] = []) =>
    stepOf(
      { kind: "load-image", image: "big_computing", from: { kind: "node", node: source.name, bytes: 5 } },
      { id: to, node: nodeNamed(to), needs: needs as Step["needs"] },
    );
  const restart = stepOf(
    { kind: "configure-engine", edits: [], take: "restart", joins: undefined, peers: [] },
    { id: "restart", node: source.name },
  );
  const box = container("box", target.name, { state: "exited" });
  target.adds(box);
  const late = stepOf({ kind: "start-container", id: box.id, name: box.name }, { id: "late", node: target.name });
  target.takes("startContainer", 21_000);
  const ran = begin(cluster, planOf(copy("node104"), restart, late, copy("node105", ["late"])));
  expect(await ran.end()).toEqual({ kind: "done" });
  const lines = ran.journal.map((one) => `${one.step} ${one.event}`);
  const at = (line: string) => lines.indexOf(line);
  expect(at("node104 done")).toBeLessThan(at("restart begun"));
  expect(at("restart begun")).toBeLessThan(at("late done"));
  expect(at("restart done")).toBeLessThan(at("node105 begun"));
});

test("a copy of an image tells how far it is, in bytes", async () => {
  const cluster = new FakeCluster();
  const target = cluster.host("node104");
  target.images.splice(0);
  const change = {
    kind: "load-image",
    image: "big_computing",
    from: { kind: "node", node: nodeNamed("node103"), bytes: 5 },
  } as const;
  const ran = begin(cluster, planOf(stepOf(change, { node: target.name })));
  const seen: (number | undefined)[] = [];
  ran.run.state.listen(() => {
    const now = ran.run.state.get().steps[0]?.now;
    if (now?.state === "running") seen.push(now.transfer?.bytes);
  });
  expect(await ran.end()).toEqual({ kind: "done" });
  expect(seen.at(-1)).toBe((computingImage.tags[0] ?? "").length);
  expect(target.images.map((one) => one.tags)).toEqual([["big_computing:latest"]]);
});
