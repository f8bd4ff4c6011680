import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { node1, node2, Program } from "./applied.ts";
import { everything } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";

const pool = { manager: "node2", submit: ["node2"], execute: ["node1"], security: "password" };
/** The third member: a container beside the manager. */
const node3 = { ...node2, name: "node3", hostname: "node3" };

onRealHosts("the procedure's pool", () => {
  let lab: Lab;
  let program: Program;
  let screen: Terminal;
  const on = (node: string, script: string, ...args: string[]) => lab.node(node).must(script, ...args);
  const applied = async () => {
    const answer = await program.apply();
    expect(answer, answer.said).toMatchObject({ code: 0, ok: true });
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
    return answer;
  };
  /** Process ids of HTCondor's masters, of node2 and node1. */
  const masters = () =>
    everything([
      on("node103", "docker exec node2 pgrep -x condor_master"),
      on("node104", "docker exec node1 pgrep -x condor_master"),
    ]);

  beforeAll(async () => {
    lab = await Lab.up({ name: "condor-pool", joined: false });
    program = new Program(lab);
    program.wants({ condor: pool });
    await applied();
    screen = openScreen(lab, {
      ...{ args: ["--config", program.file], columns: 80, rows: 24 },
      env: { XDG_STATE_HOME: path.join(path.dirname(program.file), "state") },
    });
    await screen.shows(/2\/2 nodes live/);
    screen.press("c");
  });
  afterAll(async () => {
    await screen?.close();
    program?.close();
    await lab?.down();
  });

  /** By itself: what follows an escape at once would be taken for one key with it. */
  const closeDialog = async () => {
    screen.press(keys.escape);
    await screen.hides(/┌ Test job ─/);
  };

  /** Submits what a submit description says, as nobody; the job's id. */
  const submit = async (...description: readonly string[]): Promise<string> => {
    const script = `printf '%s\\n' "$@" | docker exec -i -u nobody node2 condor_submit -terse`;
    return /^\d+\.\d+/.exec(await on("node103", script, ...description))?.[0] ?? "";
  };

  test("comes from bare hosts to a slot in the view, in its container and node, with every daemon up and nothing wrong", async () => {
    await screen.shows(/slot1@node1 +node1 +node104 +Unclaimed +Idle \w+ +0\/\d+/);
    await screen.shows(/node2 +collector negotiator schedd/);
    await screen.shows(/node1 +startd/);
    await screen.shows(/pool of node2 on node103 {2}1 slot/);
    await screen.shows(/5 Findings 0/);
  });

  test("tells scripts the same: nobody is missing, and there is no finding", async () => {
    const { code, ...told } = await program.condor();
    expect(told).toMatchObject({ manager: "node2", missing: [], findings: [], error: null });
    expect(told.slots).toMatchObject([
      { name: "slot1@node1", container: "node1", node: "node104", state: "Unclaimed" },
    ]);
    expect(Date.now() - Date.parse(told.slots[0]?.lastHeardFrom ?? "")).toBeLessThan(60_000);
    expect(code).toBe(0);
  });

  test("is found through any member, where the file names no pool", async () => {
    program.wants();
    expect(await program.condor()).toMatchObject({ code: 1, manager: null, slots: [] });
    expect(await program.condor("--container", "node1")).toMatchObject({ code: 0, slots: [{ name: "slot1@node1" }] });
    program.wants({ condor: pool });
  });

  test("runs a test job on the other host, by keys alone, and keeps a record of it", async () => {
    screen.press("t");
    await screen.shows(/runs on +‹ another node than node103 ›/);
    screen.press(keys.enter);
    await screen.shows(/Submits one job in node2 on node103, as nobody/);
    screen.press("y");
    await screen.shows(/job \d+\.0 ran on slot1_1@node1 and came back/, 180);
    await screen.shows(/The pool works: queue, negotiator and slot, from node2 on node103 to/);
    await closeDialog();
    screen.press("3");
    await screen.shows(/job \d+\.0 +runs on slot1_1@node1/);
    const journal = path.join(path.dirname(program.file), "state/ovl-tui/journal.jsonl");
    const lines = readFileSync(journal, "utf8").trim().split("\n");
    expect(lines.slice(-2).map((line) => JSON.parse(line))).toMatchObject([
      { event: "begun", node: "node103", step: "test-job", title: "condor_submit in node2 as nobody: sleep 5" },
      { event: "done", node: "node103" },
    ]);
  });

  test("shows a job that is held with its reason, on the screen and to scripts", async () => {
    const id = await submit(
      "executable=/nonexistent/prog",
      "transfer_executable=false",
      "should_transfer_files=YES",
      "queue",
    );
    screen.press("2");
    await screen.shows(new RegExp(`${id.replace(".", "\\.")} +nobody +held`), 180);
    await screen.shows(/Failed to execute '\/nonexistent\/prog'/);
    const { code, jobs } = await program.condor();
    expect(jobs?.held).toMatchObject([{ id, reason: expect.stringContaining("No such file or directory") }]);
    expect(code).toBe(0);
    await on("node103", 'docker exec -u nobody node2 condor_rm "$1"', id);
    await screen.hides(/held/);
  });

  test("counts a queue of more jobs than it reads, and misses none of those that are held behind them", async () => {
    const never = ["executable=/bin/true", "transfer_executable=false", "requirements=false"];
    const waiting = await submit(...never, "queue 2100");
    const held = await submit(...never, "hold=true", "queue");
    screen.press("2");
    await screen.shows(/first \d+ of 2101/, 60);
    await screen.shows(/2 Queue 2101/);
    const { jobs, queues } = await program.condor();
    expect(jobs?.held).toMatchObject([{ id: held }]);
    expect(queues).toMatchObject([
      { container: "node2", node: "node103", idle: 2100, held: 1, total: 2101, error: null },
    ]);
    await on("node103", 'docker exec -u nobody node2 condor_rm "$@"', waiting.replace(/\.0$/, ""), held);
    await screen.shows(/2 Queue 0/, 60);
  });

  test("prints what condor_status does", async () => {
    screen.press("4");
    await screen.shows(/slot1@node1 +LINUX +X86_64 Unclaimed/);
    screen.press("1");
  });

  test("takes a third member in, and nobody else's HTCondor is touched for it", async () => {
    const before = await masters();
    program.wants({ containers: [node2, node1, node3], condor: { ...pool, execute: ["node1", "node3"] } });
    const { steps } = await applied();
    expect(steps.map((step) => step.id)).toEqual(["node103/container/node3", "node103/condor/node3"]);
    expect(await masters()).toEqual(before);
    await screen.shows(/slot1@node3 +node3 +node103 +Unclaimed/);
    screen.press("3");
    await screen.shows(/slot1@node3 +joined/);
  });

  test("is opened by the file, which says what that means, and works so", async () => {
    program.wants({
      containers: [node2, node1, node3],
      condor: { ...pool, execute: ["node1", "node3"], security: "open" },
    });
    const { obstacles } = await program.plan();
    expect(obstacles).toMatchObject([{ id: "condor-open", severity: "warning" }]);
    await applied();
    const { findings, slots } = await program.condor();
    expect(findings).toMatchObject([{ id: "condor-open", severity: "warning" }]);
    expect(slots.map((slot) => slot.container).sort()).toEqual(["node1", "node3"]);
    const ping = await on("node104", "docker exec node1 condor_ping -table -type COLLECTOR ADVERTISE_STARTD");
    expect(ping).toMatch(/ADVERTISE_STARTD +none +none +none +ALLOW/);
  });
});

onRealHosts("a pool without systemd and without a password", () => {
  let lab: Lab;
  let program: Program;
  const plain = { privileged: false, command: ["sleep", "infinity"] };
  const containers = [
    { ...node2, ...plain },
    { ...node1, ...plain },
  ];

  beforeAll(async () => {
    lab = await Lab.up({ name: "condor-open", flavour: "swarm", joined: false });
    program = new Program(lab);
    const file = { engine: { mode: "swarm" }, store: null };
    program.wants({ ...file, containers, condor: { ...pool, security: "open" } });
    const answer = await program.apply();
    expect(answer, answer.said).toMatchObject({ code: 0, ok: true });
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test("comes up from bare hosts in swarm mode, HTCondor in the background of whatever the container runs", async () => {
    expect(await program.condor()).toMatchObject({ code: 0, missing: [], slots: [{ name: "slot1@node1" }] });
    const { stdout } = await lab.node("node104").run("docker exec node1 ps -o pid=,args= -C sleep,condor_master");
    expect(stdout).toMatch(/^ +1 sleep infinity\n +(?!1 )\d+ condor_master$/m);
    expect(await program.plan()).toMatchObject({ code: 0, steps: [] });
  });

  test("runs a test job on the other host", async () => {
    const screen = openScreen(lab, { args: ["--config", program.file], columns: 80, rows: 24 });
    await screen.shows(/2\/2 nodes live/);
    screen.press("c");
    await screen.shows(/slot1@node1 +node1 +node104/);
    screen.press("t");
    await screen.shows(/runs on +‹ another node than node103 ›/);
    screen.press(keys.enter);
    await screen.shows(/Submits one job/);
    screen.press("y");
    await screen.shows(/job \d+\.0 ran on slot1_1@node1 and came back/, 240);
    await screen.close();
  });
});
