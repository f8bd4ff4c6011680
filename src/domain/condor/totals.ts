import { compareNames, type SafeText, text } from "../text.ts";
import type { SlotAd, SlotState } from "./ads.ts";

/** A row under `condor_status`: the slots of one platform, or of all, by their states. */
export interface TotalRow {
  platform: SafeText;
  total: number;
  owner: number;
  claimed: number;
  unclaimed: number;
  matched: number;
  preempting: number;
  drain: number;
  backfill: number;
}

const columnOf: Record<SlotState, Exclude<keyof TotalRow, "platform" | "total">> = {
  Owner: "owner",
  Claimed: "claimed",
  Unclaimed: "unclaimed",
  Matched: "matched",
  Preempting: "preempting",
  Drained: "drain",
  Backfill: "backfill",
};

/**
 * The totals that `condor_status` prints: dynamic slots count as the partitionable ones do, slots of an unknown state not
 * at all (htcondor src/condor_status.V6/totals.cpp, StartdNormalTotal). By platform, and the sum of all last.
 */
export function totalsOf(ads: readonly SlotAd[]): TotalRow[] {
  const platforms = Map.groupBy(ads, (ad) => ad.platform);
  const rows = [...platforms].sort(([a], [b]) => compareNames(a, b)).map(([platform, here]) => counted(platform, here));
  return [...rows, counted(text`Total`, ads)];
}

function counted(platform: SafeText, ads: readonly SlotAd[]): TotalRow {
  const row = { owner: 0, claimed: 0, unclaimed: 0, matched: 0, preempting: 0, drain: 0, backfill: 0 };
  const known = ads.flatMap(({ state }) => state ?? []);
  for (const state of known) row[columnOf[state]] += 1;
  return { platform, total: known.length, ...row };
}
