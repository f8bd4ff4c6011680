import { describe, expect, test } from "vitest";
import type { PoolAds } from "../../src/domain/condor/ads.ts";
import type { Installed, MemberState, PoolSurvey } from "../../src/domain/condor/member-state.ts";
import { poolFindings } from "../../src/domain/condor/wrong.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad, good } from "../../src/domain/trouble.ts";
import { heard, joined, member, pool, slotOf, survey, untouched } from "../pools.ts";

const minutes = 60_000;
const found = (wrong: PoolSurvey, security: "password" | "open" = "password") =>
  poolFindings({ spec: pool(security), seen: joined.seen, pool: wrong });
const well = { node2: member("node2"), node1: member("node1") };
/** The collector knows node2's daemons and nothing of node1. */
const without: PoolAds = { ...heard(), slots: [] };
/** node1 runs, is not in the pool, and is different in this; `words` is what condor_ping says there. */
const absent = (changes: Partial<Installed>, words?: string): PoolSurvey => {
  const seen = survey({ ...well, node1: member("node1", changes) }, without);
  const said = { allowed: false, words: [clean(words ?? "")] } as const;
  return words === undefined ? seen : { ...seen, pings: new Map([[text`node1`, good(said)]]) };
};
const setting = (name: string, value: string, at: string) =>
  new Map([...member("node1").effective, [name, { value: clean(value), at: clean(at) }]]);

describe("a pool", () => {
  test("that is well gives no finding, however long ago its collector told of itself", () => {
    expect(found(survey(well))).toEqual([]);
    const [collector, ...others] = heard().daemons;
    const old = collector === undefined ? [] : [{ ...collector, heardMs: 14 * minutes }];
    expect(found(survey(well, { ...heard(), daemons: [...old, ...others] }))).toEqual([]);
  });

  test("that is open says so, and what it means", () => {
    expect(found(survey(well), "open")).toMatchObject([
      { id: "condor-open", severity: "warning", container: undefined },
    ]);
  });

  test("that was not heard of for ten minutes is named with its member", () => {
    expect(found(survey(well, heard({ heardMs: 9 * minutes })))).toEqual([]);
    expect(found(survey(well, heard({ heardMs: 12 * minutes })))).toMatchObject([
      { id: "condor-silent", container: "node1", title: "The pool has not heard of node1 on node104 for 12m" },
    ]);
  });

  test("that was not heard of since its member began anew is named before ten minutes are over", () => {
    const begun = (ageMs: number) =>
      survey({ ...well, node1: member("node1", { master: { pid: 1, ageMs } }) }, heard({ heardMs: 90_000 }));
    expect(found(begun(20_000))).toEqual([]);
    expect(found(begun(60_000))).toMatchObject([{ id: "condor-silent", container: "node1" }]);
    expect(found(begun(120_000))).toEqual([]);
  });

  test("whose manager has no collector that answers is down, and nothing is said of the others", () => {
    const trouble = { kind: "program-failed", program: text`condor_status`, detail: text`Failed to connect` } as const;
    const silent = { ...survey(well), ads: bad(trouble) };
    expect(found(silent)).toMatchObject([
      { id: "condor-manager-down", node: "node103", evidence: [expect.stringContaining("Failed to connect")] },
    ]);
    const stopped = survey({ ...well, node2: member("node2", { master: undefined }) }, "silent");
    expect(found(stopped)).toMatchObject([{ id: "condor-manager-down", evidence: ["no condor_master runs in it"] }]);
    const gone = survey(well, "silent");
    expect(found({ ...gone, members: new Map([...gone.members].slice(1)) })).toMatchObject([
      { id: "condor-manager-down", evidence: ["its container does not run"] },
    ]);
  });

  test("that nobody has set up is not down, whether HTCondor runs as its package left it or not at all", () => {
    const trouble = { kind: "program-failed", program: text`condor_status`, detail: text`no collector` } as const;
    for (const master of [undefined, { pid: 1, ageMs: 600_000 }]) {
      const fresh = untouched({ master, effective: new Map() });
      expect(found({ ...survey({ node2: fresh, node1: fresh }), ads: bad(trouble) })).toMatchObject([
        { id: "condor-not-set-up", node: "node103", remedy: expect.stringContaining("sets it up") },
      ]);
    }
    // By hand, without a file of ours: that one was set up, and is down.
    const byHand = member("node2", { content: undefined });
    expect(found({ ...survey({ ...well, node2: byHand }), ads: bad(trouble) })).toMatchObject([
      { id: "condor-manager-down" },
    ]);
  });

  test("that lists a machine of a container that is gone is told which", () => {
    const [slot] = heard().slots;
    if (slot === undefined) throw new Error("no slot");
    const ghost = {
      ...slot,
      machine: text`node9`,
      name: text`slot1@node9`,
      address: text`10.10.10.77`,
      heardMs: 4 * minutes,
    };
    expect(found(survey(well, { ...heard(), slots: [slot, ghost] }))).toMatchObject([
      { id: "condor-left-behind", severity: "warning", evidence: [expect.stringMatching(/10\.10\.10\.77.*4m ago/)] },
    ]);
    expect(found(survey(well, { ...heard(), slots: [slot, ghost] }))[0]?.title).toBe(
      "The pool still lists node9 at 10.10.10.77, whose container is gone or was started anew",
    );
    // A machine that was never in the cluster's networks is somebody else's.
    const stranger = { ...ghost, address: text`192.0.2.7` };
    expect(found(survey(well, { ...heard(), slots: [slot, stranger] }))).toEqual([]);
  });
});

describe("a member whose container was started anew and has another address", () => {
  const earlier = { address: text`10.10.10.77`, heardMs: 4 * minutes };

  test("is well, and what it said in its earlier life is left behind, under its name and that address", () => {
    const both: PoolAds = { ...heard(), slots: [slotOf("node1", earlier), slotOf("node1")] };
    expect(found(survey(well, both))).toMatchObject([
      { id: "condor-left-behind", title: expect.stringContaining("node1 at 10.10.10.77") },
    ]);
  });

  test("is not in the pool while only its earlier life is", () => {
    const ids = found(survey(well, { ...heard(), slots: [slotOf("node1", earlier)] })).map(({ id }) => id);
    expect(ids).toEqual(["condor-not-in-pool", "condor-left-behind"]);
  });

  test("is not told of another container that has its address now", () => {
    // node2 has 10.10.10.2 in this snapshot.
    const taken = { ...earlier, address: text`10.10.10.2` };
    const ids = found(survey(well, { ...heard(), slots: [slotOf("node1", taken), slotOf("node1")] }));
    expect(ids).toMatchObject([{ id: "condor-left-behind", title: expect.stringContaining("node1 at 10.10.10.2,") }]);
  });

  test("is not taken for silent because a dynamic slot of then was never taken back", () => {
    const over = slotOf("node1", { name: text`slot1_1@node1`, kind: "dynamic", heardMs: 13 * minutes });
    expect(found(survey(well, { ...heard(), slots: [slotOf("node1"), over] }))).toEqual([]);
  });
});

test("a member that could not be looked at is told with its node's trouble, in the pool or not", () => {
  const trouble = bad({ kind: "timed-out", what: text`a look`, afterMs: 30_000 } as const);
  const members = new Map([...survey(well).members, [text`node1`, trouble] as const]);
  expect(found({ ...survey(well), members })).toMatchObject([
    { id: "condor-not-seen", severity: "warning", node: "node104", container: "node1" },
  ]);
  expect(found({ ...survey(well, without), members })).toMatchObject([{ id: "condor-not-seen", severity: "error" }]);
});

describe("a member that is not in the pool", () => {
  const named = (wrong: PoolSurvey) => found(wrong).map(({ id }) => id);

  test("does not run HTCondor", () => {
    expect(named(absent({ master: undefined }))).toEqual(["condor-stopped"]);
  });

  test("has HTCondor as its package left it", () => {
    const fresh = untouched({ effective: new Map() });
    expect(found(survey({ ...well, node1: fresh }, without))).toMatchObject([
      { id: "condor-not-set-up", title: expect.stringContaining("not in the pool: HTCondor in it is not set up") },
    ]);
  });

  test("looks for another manager, in our file or in another one", () => {
    expect(
      found(absent({ effective: setting("CONDOR_HOST", "node7", "/etc/condor/config.d/50-ovl-tui.conf, line 2") })),
    ).toMatchObject([{ id: "condor-host-wrong", remedy: expect.stringMatching(/apply" writes node2/) }]);
    expect(
      found(absent({ effective: setting("CONDOR_HOST", "node7", "/etc/condor/config.d/99-x, line 1") })),
    ).toMatchObject([{ id: "condor-host-wrong", remedy: expect.stringMatching(/^Take that line out/) }]);
  });

  test("is not configured for its role", () => {
    expect(named(absent({ effective: setting("DAEMON_LIST", "MASTER SCHEDD", "/x, line 1") }))).toContain(
      "condor-role-missing",
    );
  });

  test("does not know its manager's name", () => {
    expect(named(absent({ managerAddresses: [] }))).toEqual(["condor-name-unresolved"]);
  });

  test("has a clock that is not its manager's; a difference that both have to the operator's is none", () => {
    expect(found(absent({ clockMs: -180_000 }, "AUTHENTICATE:1003:Failed"))).toMatchObject([
      { id: "condor-clock", title: expect.stringMatching(/its clock is 3m behind that of node2/) },
    ]);
    const both = survey(
      { node2: member("node2", { clockMs: 180_000 }), node1: member("node1", { clockMs: 180_000 }) },
      without,
    );
    expect(named(both)).not.toContain("condor-clock");
  });

  test.each([
    ["AUTHENTICATE:1003:Failed to authenticate with any method", "condor-authentication"],
    ['SECMAN:2010:Received "DENIED" from server for user unauthenticated@unmapped', "condor-authentication"],
    ["SECMAN:2011:Connection closed during command authorization", "condor-collector-unreachable"],
    ["ERROR: failed to make connection to <10.10.10.2:9618>", "condor-collector-unreachable"],
    ["no answer in 6 s", "condor-collector-unreachable"],
    ["something that nobody has heard of", "condor-not-in-pool"],
  ])("has what condor_ping says taken for what it is: %s", (words, id) => {
    expect(named(absent({}, words))).toEqual([id]);
  });

  test("began just now, which is no fault", () => {
    const begun = absent({ master: { pid: 1, ageMs: 3000 } });
    const let_in = { allowed: true, as: text`condor@password` } as const;
    expect(found({ ...begun, pings: new Map([[text`node1`, good(let_in)]]) })).toMatchObject([
      { id: "condor-starting", severity: "info" },
    ]);
  });

  test("was there before its collector began, which may not have heard of it: no fault of the member's", () => {
    const began = (ageMs: number): PoolSurvey => {
      const letIn = { allowed: true, as: text`condor@password` } as const;
      const node2 = member("node2", { master: { pid: 100, ageMs } });
      return { ...survey({ ...well, node2 }, without), pings: new Map([[text`node1`, good(letIn)]]) };
    };
    expect(found(began(40_000))).toMatchObject([
      {
        id: "condor-unheard",
        severity: "warning",
        title: "node1 on node104 is not in the pool: HTCondor in node2 began anew 40s ago",
        remedy: expect.stringContaining("ends no job"),
      },
    ]);
    // Both began together.
    expect(named(began(600_000))).toEqual(["condor-not-in-pool"]);
  });

  test("has no HTCondor, and what installs it can be copied", () => {
    const debian = { id: "debian", like: [], pretty: text`Debian GNU/Linux 13 (trixie)` };
    const none: MemberState = { installed: false, distribution: debian };
    expect(found(survey({ ...well, node1: none }, without))).toMatchObject([
      {
        id: "condor-missing",
        remedy: expect.stringContaining(
          "docker exec node1 apt-get update && docker exec node1 env DEBIAN_FRONTEND=noninteractive apt-get install --yes",
        ),
      },
    ]);
  });

  test("tells an address that nobody reaches", () => {
    expect(named(survey(well, heard({ address: text`172.18.0.3` })))).toEqual(["condor-address-stray"]);
  });

  test("is told though it is in the pool when its clock is not its manager's", () => {
    const ahead = survey({ ...well, node1: member("node1", { clockMs: 20 * minutes }) });
    expect(found(ahead)).toMatchObject([
      { id: "condor-clock", severity: "warning", title: "The clock of node1 on node104 is 20m ahead of that of node2" },
    ]);
    expect(found(survey({ ...well, node1: member("node1", { clockMs: 40_000 }) }))).toEqual([]);
  });

  test("is told though it is well where another file overrules ours", () => {
    const other = setting("NETWORK_INTERFACE", "172.*", "/etc/condor/config.d/99-x, line 1");
    expect(found(survey({ ...well, node1: member("node1", { effective: other }) }))).toMatchObject([
      {
        id: "condor-overridden",
        severity: "warning",
        evidence: ["NETWORK_INTERFACE = 172.* in /etc/condor/config.d/99-x, line 1"],
      },
    ]);
    expect(named(survey({ ...well, node1: untouched() }))).toEqual([]);
  });
});
