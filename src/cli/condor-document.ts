import type { PoolAds, SlotAd } from "../domain/condor/ads.ts";
import { type Home, type Member, membersOf, missingMembers } from "../domain/condor/members.ts";
import { sumOf } from "../domain/condor/queue.ts";
import { type Slot, slotsOf } from "../domain/condor/slots.ts";
import { totalsOf } from "../domain/condor/totals.ts";
import { explain } from "../domain/explain.ts";
import type { Finding } from "../domain/finding.ts";
import { lastSeen } from "../domain/part.ts";
import type { CondorSpec } from "../domain/spec/spec.ts";
import { type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { Explained } from "../domain/trouble.ts";
import type { ScheddQueue } from "../services/pool/pool-watch.ts";
import { findingDocument } from "./finding-document.ts";

/** A pool as it was seen once. */
export interface PoolSeen {
  manager: SafeText;
  at: Instant;
  ads: PoolAds;
  queues: readonly ScheddQueue[];
  homes: readonly Home[];
  condor: CondorSpec | undefined;
  /** Why members are not in it, and whatever else is wrong. */
  findings: readonly Finding[];
  /** Why more may be wrong than the findings tell. */
  error: Explained | undefined;
}

/** What `condor --json` prints. Scripts rely on these names; more may be added, none is taken away. */
export function condorDocument(seen: PoolSeen) {
  const members = membersOf(seen.ads, seen.homes, seen.condor);
  return {
    manager: seen.manager,
    slots: slotsOf(seen.ads, seen.homes).flatMap((slot) =>
      [slot.ad, ...slot.parts].map((ad) => slotDocument(ad, slot, seen.at)),
    ),
    totals: totalsOf(seen.ads.slots),
    daemons: members.flatMap((member) => memberDocument(member)),
    jobs: jobsDocument(seen.queues),
    queues: seen.queues.map(queueDocument),
    missing: missingMembers(members),
    findings: seen.findings.map(findingDocument),
    error: seen.error === undefined ? null : { what: seen.error.what, remedy: seen.error.remedy },
  };
}

/** The same where there is no pool to be seen. */
export const noPoolDocument = (
  manager: SafeText | undefined,
  missing: readonly SafeText[],
  findings: readonly Finding[],
  error: { what: SafeText; remedy: SafeText },
) => ({
  manager: manager ?? null,
  slots: [],
  totals: [],
  daemons: [],
  jobs: null,
  queues: [],
  missing,
  findings: findings.map(findingDocument),
  error,
});

function slotDocument(ad: SlotAd, { home, cpus, memoryMb, ad: whole }: Slot, at: Instant) {
  const own = ad === whole;
  return {
    name: ad.name,
    container: home?.name ?? null,
    node: home?.node ?? null,
    address: ad.address ?? null,
    kind: ad.kind,
    state: ad.state ?? null,
    activity: ad.activity ?? null,
    activitySeconds: ad.activityMs === undefined ? null : Math.round(ad.activityMs / 1000),
    cpus: own ? cpus.total : ad.cpus,
    cpusUsed: own ? cpus.used : ad.cpus,
    /** MiB, as HTCondor counts it. */
    memory: own ? memoryMb.total : ad.memoryMb,
    memoryUsed: own ? memoryMb.used : ad.memoryMb,
    load: ad.load ?? null,
    owner: ad.owner ?? null,
    job: ad.job ?? null,
    lastHeardFrom: ad.heardMs === undefined ? null : new Date(at - ad.heardMs).toISOString(),
  };
}

const memberDocument = ({ name, home, daemons }: Member) =>
  daemons.map(({ kind, state, ad }) => ({
    container: name,
    node: home?.node ?? null,
    daemon: kind,
    state,
    version: ad?.version ?? null,
  }));

/** Null when no queue could be read. */
function jobsDocument(queues: readonly ScheddQueue[]) {
  const told = queues.flatMap(({ home, queue }) => {
    const value = lastSeen(queue);
    return value === undefined ? [] : [{ home, value }];
  });
  if (told.length === 0 && queues.length > 0) return null;
  const { running, idle, total } = sumOf(told.map(({ value }) => value));
  return {
    ...{ running, idle, total },
    held: told.flatMap(({ home, value }) =>
      value.jobs
        .filter((job) => job.state === "held")
        .map(({ id, owner, holdReason }) => ({ id, schedd: home.name, owner, reason: holdReason ?? null })),
    ),
  };
}

/** A queue and how much of it is known. */
function queueDocument({ home, queue }: ScheddQueue) {
  const value = lastSeen(queue);
  const trouble = queueTrouble({ home, queue });
  return {
    container: home.name,
    node: home.node,
    ...(value === undefined ? { running: null, idle: null, held: null, total: null } : sumOf([value])),
    /** How many of its jobs were read; its held ones are among them. */
    read: value?.jobs.length ?? null,
    error: trouble === undefined ? null : { what: trouble.what, remedy: trouble.remedy },
  };
}

/** Why a queue cannot be told; undefined of one that is. */
export function queueTrouble({ home, queue }: ScheddQueue): Explained | undefined {
  if (queue.state === "fresh") return undefined;
  if (queue.state !== "waiting") return explain(queue.trouble, home.node);
  return {
    what: text`condor_q in ${home.name} was not asked to its end`,
    remedy: text`Give it more time with --timeout.`,
  };
}
