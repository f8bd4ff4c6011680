import { compareNames, type SafeText } from "../text.ts";

/** `JobStatus` (HTCondor manual, "Job ClassAd Attributes"). */
export const jobStates = {
  1: "idle",
  2: "running",
  3: "removed",
  4: "completed",
  5: "held",
  6: "transferring",
  7: "suspended",
} as const;
export type JobState = (typeof jobStates)[keyof typeof jobStates];

/** A job of a queue. Ages are of the moment when its schedd was asked, ms. */
export interface Job {
  /** "12.0" */
  id: SafeText;
  owner: SafeText;
  state: JobState;
  /** Program and arguments. */
  command: SafeText;
  /** The slot that it runs on. */
  slot: SafeText | undefined;
  holdReason: SafeText | undefined;
  submittedMs: number | undefined;
  /** In its state. */
  stateMs: number | undefined;
}

const urgency: Record<JobState, number> = {
  held: 0,
  running: 1,
  transferring: 1,
  suspended: 1,
  idle: 2,
  completed: 3,
  removed: 3,
};

/** What needs somebody first: held, then running, then idle; each by its number. */
export const inOrder = (jobs: readonly Job[]): Job[] =>
  [...jobs].sort((a, b) => urgency[a.state] - urgency[b.state] || compareNames(a.id, b.id));

/** How many jobs are in each of the three states that people ask for. */
export interface JobCounts {
  running: number;
  idle: number;
  held: number;
}

export function jobCounts(jobs: readonly Pick<Job, "state">[]): JobCounts {
  const count = (...states: JobState[]): number => jobs.filter((job) => states.includes(job.state)).length;
  return { running: count("running", "transferring", "suspended"), idle: count("idle"), held: count("held") };
}
