import type { PoolAds } from "../domain/condor/ads.ts";
import type { Queue } from "../domain/condor/queue.ts";
import type { JobSight, TestJob } from "../domain/condor/test-job.ts";
import type { ContainerId } from "../domain/ids.ts";
import type { SafeText } from "../domain/text.ts";
import type { Outcome } from "../domain/trouble.ts";
import type { Deadline } from "./clock.ts";

/** HTCondor as its own programs in a running container tell it. A program that fails is `program-failed` with its words. */
export interface Condor {
  /** What the collector knows: `condor_status -any`. */
  status(container: ContainerId, within: Deadline): Promise<Outcome<PoolAds>>;
  /** What `condor_status` prints, line by line. */
  printed(container: ContainerId, within: Deadline): Promise<Outcome<readonly SafeText[]>>;
  /**
   * The queue of the schedd in the container, counted as a whole: `condor_q -all`. Of a longer one than `longestQueue` so
   * many jobs are read, and so many of the held ones.
   */
  queue(container: ContainerId, within: Deadline): Promise<Outcome<Queue>>;
  /** Submits it as its user; the job's id. Its callers ask `ReadOnly` first. */
  submit(container: ContainerId, job: TestJob, within: Deadline): Promise<Outcome<SafeText>>;
  /** Where a job is that was submitted there: `condor_q`, and then `condor_history`. */
  sight(container: ContainerId, job: SafeText, within: Deadline): Promise<Outcome<JobSight>>;
  /** `condor_rm`, as the job's own user. Good also when it is gone. Its callers ask `ReadOnly` first. */
  remove(container: ContainerId, job: SafeText, user: string, within: Deadline): Promise<Outcome<void>>;
}

/** Jobs that are read of one queue at once. */
export const longestQueue = 2000;
