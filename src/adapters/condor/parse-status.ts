import { z } from "zod";
import { type DaemonAd, type PoolAds, type SlotAd, slotStates } from "../../domain/condor/ads.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { figure, parseAds, since, words, yes } from "./class-ads.ts";

/** HTCondor manual, "Machine ClassAd Attributes". */
const ad = z.object({
  MyType: words,
  Name: words,
  Machine: words,
  MyAddress: words,
  State: z.enum(slotStates).optional().catch(undefined),
  Activity: words,
  SlotType: words,
  PartitionableSlot: yes,
  DynamicSlot: yes,
  Cpus: figure,
  TotalSlotCpus: figure,
  Memory: figure,
  TotalSlotMemory: figure,
  LoadAvg: figure,
  OpSys: words,
  Arch: words,
  CondorVersion: words,
  RemoteOwner: words,
  JobId: words,
  LastHeardFrom: figure,
  MyCurrentTime: figure,
  EnteredCurrentActivity: figure,
});
type Ad = z.output<typeof ad>;

/** What is asked for, so that a large pool's answer stays small. */
export const statusAttributes: readonly string[] = Object.keys(ad.shape);

/** `MyType` of the ads that tell of a daemon. Slots are "Machine", and "Slot" in versions to come (condor_adtypes.h). */
const daemons: Readonly<Record<string, DaemonAd["kind"]>> = {
  Collector: "collector",
  Negotiator: "negotiator",
  Scheduler: "schedd",
  StartD: "startd",
  DaemonMaster: "master",
};

/** The ads that `condor_status -any -json` printed; `now` is the collector's own time then, s since 1970. */
export function parseStatus(printed: string, now: number, from: SafeText): Outcome<PoolAds> {
  const ads = parseAds(ad, printed, from);
  if (!ads.ok) return ads;
  const slots: SlotAd[] = [];
  const found: DaemonAd[] = [];
  for (const one of ads.value) {
    const { Name: name, MyType: type = "" } = one;
    if (name === undefined) continue;
    const kind = daemons[type];
    if (kind !== undefined) found.push({ kind, ...placeOf(one, name, now) });
    else if (type === "Machine" || type === "Slot") slots.push(slotOf(one, name, now));
  }
  return good({ slots, daemons: found });
}

function placeOf(one: Ad, name: SafeText, now: number) {
  const machine = one.Machine ?? clean(name.slice(name.lastIndexOf("@") + 1));
  return {
    ...{ name, machine, address: hostIn(one.MyAddress), heardMs: since(one.LastHeardFrom, now) },
    version: versionIn(one.CondorVersion),
  };
}

function slotOf(one: Ad, name: SafeText, now: number): SlotAd {
  const place = placeOf(one, name, now);
  const [cpus, memoryMb] = [one.Cpus ?? 0, one.Memory ?? 0];
  // Both times are the slot's own; since then it has only grown older.
  const inActivity = one.MyCurrentTime === undefined ? undefined : since(one.EnteredCurrentActivity, one.MyCurrentTime);
  return {
    ...place,
    kind: kindOf(one),
    state: one.State,
    activity: one.Activity,
    activityMs: inActivity === undefined ? undefined : inActivity + (place.heardMs ?? 0),
    ...{ cpus, memoryMb, totalCpus: one.TotalSlotCpus ?? cpus, totalMemoryMb: one.TotalSlotMemory ?? memoryMb },
    // -1 until it was measured for the first time.
    load: one.LoadAvg === undefined || one.LoadAvg < 0 ? undefined : one.LoadAvg,
    ...{ owner: one.RemoteOwner, job: one.JobId },
    platform: text`${one.Arch ?? text`?`}/${one.OpSys ?? text`?`}`,
  };
}

/** `SlotType`; versions before 8.8 have only the two flags. */
function kindOf({ SlotType: type, PartitionableSlot: whole, DynamicSlot: part }: Ad): SlotAd["kind"] {
  if (type === "Partitionable" || whole === true) return "partitionable";
  return type === "Dynamic" || part === true ? "dynamic" : "static";
}

/** The host of "<10.10.10.3:9618?addrs=…>" (a "sinful string", HTCondor's internals/sinful). */
function hostIn(sinful: SafeText | undefined): SafeText | undefined {
  const found = /^<(?:\[([0-9A-Fa-f:.]+)\]|([^:?>]+)):\d+/.exec(sinful ?? "");
  const host = found?.[1] ?? found?.[2];
  return host === undefined ? undefined : clean(host);
}

/** "23.9.6" of "$CondorVersion: 23.9.6 2026-07-12 PackageID: … $" */
function versionIn(raw: SafeText | undefined): SafeText | undefined {
  const version = /\$CondorVersion: (\S+)/.exec(raw ?? "")?.[1];
  return version === undefined ? undefined : clean(version);
}
