import { clean, compareNames, type SafeText } from "../text.ts";
import { type PoolAds, partitionableOf, type SlotAd, type SlotState, slotKey } from "./ads.ts";
import { type Home, homeFinder } from "./members.ts";

/** A slot in its place, with the dynamic ones that were cut from it. */
export interface Slot {
  ad: SlotAd;
  /** Undefined: none of the cluster's running containers. */
  home: Home | undefined;
  parts: readonly SlotAd[];
  cpus: Used;
  memoryMb: Used;
}

export interface Used {
  used: number;
  total: number;
}

/** Slots of all machines, by name. A dynamic slot whose partitionable one, at its address, is unknown stands by itself. */
export function slotsOf(ads: PoolAds, homes: readonly Home[]): Slot[] {
  const homeOf = homeFinder(homes);
  const wholes = new Set(ads.slots.filter((one) => one.kind === "partitionable").map(slotKey));
  const parents = new Map(
    ads.slots.flatMap((one) => {
      const name = one.kind === "dynamic" ? partitionableOf(one.name) : undefined;
      const parent = name === undefined ? undefined : slotKey({ name: clean(name), address: one.address });
      return parent !== undefined && wholes.has(parent) ? [[one, parent] as const] : [];
    }),
  );
  const parts = Map.groupBy(parents.keys(), (one) => parents.get(one));
  return ads.slots
    .filter((one) => !parents.has(one))
    .map((ad): Slot => {
      const own = (parts.get(slotKey(ad)) ?? []).sort((a, b) => compareNames(a.name, b.name));
      return { ad, home: homeOf(ad), parts: own, ...usedOf(ad, own) };
    })
    .sort((a, b) => compareNames(a.ad.machine, b.ad.machine) || compareNames(a.ad.name, b.ad.name));
}

/** States in which somebody has the slot: its cores are not to be had. */
const taken: ReadonlySet<SlotState | undefined> = new Set<SlotState>(["Claimed", "Preempting", "Matched"]);

export const isTaken = (ad: Pick<SlotAd, "state">): boolean => taken.has(ad.state);

function usedOf(ad: SlotAd, parts: readonly SlotAd[]): Pick<Slot, "cpus" | "memoryMb"> {
  if (ad.kind !== "partitionable") {
    const all = isTaken(ad);
    return {
      cpus: { used: all ? ad.cpus : 0, total: ad.cpus },
      memoryMb: { used: all ? ad.memoryMb : 0, total: ad.memoryMb },
    };
  }
  const sum = (of: (one: SlotAd) => number): number => parts.reduce((all, one) => all + of(one), 0);
  const [cpus, memory] = [sum((one) => one.cpus), sum((one) => one.memoryMb)];
  // Ads of one startd reach the collector one after the other: the total may be told before or after a part is cut.
  return {
    cpus: { used: cpus, total: Math.max(ad.totalCpus, cpus) },
    memoryMb: { used: memory, total: Math.max(ad.totalMemoryMb, memory) },
  };
}

/** Whom the slot works for: its own job, or those of its parts. */
export function jobsOn(slot: Slot): readonly { job: SafeText; owner: SafeText | undefined }[] {
  return [slot.ad, ...slot.parts].flatMap((one) => (one.job === undefined ? [] : [{ job: one.job, owner: one.owner }]));
}

/** Cores of the pool by what they do, for one moment of its strip. */
export interface Cores {
  claimed: number;
  unclaimed: number;
  /** Kept back by the machine's own users, or drained: not to be had and not used. */
  owner: number;
}

/** How all cores of the pool are used. */
export function coresOf(slots: readonly Slot[]): Cores {
  const cores = { claimed: 0, unclaimed: 0, owner: 0 };
  for (const { ad, cpus } of slots) {
    cores.claimed += cpus.used;
    const left = cpus.total - cpus.used;
    if (ad.state === "Owner" || ad.state === "Drained") cores.owner += left;
    else cores.unclaimed += left;
  }
  return cores;
}
