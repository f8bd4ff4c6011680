import type { PoolAds, SlotAd } from "../domain/condor/ads.ts";
import { type Home, type Member, membersOf, missingMembers } from "../domain/condor/members.ts";
import { jobCounts } from "../domain/condor/queue.ts";
import { type Slot, slotsOf } from "../domain/condor/slots.ts";
import { totalsOf } from "../domain/condor/totals.ts";
import type { Finding } from "../domain/finding.ts";
import type { CondorSpec } from "../domain/spec/spec.ts";
import type { SafeText } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import type { QueuedJob } from "../services/pool/pool-watch.ts";
import { findingDocument } from "./finding-document.ts";

/** A pool as it was seen once. */
export interface PoolSeen {
  manager: SafeText;
  at: Instant;
  ads: PoolAds;
  /** Undefined: no queue could be read. */
  jobs: readonly QueuedJob[] | undefined;
  homes: readonly Home[];
  condor: CondorSpec | undefined;
  /** Why members are not in it, and whatever else is wrong. */
  findings: readonly Finding[];
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
    jobs: seen.jobs === undefined ? null : jobsDocument(seen.jobs),
    missing: missingMembers(members),
    findings: seen.findings.map(findingDocument),
    error: null,
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

const jobsDocument = (jobs: readonly QueuedJob[]) => ({
  ...jobCounts(jobs),
  held: jobs
    .filter((job) => job.state === "held")
    .map(({ id, schedd, owner, holdReason }) => ({ id, schedd, owner, reason: holdReason ?? null })),
});
