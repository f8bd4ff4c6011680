import { type Job, wholeQueue } from "../../domain/condor/queue.ts";
import { submitDescription } from "../../domain/condor/test-job.ts";
import type { ContainerId } from "../../domain/ids.ts";
import { clean, cleanLines, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import { type Condor, longestQueue } from "../../ports/condor.ts";
import type { CommandEnd, ContainerExec } from "../../ports/container-exec.ts";
import { parseQueue, parseSight, parseTotals, queueAttributes, sightAttributes } from "./parse-queue.ts";
import { parseStatus, statusAttributes } from "./parse-status.ts";

/*
 * The time in the container, and then what the program printed: ages must not hang on the operator's clock. A question that
 * nobody waits for any more must not stay either, so it is ended after a while where the image has timeout(1).
 */
const timed = `
LC_ALL=C
export LC_ALL
date +%s
if command -v timeout >/dev/null; then exec timeout 15 "$@"; else exec "$@"; fi
`;

/**
 * One job: what the queue has of it; and only when that is nothing what the history has, for it may be long and is read
 * from its end to its beginning for a job that it does not have. "$1" is its id, then the attributes. Without HISTORY in
 * its configuration condor_history fails: there is nothing to be learnt from it then.
 */
const sought = `
LC_ALL=C
export LC_ALL
within() { if command -v timeout >/dev/null; then timeout 15 "$@"; else "$@"; fi; }
queue=$(within condor_q "$1" -json -attributes "$2") || exit
printf '%s\\n' "$queue"
case $queue in *{*) exit 0 ;; esac
echo
past=$(within condor_history "$1" -limit 1 -json -attributes "$2")
code=$?
[ "$code" -ne 124 ] || exit 124
echo "-- history --"
if [ "$code" -eq 0 ]; then printf '%s\\n' "$past"; else echo none; fi
`;
const border = "\n-- history --\n";

/** Of the pool's ads those of users and submitters are left out: there may be many, and nobody looks at them here. */
const noUsers = 'MyType =!= "Accounting" && MyType =!= "Submitter"';

/** HTCondor by its own programs. */
export function createCondor(exec: ContainerExec): Condor {
  const asked = async <T>(
    container: ContainerId,
    argv: readonly [string, ...string[]],
    within: Deadline,
    parse: (printed: string, now: number, from: SafeText) => Outcome<T>,
  ): Promise<Outcome<T>> => {
    const ran = await exec.run(container, ["/bin/sh", "-s", "--", ...argv], timed, within);
    const end = ended(ran, argv[0]);
    if (!end.ok) return end;
    const line = end.value.indexOf("\n");
    return parse(end.value.slice(line + 1), Number(end.value.slice(0, line)), clean(argv[0]));
  };
  const jobsOf = (
    container: ContainerId,
    which: readonly string[],
    within: Deadline,
  ): Promise<Outcome<readonly Job[]>> =>
    asked(
      container,
      ["condor_q", "-all", ...which, "-limit", String(longestQueue), "-json", "-attributes", queueAttributes.join(",")],
      within,
      parseQueue,
    );
  return {
    status: (container, within) =>
      asked(
        container,
        ["condor_status", "-any", "-json", "-constraint", noUsers, "-attributes", statusAttributes.join(",")],
        within,
        parseStatus,
      ),
    printed: (container, within) =>
      asked(container, ["condor_status"], within, (printed) => good(cleanLines(printed.replace(/\n+$/, ""), 5000))),
    async queue(container, within) {
      const first = await jobsOf(container, [], within);
      if (!first.ok) return first;
      if (first.value.length < longestQueue) return good(wholeQueue(first.value));
      const [totals, held] = await Promise.all([
        asked(container, ["condor_q", "-all", "-totals"], within, (printed, _, from) => parseTotals(printed, from)),
        jobsOf(container, ["-constraint", "JobStatus == 5"], within),
      ]);
      if (!totals.ok) return totals;
      if (!held.ok) return held;
      const known = new Set(held.value.map((job) => String(job.id)));
      const jobs = [...held.value, ...first.value.filter((job) => !known.has(job.id))];
      // The three answers are of three moments.
      return good({ jobs, counts: totals.value.counts, total: Math.max(totals.value.total, jobs.length) });
    },
    async submit(container, job, within) {
      const ran = await exec.run(container, ["condor_submit", "-terse"], submitDescription(job), within, job.user);
      const end = ended(ran, "condor_submit");
      if (!end.ok) return end;
      // "12.0 - 12.0": the first and the last of the jobs.
      const id = /^(\d+\.\d+)/m.exec(end.value)?.[1];
      if (id !== undefined) return good(clean(id));
      return bad({ kind: "bad-answer", from: text`condor_submit`, detail: clean(end.value, 200) });
    },
    async sight(container, job, within) {
      const argv = ["/bin/sh", "-s", "--", job, sightAttributes.join(",")];
      const end = ended(await exec.run(container, argv, sought, within), "condor_q");
      if (!end.ok) return end;
      const [queue = "", history = ""] = end.value.split(border);
      return parseSight(queue, history.trim() === "none" ? undefined : history, text`condor_q`);
    },
    async remove(container, job, user, within) {
      const end = ended(await exec.run(container, ["condor_rm", job], "", within, user), "condor_rm");
      if (!end.ok && end.trouble.kind === "program-failed" && /not found/i.test(end.trouble.detail))
        return good(undefined);
      return end.ok ? good(undefined) : end;
    },
  };
}

/** What the program printed; its own words when it failed. */
function ended(ran: Outcome<CommandEnd>, program: string): Outcome<string> {
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr } = ran.value;
  if (exitCode === 0) return good(stdout);
  if (exitCode === 124) {
    return bad({ kind: "timed-out", what: clean(program), afterMs: 15_000 });
  }
  const isMissing = exitCode === 127 || (exitCode === 126 && /executable file not found/.test(stdout));
  if (isMissing) {
    return bad({
      kind: "tool-missing",
      tool: clean(program),
      remedy: text`its container has no HTCondor, or is not the one that was meant.`,
    });
  }
  const said = `${stderr}\n${stderr.trim() === "" ? stdout : ""}`.split("\n").filter((line) => line.trim() !== "");
  const detail = said.length === 0 ? text`it ended with code ${exitCode}` : clean(said.slice(0, 4).join(" "), 300);
  return bad({ kind: "program-failed", program: clean(program), detail });
}
