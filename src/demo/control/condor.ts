import type { PoolAds } from "../../domain/condor/ads.ts";
import { type Queue, wholeQueue } from "../../domain/condor/queue.ts";
import type { JobSight, TestJob } from "../../domain/condor/test-job.ts";
import { totalsOf } from "../../domain/condor/totals.ts";
import type { ContainerId } from "../../domain/ids.ts";
import { clean, cleanLines, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Clock, Deadline } from "../../ports/clock.ts";
import type { Condor } from "../../ports/condor.ts";
import { pass } from "../calls.ts";
import type { Cluster } from "../cluster.ts";
import type { DemoContainer } from "../containers.ts";
import type { DemoLink } from "../link.ts";
import { refused } from "../refusal.ts";
import { engineQuestion } from "./change.ts";

const takesMs = 150;

/** Accounts of the image. */
const accounts = ["nobody", "daemon", "bin"];

/** HTCondor in the containers of one machine: all of them see the demo's one pool. */
export class DemoCondor implements Condor {
  readonly #on: { link: DemoLink; clock: Clock; cluster: Cluster };

  constructor(on: { link: DemoLink; clock: Clock; cluster: Cluster }) {
    this.#on = on;
  }

  status(container: ContainerId, within: Deadline): Promise<Outcome<PoolAds>> {
    return this.#asked(container, "condor_status", within, (here) =>
      this.#collector(here, () => good(this.#pool.status())),
    );
  }

  printed(container: ContainerId, within: Deadline): Promise<Outcome<readonly SafeText[]>> {
    return this.#asked(container, "condor_status", within, (here) =>
      this.#collector(here, () => good(cleanLines(printedStatus(this.#pool.status())))),
    );
  }

  queue(container: ContainerId, within: Deadline): Promise<Outcome<Queue>> {
    return this.#asked(container, "condor_q", within, (here) =>
      this.#schedd(here, () => good(wholeQueue(this.#pool.queue()))),
    );
  }

  submit(container: ContainerId, job: TestJob, within: Deadline): Promise<Outcome<SafeText>> {
    return this.#asked(container, "condor_submit", within, (here) => {
      if (!accounts.includes(job.user)) {
        // An engine of 20.10 makes it the program's own output.
        const detail = text`unable to find user ${clean(job.user)}: no matching entries in passwd file`;
        return bad({ kind: "program-failed", program: text`condor_submit`, detail });
      }
      return this.#schedd(here, () => good(this.#pool.submit(job)));
    });
  }

  sight(container: ContainerId, job: SafeText, within: Deadline): Promise<Outcome<JobSight>> {
    return this.#asked(container, "condor_q", within, (here) => this.#schedd(here, () => good(this.#pool.sight(job))));
  }

  remove(container: ContainerId, job: SafeText, _user: string, within: Deadline): Promise<Outcome<void>> {
    return this.#asked(container, "condor_rm", within, (here) =>
      this.#schedd(here, () => {
        this.#pool.remove(job);
        return good(undefined);
      }),
    );
  }

  get #pool() {
    return this.#on.cluster.pool;
  }

  #collector<T>(container: DemoContainer, answer: () => Outcome<T>): Outcome<T> {
    if (this.#pool.managed && this.#on.cluster.members.hasCollector(container)) return answer();
    const detail = text`Error: communication error; CEDAR:6001:Failed to connect to the collector`;
    return bad({ kind: "program-failed", program: text`condor_status`, detail });
  }

  #schedd<T>(container: DemoContainer, answer: () => Outcome<T>): Outcome<T> {
    if (this.#on.cluster.members.of(container).master?.daemons.includes("schedd")) return answer();
    const detail = text`Error: Can't find address for schedd ${container.name}`;
    return bad({ kind: "program-failed", program: text`condor_q`, detail });
  }

  async #asked<T>(
    id: ContainerId,
    program: string,
    within: Deadline,
    answer: (container: DemoContainer) => Outcome<T>,
  ): Promise<Outcome<T>> {
    const { link, clock, cluster } = this.#on;
    await pass(clock, takesMs);
    return engineQuestion({ link, clock }, within, () => {
      const container = link.machine.runtime.all.get(id);
      if (container === undefined) return refused(404, text`No such container: ${id}`);
      if (container.run.state !== "running") return refused(409, text`Container ${id} is not running`);
      if (cluster.members.hasCondor(container)) return answer(container);
      const remedy = text`its container has no HTCondor, or is not the one that was meant.`;
      return bad({ kind: "tool-missing", tool: clean(program), remedy });
    });
  }
}

/** The table that `condor_status` prints. */
function printedStatus({ slots }: PoolAds): string {
  const pad = (value: string | number, width: number): string => String(value).padStart(width);
  const rows = slots.map((slot) =>
    [
      slot.name.padEnd(18),
      "LINUX      X86_64",
      (slot.state ?? "").padEnd(9),
      (slot.activity ?? "").padEnd(8),
      pad((slot.load ?? 0).toFixed(3), 6),
      pad(slot.memoryMb, 5),
      ` ${condorTime(slot.activityMs ?? 0)}`,
    ].join(" "),
  );
  const totals = totalsOf(slots).map((row) =>
    [
      pad(row.platform, 14),
      ...[pad(row.total, 5), pad(row.owner, 5), pad(row.claimed, 7), pad(row.unclaimed, 9), pad(row.matched, 7)],
      ...[pad(row.preempting, 10), pad(row.drain, 6), pad(row.backfill, 8)],
    ].join(" "),
  );
  const [head, foot] = [
    "Name               OpSys      Arch   State     Activity LoadAv Mem    ActvtyTime",
    "               Total Owner Claimed Unclaimed Matched Preempting  Drain Backfill",
  ];
  return [head, "", ...rows, "", foot, "", ...totals.slice(0, -1), "", ...totals.slice(-1)].join("\n");
}

/** "0+00:01:30": days, hours, minutes and seconds. */
export function condorTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  return `${Math.floor(hours / 24)}+${two(hours % 24)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}
