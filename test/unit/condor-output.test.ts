import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCondor } from "../../src/adapters/condor/condor.ts";
import { parseQueue, parseTotals } from "../../src/adapters/condor/parse-queue.ts";
import { parseStatus } from "../../src/adapters/condor/parse-status.ts";
import type { TestJob } from "../../src/domain/condor/test-job.ts";
import { clean, text } from "../../src/domain/text.ts";
import { bad, good, type Outcome } from "../../src/domain/trouble.ts";
import { longestQueue } from "../../src/ports/condor.ts";
import type { CommandEnd, ContainerExec } from "../../src/ports/container-exec.ts";
import { condorOutput } from "../condor-output/read.ts";
import { containerId } from "../snapshots.ts";

const within = { ms: 1000 };
const manager = containerId("2");
const nobodysSleep: TestJob = { user: "nobody", command: ["sleep", "5"], where: { on: "any" } };

interface Ran {
  argv: readonly string[];
  input: string;
  user: string | undefined;
}

/** A container in which every program ends like this. */
function containerWhere(end: Outcome<Partial<CommandEnd>>): { exec: ContainerExec; ran: Ran[] } {
  const ran: Ran[] = [];
  const exec: ContainerExec = {
    run: async (_, argv, input, __, user) => {
      ran.push({ argv, input, user });
      return end.ok ? good({ exitCode: 0, stdout: "", stderr: "", ...end.value }) : end;
    },
  };
  return { exec, ran };
}

const condorWhere = (end: Partial<CommandEnd>) => createCondor(containerWhere(good(end)).exec);

describe("what condor_status prints", () => {
  test("becomes slots with ages by the collector's own clock", async () => {
    const status = await condorWhere({ stdout: condorOutput("status") }).status(manager, within);
    if (!status.ok) throw new Error("it was not understood");
    expect(status.value.slots).toMatchObject([
      {
        ...{ name: "slot1@node1", kind: "partitionable", state: "Unclaimed", activity: "Idle", machine: "node1" },
        ...{ address: "10.10.10.3", cpus: 1, totalCpus: 2, memoryMb: 23_975, totalMemoryMb: 24_103, load: 1 },
        ...{ heardMs: 7000, platform: "X86_64/LINUX", version: "23.9.6", job: undefined, owner: undefined },
        // 47 minutes by the slot's clock, and the 7 s since it said so.
        activityMs: (1_795_475_465 - 1_795_472_640) * 1000 + 7000,
      },
      {
        ...{ name: "slot1_1@node1", kind: "dynamic", state: "Claimed", activity: "Busy", job: "8.0", cpus: 1 },
        // -1 stands for a load that nobody measured yet.
        ...{ owner: "tester@ovlpool", load: undefined },
      },
      { name: "slot1@node2", address: "10.10.10.2", cpus: 2 },
    ]);
  });

  test("tells which daemons there are, and where", async () => {
    const status = await condorWhere({ stdout: condorOutput("status") }).status(manager, within);
    const daemons = status.ok ? status.value.daemons.map((one) => `${one.kind} ${one.machine} ${one.address}`) : [];
    expect(daemons.sort()).toEqual([
      "collector node2 10.10.10.2",
      "master node2 10.10.10.2",
      "negotiator node2 10.10.10.2",
      "schedd node2 10.10.10.2",
      "startd node1 10.10.10.3",
      "startd node2 10.10.10.2",
    ]);
  });

  test("may be nothing at all in an empty pool", async () => {
    const empty = good({ slots: [], daemons: [] });
    expect(await condorWhere({ stdout: "1795475473\n" }).status(manager, within)).toEqual(empty);
    expect(await condorWhere({ stdout: "1795475473\n[\n]\n" }).status(manager, within)).toEqual(empty);
  });

  test("asks for the attributes that are shown and for no others: a large pool's answer stays small", async () => {
    const { exec, ran } = containerWhere(good({ stdout: condorOutput("status") }));
    await createCondor(exec).status(manager, within);
    const argv = ran[0]?.argv ?? [];
    expect(argv.slice(0, 5)).toEqual(["/bin/sh", "-s", "--", "condor_status", "-any"]);
    expect(argv.at(-1)?.split(",")).toContain("RemoteOwner");
    expect(argv.at(-1)?.split(",")).not.toContain("Requirements");
  });

  test("with attributes that could not be worked out still shows the slot", () => {
    const odd = `[{"MyType":"Machine","Name":"slot1@a","Machine":"a","Cpus":"/Expr(x)/","State":"Sleeping","MyAddress":"<[fd00::5]:9618?x>"}]`;
    const parsed = parseStatus(odd, 100, text`condor_status`);
    expect(parsed).toMatchObject({
      ok: true,
      value: { slots: [{ name: "slot1@a", cpus: 0, state: undefined, address: "fd00::5", heardMs: undefined }] },
    });
  });

  test("is refused where it is no list of ads, and never throws", () => {
    expect(parseStatus("Error: no pool", 0, text`condor_status`)).toMatchObject({ ok: false });
    expect(parseStatus(`{"Name":1}`, 0, text`condor_status`)).toMatchObject({ ok: false });
    fc.assert(
      fc.property(fc.json(), (json) => {
        const parsed = parseStatus(json, 0, text`condor_status`);
        const queue = parseQueue(json, 0, text`condor_q`);
        return typeof parsed.ok === "boolean" && typeof queue.ok === "boolean";
      }),
    );
  });

  test("is shown as it stands, line by line", async () => {
    const printed = await condorWhere({ stdout: condorOutput("printed") }).printed(manager, within);
    const lines = printed.ok ? printed.value : [];
    expect(lines[0]).toBe("Name               OpSys      Arch   State     Activity LoadAv Mem    ActvtyTime");
    expect(lines.at(-1)).toMatch(/^ +Total +3 +0 +1 +2 /);
  });
});

describe("what condor_q prints", () => {
  test("becomes jobs with why they are held", async () => {
    const queue = await condorWhere({ stdout: condorOutput("queue") }).queue(manager, within);
    if (!queue.ok) throw new Error("it was not understood");
    expect(queue.value).toMatchObject({ counts: { held: 2, running: 1, idle: 0 }, total: 3 });
    expect(queue.value.jobs).toMatchObject([
      { id: "2.0", state: "held", holdReason: "submitted on hold at user's request", command: "/bin/sleep 120" },
      {
        ...{ id: "3.0", owner: "tester", state: "held", command: "/nonexistent/prog", slot: undefined },
        holdReason:
          "Error from slot1_2@node1: Failed to execute '/nonexistent/prog': (errno=2: 'No such file or directory')",
      },
      { id: "8.0", state: "running", slot: "slot1_1@node1", stateMs: 8000, holdReason: undefined },
    ]);
  });

  test("of a queue that is longer than what is read is counted as a whole, and its held jobs are read by themselves", async () => {
    const ad = (id: number, JobStatus: number) => ({ ClusterId: id, ProcId: 0, JobStatus, Owner: "ana", Cmd: "x" });
    const first = Array.from({ length: longestQueue }, (_, index) => ad(index + 1, index === 7 ? 5 : 1));
    const asked: string[][] = [];
    const exec: ContainerExec = {
      run: async (_, argv) => {
        asked.push([...argv]);
        const stdout = argv.includes("-totals")
          ? "\n\n-- Schedd: node2 : <10.10.10.2:9618?... @ 11/23/26 14:00:00\nTotal for query: 9000 jobs; 0 completed, 0 removed, 8956 idle, 40 running, 3 held, 1 suspended \nTotal for all users: 9000 jobs; 0 completed, 0 removed, 8956 idle, 40 running, 3 held, 1 suspended\n"
          : JSON.stringify(argv.includes("-constraint") ? [ad(8, 5), ad(8998, 5), ad(8999, 5)] : first);
        return good({ exitCode: 0, stdout: `1795475473\n${stdout}`, stderr: "" });
      },
    };
    const queue = await createCondor(exec).queue(manager, within);
    if (!queue.ok) throw new Error("it was not understood");
    expect(queue.value).toMatchObject({ counts: { held: 3, running: 41, idle: 8956 }, total: 9000 });
    expect(queue.value.jobs).toHaveLength(longestQueue + 2);
    expect(queue.value.jobs.filter((job) => job.state === "held").map((job) => job.id)).toEqual([
      ...["8.0", "8998.0", "8999.0"],
    ]);
    expect(asked.map((argv) => argv.slice(3).filter((one) => /^-(?!-)/.test(one)))).toEqual([
      ["-all", "-limit", "-json", "-attributes"],
      ["-all", "-totals"],
      ["-all", "-constraint", "-limit", "-json", "-attributes"],
    ]);
  });

  test("as totals is read in old words too, and refused where it has none", () => {
    const old = "3 jobs; 0 completed, 0 removed, 1 idle, 1 running, 1 held, 0 suspended";
    expect(parseTotals(old, text`condor_q`)).toEqual(good({ counts: { idle: 1, running: 1, held: 1 }, total: 3 }));
    expect(parseTotals("Error: no schedd", text`condor_q`)).toMatchObject({ ok: false });
  });

  test("of one job is followed by what the history has of it", async () => {
    const done = await condorWhere({ stdout: condorOutput("history") }).sight(manager, text`7.0`, within);
    expect(done).toEqual(
      good({ at: "history", state: "completed", slot: "slot1_1@node1", exitCode: 0, reason: undefined }),
    );
    const held = condorOutput("held");
    const sight = await condorWhere({ stdout: `${held}\n-- history --\n[\n]\n` }).sight(manager, text`3.0`, within);
    expect(sight).toMatchObject({
      ok: true,
      value: { at: "queue", state: "held", holdReason: expect.stringContaining("/nonexistent/prog") },
    });
    const nowhere = await condorWhere({ stdout: "[\n]\n\n-- history --\n[\n]\n" }).sight(manager, text`99.0`, within);
    expect(nowhere).toEqual(good({ at: "nowhere" }));
  });
});

describe("a job that is followed", () => {
  const ad = '[{"JobStatus":2,"RemoteHost":"slot1@node1"}]';
  const past = '[{"JobStatus":4,"LastRemoteHost":"slot1@node1","ExitCode":0}]';
  const none = 'echo "Error: No history file is defined" >&2; exit 1';

  /** The script as a shell runs it, in a container whose programs do what is said; which of them ran. */
  async function sightWith(programs: { condor_q: string; condor_history: string }) {
    const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-sight-"));
    try {
      for (const [name, does] of Object.entries(programs)) {
        const script = `#!/bin/sh\necho ${name} >> ${folder}/ran\n${does}\n`;
        writeFileSync(path.join(folder, name), script, { mode: 0o755 });
      }
      const exec: ContainerExec = {
        run: async (_, [program = "", ...rest], input) => {
          const env = { PATH: `${folder}:${process.env.PATH}` };
          const ran = spawnSync(program, rest, { input, env, encoding: "utf8" });
          return good({ exitCode: ran.status ?? 255, stdout: ran.stdout, stderr: ran.stderr });
        },
      };
      const sight = await createCondor(exec).sight(manager, text`9.0`, within);
      return { sight, ran: readFileSync(path.join(folder, "ran"), "utf8").trim().split("\n") };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  test("is looked for in the history only once the queue does not have it", async () => {
    const queued = await sightWith({ condor_q: `echo '${ad}'`, condor_history: none });
    expect(queued).toMatchObject({ sight: good({ at: "queue", state: "running" }), ran: ["condor_q"] });
    const done = await sightWith({ condor_q: "printf '[\\n]\\n'", condor_history: `echo '${past}'` });
    expect(done).toMatchObject({
      sight: good({ at: "history", state: "completed", slot: "slot1@node1", exitCode: 0 }),
      ran: ["condor_q", "condor_history"],
    });
    const nowhere = await sightWith({ condor_q: ":", condor_history: ":" });
    expect(nowhere.sight).toEqual(good({ at: "nowhere" }));
  });

  test("is told to have left where no history is kept", async () => {
    expect((await sightWith({ condor_q: ":", condor_history: none })).sight).toEqual(good({ at: "untold" }));
  });

  test("is not seen while the queue does not answer, or the history not in time", async () => {
    const failed = await sightWith({ condor_q: "echo no schedd >&2; exit 1", condor_history: `echo '${past}'` });
    expect(failed).toMatchObject({
      sight: { trouble: { kind: "program-failed", detail: "no schedd" } },
      ran: ["condor_q"],
    });
    const late = await sightWith({ condor_q: ":", condor_history: "exit 124" });
    expect(late.sight).toMatchObject({ trouble: { kind: "timed-out" } });
  });
});

describe("a program that fails", () => {
  test("says so in its own words", async () => {
    const stderr = "Error: communication error\nCEDAR:6001:Failed to connect to <10.10.10.2:9618>\n";
    expect(await condorWhere({ exitCode: 1, stderr }).status(manager, within)).toEqual(
      bad({
        kind: "program-failed",
        program: clean("condor_status"),
        detail: clean("Error: communication error CEDAR:6001:Failed to connect to <10.10.10.2:9618>"),
      }),
    );
  });

  test("that the image lacks is told apart from one that fails, in old engines and new ones", async () => {
    const stdout = 'OCI runtime exec failed: exec failed: exec: "condor_submit": executable file not found in $PATH';
    for (const end of [{ exitCode: 126, stdout }, { exitCode: 127 }]) {
      expect(await condorWhere(end).submit(manager, nobodysSleep, within)).toMatchObject({
        trouble: { kind: "tool-missing", tool: "condor_submit" },
      });
    }
  });

  test("that gives no answer in time is told as that", async () => {
    expect(await condorWhere({ exitCode: 124 }).queue(manager, within)).toMatchObject({
      trouble: { kind: "timed-out", what: "condor_q" },
    });
  });
});

describe("a job that is submitted", () => {
  test("is described on stdin and runs as its user; the shell sees nothing of it", async () => {
    const { exec, ran } = containerWhere(good({ stdout: "12.0 - 12.0\n" }));
    expect(await createCondor(exec).submit(manager, nobodysSleep, within)).toEqual(good("12.0"));
    expect(ran).toMatchObject([{ argv: ["condor_submit", "-terse"], user: "nobody" }]);
    expect(ran[0]?.input).toContain(`arguments = "'sleep' '5'"`);
  });

  test("that is gone already is removed as well as one that was there", async () => {
    const condor = condorWhere({
      exitCode: 1,
      stderr: "Couldn't find/remove all jobs matching constraint; Job 9.0 not found",
    });
    expect(await condor.remove(manager, text`9.0`, "nobody", within)).toEqual(good(undefined));
    const refused = condorWhere({ exitCode: 1, stderr: "Permission denied to remove job 9.0" });
    expect(await refused.remove(manager, text`9.0`, "nobody", within)).toMatchObject({
      trouble: { kind: "program-failed", detail: "Permission denied to remove job 9.0" },
    });
  });
});
