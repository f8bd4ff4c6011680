import type { Sha256 } from "../plan/change.ts";
import type { SafeText } from "../text.ts";
import type { Outcome } from "../trouble.ts";
import type { PoolAds } from "./ads.ts";
import type { ConfigPlace } from "./config.ts";
import type { CondorVersion } from "./versions.ts";

/** The distribution in a container, from its os-release(5). */
export interface Distribution {
  /** "debian", "almalinux"; "" when it does not say. */
  id: string;
  /** What it is made like: "rhel", "centos", "fedora". */
  like: readonly string[];
  /** "Debian GNU/Linux 13 (trixie)" */
  pretty: SafeText;
}

/** A setting as HTCondor reads it in the member, and where that is from: "/etc/condor/config.d/99-x.conf, line 1". */
export interface EffectiveSetting {
  value: SafeText;
  at: SafeText;
}

/** What runs as process 1. */
export type Init = "systemd" | "condor" | "other";

/** HTCondor in one running container, as its files and processes tell. */
export type MemberState =
  | { installed: false; distribution: Distribution }
  | {
      installed: true;
      version: CondorVersion | undefined;
      place: ConfigPlace;
      /** Of the whole file of that place; undefined when it is not there. */
      content: string | undefined;
      /** Our settings were written and HTCondor may not have taken them. */
      isPending: boolean;
      /** Of the pool's secret in the member; undefined when it has none. For comparing, not for showing. */
      secret: Sha256 | undefined;
      init: Init;
      /** The running master; `ageMs` since it began. */
      master: { pid: number; ageMs: number } | undefined;
      /** Every IPv4 address of the container. */
      addresses: readonly string[];
      effective: ReadonlyMap<string, EffectiveSetting>;
      /** What the manager's name resolves to there. */
      managerAddresses: readonly string[];
      /** Its clock against the operator's, ms; ahead is positive. */
      clockMs: number;
    };

/** HTCondor in a container that has it. */
export type Installed = Extract<MemberState, { installed: true }>;

/** Settings that are read back, for somebody else's file may say otherwise. */
export const readBack = ["CONDOR_HOST", "COLLECTOR_HOST", "DAEMON_LIST", "NETWORK_INTERFACE"] as const;

/** What condor_ping(1) told from a member: whether the collector lets its daemons in, or in its own words why not. */
export type Ping = { allowed: true; as: SafeText } | { allowed: false; words: readonly SafeText[] };

/** What planning and diagnosing need of a pool beyond the snapshot. Containers that do not run are in none of these. */
export interface PoolSurvey {
  members: ReadonlyMap<SafeText, Outcome<MemberState>>;
  /** What the collector knows; undefined when the manager's container does not run. */
  ads: Outcome<PoolAds> | undefined;
  /** From members that the collector does not know though they run. */
  pings: ReadonlyMap<SafeText, Outcome<Ping>>;
}

export const noPoolSurvey: PoolSurvey = { members: new Map(), ads: undefined, pings: new Map() };
