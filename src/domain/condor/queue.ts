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
export const inOrder = <Of>(some: readonly Of[], job: (one: Of) => Pick<Job, "id" | "state">): Of[] =>
  [...some].sort((a, b) => urgency[job(a).state] - urgency[job(b).state] || compareNames(job(a).id, job(b).id));

/** How many jobs are in each of the three states that people ask for. */
export interface JobCounts {
  running: number;
  idle: number;
  held: number;
}

/** What one schedd tells of its queue. */
export interface Queue {
  /** Those that were read: of a queue that is longer than what is read at once, its held ones and as many as there was room for. */
  jobs: readonly Job[];
  /** Of all its jobs, whether they were read or not. */
  counts: JobCounts;
  total: number;
}

/** A queue of which every job was read. */
export const wholeQueue = (jobs: readonly Job[]): Queue => ({ jobs, counts: jobCounts(jobs), total: jobs.length });

/** Whether it has jobs that were not read. */
export const isCut = ({ jobs, total }: Queue): boolean => total > jobs.length;

export function jobCounts(jobs: readonly Pick<Job, "state">[]): JobCounts {
  const count = (...states: JobState[]): number => jobs.filter((job) => states.includes(job.state)).length;
  return { running: count("running", "transferring", "suspended"), idle: count("idle"), held: count("held") };
}

/** Several queues as one figure. */
export function sumOf(queues: readonly Queue[]): JobCounts & { total: number } {
  const sum = (of: (queue: Queue) => number): number => queues.reduce((all, one) => all + of(one), 0);
  return {
    running: sum(({ counts }) => counts.running),
    idle: sum(({ counts }) => counts.idle),
    held: sum(({ counts }) => counts.held),
    total: sum(({ total }) => total),
  };
}
