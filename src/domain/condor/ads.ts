import type { SafeText } from "../text.ts";

/** States of a slot (HTCondor manual, "condor_startd Policy Configuration", State and Activity transitions). */
export const slotStates = ["Owner", "Unclaimed", "Matched", "Claimed", "Preempting", "Drained", "Backfill"] as const;
export type SlotState = (typeof slotStates)[number];

/** What the collector knows of a slot. Ages are of the moment when the collector was asked, ms. */
export interface SlotAd {
  /** "slot1_2@node1" */
  name: SafeText;
  /** "node1": what the slot's machine calls itself. */
  machine: SafeText;
  /** Where its startd says that it can be reached, without the port. */
  address: SafeText | undefined;
  kind: "static" | "partitionable" | "dynamic";
  /** Undefined: a state that is none of those. */
  state: SlotState | undefined;
  activity: SafeText | undefined;
  activityMs: number | undefined;
  /** Cores and memory that are its own now: of a partitionable one what its dynamic slots have left. */
  cpus: number;
  memoryMb: number;
  /** With what its dynamic slots have. */
  totalCpus: number;
  totalMemoryMb: number;
  /** Of its cores over the last minute. */
  load: number | undefined;
  owner: SafeText | undefined;
  /** "12.0" */
  job: SafeText | undefined;
  /** Since its last message to the collector. */
  heardMs: number | undefined;
  /** "X86_64/LINUX" */
  platform: SafeText;
  version: SafeText | undefined;
}

/** Daemons that a member of a pool may run, besides the master that starts them. */
export const daemonKinds = ["collector", "negotiator", "schedd", "startd"] as const;
export type DaemonKind = (typeof daemonKinds)[number];

/** What the collector knows of a daemon. */
export interface DaemonAd {
  kind: DaemonKind | "master";
  name: SafeText;
  machine: SafeText;
  address: SafeText | undefined;
  heardMs: number | undefined;
  version: SafeText | undefined;
}

/** Everything that one question to the collector brings. */
export interface PoolAds {
  slots: readonly SlotAd[];
  daemons: readonly DaemonAd[];
}

/** The startd sends an ad every 300 s (UPDATE_INTERVAL); one that is twice as old has missed one. */
export const quietMs = 600_000;
/**
 * A collector that began less than that ago may not have heard yet of daemons that are well: they report every 300 s, and
 * their first report is lost, for the collector does not know the session any more that it is encrypted with.
 */
export const unheardMs = 600_000;

/** The machine's name without its domain: what a container was given as its host name. */
export const shortMachine = (machine: string): string => machine.split(".")[0] ?? machine;

/** The machine that a slot or daemon is of: "slot1@node1" and "node1" alike. */
export const machineIn = (name: string): string => name.slice(name.lastIndexOf("@") + 1);

/**
 * What tells one ad of a slot from another: a machine that came back with another address is listed twice until the
 * collector forgets the old one, and two machines may call themselves alike.
 */
export const slotKey = ({ name, address }: Pick<SlotAd, "name" | "address">): string =>
  address === undefined ? name : `${name} ${address}`;

/** "slot1@node1" for the dynamic "slot1_2@node1"; undefined of any other. */
export function partitionableOf(name: string): string | undefined {
  const found = /^(.+?)_\d+(@.*)?$/.exec(name);
  return found === null ? undefined : `${found[1]}${found[2] ?? ""}`;
}
