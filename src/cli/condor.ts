import { homesIn, membersOf, missingMembers, wantedDaemons } from "../domain/condor/members.ts";
import { sumOf } from "../domain/condor/queue.ts";
import { totalsOf } from "../domain/condor/totals.ts";
import { explain } from "../domain/explain.ts";
import type { Finding } from "../domain/finding.ts";
import { lastSeen } from "../domain/part.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import { age } from "../domain/time.ts";
import type { Explained } from "../domain/trouble.ts";
import type { World } from "../ports/world.ts";
import { PoolCheckup } from "../services/pool/pool-checkup.ts";
import { type PoolSubject, PoolWatch, type ScheddQueue } from "../services/pool/pool-watch.ts";
import { refuseAll } from "../services/prompts.ts";
import { settled } from "../services/settle.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import { condorDocument, noPoolDocument, type PoolSeen, queueTrouble } from "./condor-document.ts";
import { type ExitCode, exit } from "./exit.ts";
import { findingText } from "./finding-text.ts";
import { textTable } from "./text-table.ts";

/** The pool as `condor_status` and `condor_q` see it, as text or JSON on `print`. */
export async function condor(
  spec: Spec,
  world: World,
  options: { json: boolean; timeoutMs: number; container: string | undefined },
  print: (output: string) => void,
): Promise<ExitCode> {
  const subject = poolSubject(spec, options.container);
  const fail = (error: Explained, found: readonly Finding[] = []): ExitCode => {
    const missing = options.container === undefined ? [...wantedDaemons(spec.condor).keys()] : [];
    const document = noPoolDocument(subject?.name, missing, found, error);
    const words = [`${error.what}\n${error.remedy}`, ...found.map(findingText)].join("\n\n");
    print(options.json ? `${JSON.stringify(document, null, 2)}\n` : `${words}\n`);
    return exit.failed;
  };
  if (subject === undefined) return fail(noPool);
  const watch = new ClusterWatch(spec, world, refuseAll);
  const limit = AbortSignal.timeout(2 * options.timeoutMs);
  try {
    const snapshot = await settled(watch, world.clock, options.timeoutMs);
    const { clock } = world;
    const pool = new PoolWatch({ watch, clock, subject });
    const ofFile = options.container === undefined && spec.condor !== undefined;
    const checkup = new PoolCheckup({ watch, clock, spec, pool: pool.state });
    const [looked] = await Promise.all([ofFile ? checkup.look(limit) : [], pool.look(limit)]);
    const findings = looked ?? [];
    const { ads, queues, asked } = pool.state.get();
    if (ads.state !== "fresh") {
      const trouble = "trouble" in ads ? ads.trouble : undefined;
      const late = { kind: "timed-out", what: subject.name, afterMs: 2 * options.timeoutMs } as const;
      return fail(explain(trouble ?? late, asked?.node ?? subject.node ?? subject.name), findings);
    }
    const seen: PoolSeen = {
      ...{ manager: subject.name, at: ads.at, ads: ads.value, homes: homesIn(snapshot) },
      queues,
      condor: options.container === undefined ? spec.condor : undefined,
      findings,
      error: looked === undefined ? notLooked(2 * options.timeoutMs) : undefined,
    };
    const document = condorDocument(seen);
    print(options.json ? `${JSON.stringify(document, null, 2)}\n` : `${poolText(seen).join("\n")}\n`);
    return verdictOn(seen);
  } finally {
    await watch.stop();
  }
}

/** Fine only of a pool that has slots and lacks nobody, and of which all is known. */
export function verdictOn({ ads, homes, condor, findings, error }: PoolSeen): ExitCode {
  const missing = missingMembers(membersOf(ads, homes, condor));
  const isWrong = error !== undefined || missing.length > 0 || findings.some((one) => one.severity === "error");
  return !isWrong && ads.slots.length > 0 ? exit.fine : exit.failed;
}

/** The container that knows the pool: the one that was named, else the manager of the file. */
export function poolSubject(spec: Spec, container: string | undefined): PoolSubject | undefined {
  const name = container === undefined ? spec.condor?.manager : clean(container);
  if (name === undefined) return undefined;
  const placed = spec.containers.find((one) => one.name === name);
  return { name, node: placed?.node };
}

const noPool: Explained = {
  what: text`the file has no pool`,
  remedy: text`Give it a "condor:" section with a manager, or name a container that has HTCondor with --container.`,
};

/** Whether something is wrong in a member is not known then, and no script may take that for a healthy pool. */
export const notLooked = (ms: number): Explained => ({
  what: text`not every member was looked at within ${Math.round(ms / 1000)} s: what is wrong in them is not known`,
  remedy: text`Give it more time with --timeout.`,
});

/** The pool for people to read. */
export function poolText(seen: PoolSeen): string[] {
  const { at, ads, queues, homes, condor: wanted, findings, error } = seen;
  const document = condorDocument(seen);
  const slots = textTable([
    ["SLOT", "CONTAINER", "NODE", "ADDRESS", "STATE", "ACTIVITY", "CORES", "MEMORY", "LOAD", "JOB", "OWNER", "HEARD"],
    ...document.slots.map((slot) => [
      ...[slot.name, slot.container ?? "-", slot.node ?? "-", slot.address ?? "-", slot.state ?? "-"],
      slot.activitySeconds === null
        ? (slot.activity ?? "-")
        : `${slot.activity ?? "-"} ${age(slot.activitySeconds * 1000)}`,
      `${slot.cpusUsed} of ${slot.cpus}`,
      `${slot.memoryUsed} of ${slot.memory} MiB`,
      slot.load === null ? "-" : slot.load.toFixed(2),
      ...[slot.job ?? "-", slot.owner ?? "-"],
      slot.lastHeardFrom === null ? "-" : `${age(at - Date.parse(slot.lastHeardFrom))} ago`,
    ]),
  ]);
  const totals = textTable([
    ["TOTAL", "OWNER", "CLAIMED", "UNCLAIMED", "MATCHED", "PREEMPTING", "DRAIN", "BACKFILL", ""],
    ...totalsOf(ads.slots).map((row) => [
      ...[row.total, row.owner, row.claimed, row.unclaimed, row.matched, row.preempting, row.drain, row.backfill].map(
        String,
      ),
      row.platform,
    ]),
  ]);
  const members = membersOf(ads, homes, wanted).map((one) => {
    const daemons = joined(one.daemons.map(({ kind, state }) => text`${clean(kind)} ${clean(state)}`));
    return `${one.name}${one.home === undefined ? "" : ` on ${one.home.node}`}: ${daemons}`;
  });
  const wrong = findings.flatMap((one) => ["", findingText(one)]);
  const unknown = error === undefined ? [] : ["", error.what, error.remedy];
  return ["", slots, "", totals, "", ...members, "", ...jobLines(queues), ...wrong, ...unknown].slice(1);
}

function jobLines(queues: readonly ScheddQueue[]): SafeText[] {
  const told = queues.flatMap(({ home, queue }) => {
    const value = lastSeen(queue);
    return value === undefined ? [] : [{ home, value }];
  });
  const silent = queues.flatMap((one) => {
    const trouble = queueTrouble(one);
    return trouble === undefined ? [] : [text`queue of ${one.home.name}: ${trouble.what}`, trouble.remedy];
  });
  if (told.length === 0 && queues.length > 0) return [text`no queue could be read`, ...silent];
  const { running, idle, held, total } = sumOf(told.map(({ value }) => value));
  const count = told.reduce((sum, { value }) => sum + value.jobs.length, 0);
  const read = count < total ? text` (${count} of ${total} are read)` : text``;
  const heldLines = told.flatMap(({ home, value }) => {
    const where = queues.length > 1 ? text` in ${home.name}` : text``;
    return value.jobs
      .filter((job) => job.state === "held")
      .map((job) => text`held: ${job.id}${where} of ${job.owner}: ${job.holdReason ?? text`no reason told`}`);
  });
  return [text`jobs: ${running} running, ${idle} idle, ${held} held${read}`, ...heldLines, ...silent];
}
