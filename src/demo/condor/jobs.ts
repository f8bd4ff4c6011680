import type { JobSight, TestJob } from "../../domain/condor/test-job.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Chance } from "../chance.ts";

/** How a job ends once it has run. */
export type JobEnding = { as: "done"; code: number } | { as: "held"; reason: SafeText };

/** A job as the demo's schedd has it. */
export interface DemoJob {
  id: SafeText;
  owner: SafeText;
  command: SafeText;
  submittedAt: Instant;
  where: TestJob["where"];
  runMs: number;
  ending: JobEnding;
  now:
    | { state: "idle"; since: Instant }
    | { state: "running"; since: Instant; machine: SafeText; slot: SafeText }
    | { state: "held"; since: Instant; reason: SafeText };
  /** What the history has of it. */
  left?: Omit<Extract<JobSight, { at: "history" }>, "at">;
}

const owners = [text`ana`, text`bo`, text`chen`];
const programs = ["/usr/bin/simulate", "/opt/blast/bin/blastn", "/usr/bin/python3 fit.py", "/usr/bin/render"];
const missing = text`Failed to execute '/opt/blast/bin/blastp': (errno=2: 'No such file or directory')`;

/** A job as users bring them: most run for a minute or so, one in nine names a program that the slot does not have. */
export function someJob(draw: Chance, id: SafeText, at: Instant): DemoJob {
  const owner = owners[draw.between(0, owners.length - 1)] ?? text`ana`;
  const isWrong = draw.between(1, 9) === 9;
  const program = isWrong ? "/opt/blast/bin/blastp" : (programs[draw.between(0, programs.length - 1)] ?? "");
  return {
    ...{ id, owner, submittedAt: at, where: { on: "any" }, now: { state: "idle", since: at } },
    command: clean(`${program} ${draw.between(1, 400)}`),
    runMs: isWrong ? 1000 : draw.between(15, 90) * 1000,
    ending: isWrong ? { as: "held", reason: missing } : { as: "done", code: 0 },
  };
}

/** env(1) ends with 127 when there is no such program. */
export function endOf(program: string): JobEnding {
  const known = ["sleep", "true", "hostname", "date", "uname", "/bin/sleep", "/bin/true", "/bin/hostname"];
  if (program === "false") return { as: "done", code: 1 };
  return { as: "done", code: known.includes(program) ? 0 : 127 };
}
