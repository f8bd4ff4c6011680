import { z } from "zod";
import { type Job, type JobState, jobStates, type Queue } from "../../domain/condor/queue.ts";
import type { JobSight } from "../../domain/condor/test-job.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import { figure, parseAds, since, words } from "./class-ads.ts";

const status = z
  .union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5), z.literal(6), z.literal(7)])
  .transform((value): JobState => jobStates[value]);

/** HTCondor manual, "Job ClassAd Attributes". */
const job = z.object({
  ClusterId: z.int(),
  ProcId: z.int(),
  Owner: words,
  JobStatus: status,
  Cmd: words,
  Arguments: words,
  Args: words,
  RemoteHost: words,
  HoldReason: words,
  QDate: figure,
  EnteredCurrentStatus: figure,
});

export const queueAttributes: readonly string[] = Object.keys(job.shape);

/** What the queue or the history says of one job. */
const sight = z.object({
  JobStatus: status,
  RemoteHost: words,
  LastRemoteHost: words,
  HoldReason: words,
  RemoveReason: words,
  ExitCode: figure,
});

export const sightAttributes: readonly string[] = Object.keys(sight.shape);

/** The jobs that `condor_q -json` printed; `now` is the time in its container then, s since 1970. */
export function parseQueue(printed: string, now: number, from: SafeText): Outcome<readonly Job[]> {
  const ads = parseAds(job, printed, from);
  if (!ads.ok) return ads;
  return good(
    ads.value.map((one): Job => {
      const program = one.Cmd ?? text`?`;
      // Arguments is the new syntax, Args the old; a job has one of them.
      const given = one.Arguments ?? one.Args;
      return {
        id: text`${one.ClusterId}.${one.ProcId}`,
        owner: one.Owner ?? text`?`,
        state: one.JobStatus,
        command: given === undefined ? program : text`${program} ${given}`,
        slot: one.JobStatus === "running" ? one.RemoteHost : undefined,
        holdReason: one.JobStatus === "held" ? one.HoldReason : undefined,
        submittedMs: since(one.QDate, now),
        stateMs: since(one.EnteredCurrentStatus, now),
      };
    }),
  );
}

/**
 * The last line of `condor_q -totals`: "Total for query: 3 jobs; 0 completed, 0 removed, 1 idle, 1 running, 1 held, 0
 * suspended", in 8.4 without its first words, and in 23 with a line on all users after it.
 */
const totals = /(\d+) jobs; \d+ completed, \d+ removed, (\d+) idle, (\d+) running, (\d+) held, (\d+) suspended/;

/** How many jobs a queue has, as `condor_q -totals` printed it. */
export function parseTotals(printed: string, from: SafeText): Outcome<Omit<Queue, "jobs">> {
  const found = totals.exec(printed);
  if (found === null) return bad({ kind: "bad-answer", from, detail: clean(printed, 200) });
  const [total = 0, idle = 0, running = 0, held = 0, suspended = 0] = found.slice(1).map(Number);
  return good({ counts: { idle, running: running + suspended, held }, total });
}

/** Where a job is: `queue` is what `condor_q` printed of it, `history` what `condor_history` did; undefined: it has none. */
export function parseSight(queue: string, history: string | undefined, from: SafeText): Outcome<JobSight> {
  const queued = parseAds(sight, queue, from);
  if (!queued.ok) return queued;
  const [here] = queued.value;
  if (here !== undefined) {
    const { JobStatus: state, RemoteHost: slot, HoldReason: holdReason } = here;
    return good({ at: "queue", state, slot, holdReason: state === "held" ? holdReason : undefined });
  }
  if (history === undefined) return good({ at: "untold" });
  const past = parseAds(sight, history, from);
  if (!past.ok) return past;
  const [was] = past.value;
  if (was === undefined) return good({ at: "nowhere" });
  const { JobStatus: state, LastRemoteHost: slot, ExitCode: exitCode, RemoveReason: reason } = was;
  return good({ at: "history", state, slot, exitCode, reason });
}
