import { describe, expect, test } from "vitest";
import { noPoolSurvey, type PoolSurvey } from "../../src/domain/condor/member-state.ts";
import { plan } from "../../src/domain/plan/plan.ts";
import type { Plan } from "../../src/domain/plan/step.ts";
import { text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { asSha256, bare, classicRest, fileFor, specOf } from "../planned.ts";
import { heard, isNoCondor, joined, member, pool, survey, untouched, wanted } from "../pools.ts";

const spec = pool("password");
const planned = (found: PoolSurvey, wants = spec): Plan => plan(wants, joined.seen, joined.survey, found);
const ids = ({ steps }: Plan): string[] => steps.map((step) => step.id);

describe("a pool on bare hosts", () => {
  const made = plan(spec, bare(2).seen, bare(2).survey);

  test("is configured once its containers run, the manager before the others", () => {
    const steps = made.steps.filter((one) => !isNoCondor(one));
    expect(steps.map(({ id, needs }) => ({ id, needs }))).toEqual([
      { id: "node103/condor/node2", needs: ["node103/container/node2"] },
      { id: "node104/condor/node1", needs: ["node104/container/node1", "node103/condor/node2"] },
    ]);
  });

  test("shows the whole file that each gets, and of its secret only that there is one", () => {
    const shown = JSON.stringify(made.steps.filter((one) => !isNoCondor(one)).map((one) => one.preview));
    expect(shown).toContain("+NETWORK_INTERFACE = 10.10.10.*");
    expect(shown).toContain("+CONDOR_HOST = node2");
    expect(shown).toContain("cat >/etc/condor/passwords.d/ovl-tui' <SECRET");
  });

  test("gets no secret where it is open, and a warning that says what open means", () => {
    const open = plan(pool("open"), bare(2).seen, bare(2).survey);
    expect(JSON.stringify(open.steps)).not.toContain("passwords.d");
    expect(open.obstacles).toMatchObject([{ id: "condor-open", severity: "warning" }]);
    expect(open.obstacles[0]?.evidence.join(" ")).toContain("everybody who reaches port 9618");
  });
});

describe("a pool of running containers", () => {
  test("needs nothing when every member has what the file says and is known to the collector", () => {
    expect(planned(survey({ node2: member("node2"), node1: member("node1") }))).toEqual({ steps: [], obstacles: [] });
  });

  test("has a new member configured and started, and nothing done to the others", () => {
    const made = planned(survey({ node2: member("node2"), node1: untouched({ master: undefined }) }));
    expect(ids(made)).toEqual(["node104/condor/node1"]);
    expect(made.steps[0]?.title).toMatch(/the pool's secret and startd; start it$/);
    expect(made.steps[0]?.endsJobsIn).toEqual([]);
  });

  test("gives every member the manager's secret, who has another one too", () => {
    const made = planned(survey({ node2: member("node2"), node1: member("node1", { secret: asSha256("7") }) }));
    expect(made.steps).toMatchObject([
      { id: "node104/condor/node1", change: { secretOf: [{ node: "node103", container: "node2" }] } },
    ]);
  });

  test("keeps the secret that a member still has where the manager lost it", () => {
    const made = planned(survey({ node2: member("node2", { secret: undefined }), node1: member("node1") }));
    expect(made.steps).toMatchObject([
      { id: "node103/condor/node2", change: { secretOf: [{ node: "node104", container: "node1" }] } },
    ]);
  });

  test("says whose jobs a restart ends, where there are any or nobody knows", () => {
    const changed = { node2: member("node2"), node1: member("node1", { content: wanted("node1", "open") }) };
    expect(planned(survey(changed)).steps[0]?.endsJobsIn).toEqual([]);
    const busy = planned(survey(changed, heard({ job: text`12.0` })));
    expect(busy.steps[0]?.endsJobsIn).toEqual(["node1"]);
    expect(busy.steps[0]?.title).toContain("restart it: its jobs end");
    expect(planned(survey(changed, "silent")).steps.at(-1)?.endsJobsIn).toEqual(["node1"]);
  });

  test("lets daemons take other roles as they run, which ends the jobs of a member that executes no more", () => {
    const both = pool("password", "[node1, node2]");
    const more = planned(survey({ node2: member("node2"), node1: member("node1") }), both);
    expect(more.steps).toMatchObject([{ id: "node103/condor/node2", endsJobsIn: [] }]);
    expect(more.steps[0]?.preview.at(-1)).toEqual({ kind: "command", lines: ["docker exec node2 condor_reconfig"] });
  });

  test("is offered HTCondor where a container has none, by the commands of its distribution, then its configuration", () => {
    const debian = { id: "debian", like: [], pretty: text`Debian GNU/Linux 13 (trixie)` };
    const made = planned(survey({ node2: member("node2"), node1: { installed: false, distribution: debian } }));
    expect(ids(made)).toEqual(["node104/condor/node1/install", "node104/condor/node1"]);
    expect(made.steps[0]?.preview).toEqual([
      {
        kind: "command",
        lines: [
          "docker exec node1 apt-get update",
          "docker exec node1 env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends htcondor",
        ],
      },
    ]);
    expect(made.steps[1]?.needs).toContain("node104/condor/node1/install");
    expect(made.obstacles).toMatchObject([{ id: "condor-missing", severity: "warning" }]);
  });

  test("has no step for a container without HTCondor of an unknown distribution, and says what to do", () => {
    const alpine = { id: "alpine", like: [], pretty: text`Alpine Linux v3.20` };
    const made = planned(survey({ node2: member("node2"), node1: { installed: false, distribution: alpine } }));
    expect(made.steps).toEqual([]);
    expect(made.obstacles[0]?.remedy).toContain("htcondor.org");
  });

  test("begins a member anew that has the right configuration and did not take it", () => {
    const made = planned(survey({ node2: member("node2"), node1: member("node1", { isPending: true }) }));
    expect(made.steps[0]?.title).toMatch(/^restart HTCondor in node1/);
  });

  test("has a member report whose collector began after it, and restarts it only where it has run as long", () => {
    const absent = (ageMs: number) => {
      const letIn = good({ allowed: true, as: text`condor@password` } as const);
      const node2 = member("node2", { master: { pid: 100, ageMs } });
      const found = survey({ node2, node1: member("node1") }, { ...heard(), slots: [] });
      return planned({ ...found, pings: new Map([[text`node1`, letIn]]) }).steps;
    };
    expect(absent(40_000)).toMatchObject([
      {
        ...{ id: "node104/condor/node1", endsJobsIn: [], change: { anew: "reconfigure" } },
        title: "reload HTCondor in node1 on node104",
        preview: [{ lines: ["docker exec node1 condor_reconfig"] }],
      },
    ]);
    // A collector that knows nothing of its slots knows nothing of their jobs either.
    expect(absent(900_000)).toMatchObject([
      {
        ...{ endsJobsIn: ["node1"], change: { anew: "restart" } },
        title: "restart HTCondor in node1 on node104: its jobs end",
      },
    ]);
  });

  test("is refused where a member is on another network than its manager", () => {
    const apart = specOf(
      fileFor(
        2,
        `${classicRest.replace("network: ov_net1, hostname: node1", "hostname: node1")}condor: { manager: node2, execute: [node1], security: password }`,
      ),
    );
    const made = plan(apart, bare(2).seen, bare(2).survey, noPoolSurvey);
    expect(made.obstacles).toMatchObject([{ id: "condor-network", severity: "error", node: "node104" }]);
  });
});
