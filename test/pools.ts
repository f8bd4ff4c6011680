/** A pool of two members as it is looked at, healthy unless something is said to be otherwise. */
import type { PoolAds, SlotAd } from "../src/domain/condor/ads.ts";
import { configText } from "../src/domain/condor/config.ts";
import type { Installed, MemberState, PoolSurvey } from "../src/domain/condor/member-state.ts";
import { plan } from "../src/domain/plan/plan.ts";
import type { Step } from "../src/domain/plan/step.ts";
import { clean, text } from "../src/domain/text.ts";
import { good } from "../src/domain/trouble.ts";
import { carryOut } from "./carry-out.ts";
import { asSha256, bare, classicRest, fileFor, specOf } from "./planned.ts";

/** The file of two hosts with its pool. */
export const pool = (security: "password" | "open", executors = "[node1]") =>
  specOf(
    fileFor(
      2,
      `${classicRest}condor: { manager: node2, submit: [node2], execute: ${executors}, security: ${security} }`,
    ),
  );
/** The cluster of the file, with its containers running and HTCondor not configured. */
export const joined = carryOut(bare(2), plan(pool("password"), bare(2).seen, bare(2).survey).steps.filter(isNoCondor));

export function isNoCondor({ change }: Step): boolean {
  return !change.kind.startsWith("condor-");
}

const version = { major: 23, minor: 9, patch: 6 };
const folder = { kind: "file", path: "/etc/condor/config.d/50-ovl-tui.conf" } as const;
const secret = asSha256("5");
const daemons = { node2: ["collector", "negotiator", "schedd"], node1: ["startd"] } as const;

/** What the file wants of a member's configuration. */
export const wanted = (name: "node2" | "node1", security: "password" | "open" = "password"): string =>
  configText(
    {
      ...{ manager: text`node2`, domain: text`bigcomputing`, security },
      daemons: daemons[name],
    },
    version,
    "10.10.10.*",
  );

export const member = (name: "node2" | "node1", changes: Partial<Installed> = {}): Installed => ({
  ...{ installed: true, version, place: folder, content: wanted(name), isPending: false, secret, init: "systemd" },
  ...{ master: { pid: 100, ageMs: 600_000 }, addresses: [], managerAddresses: ["10.10.10.2"], clockMs: 0 },
  effective: new Map([
    ["CONDOR_HOST", { value: text`node2`, at: text`${clean(folder.path)}, line 2` }],
    [
      "DAEMON_LIST",
      { value: text`MASTER ${clean(daemons[name].join(" ").toUpperCase())}`, at: text`${clean(folder.path)}, line 3` },
    ],
  ]),
  ...changes,
});
/** HTCondor as a package leaves it. */
export const untouched = (changes: Partial<Installed> = {}): Installed =>
  member("node1", { content: undefined, secret: undefined, ...changes });

export const slotOf = (name: string, changes: Partial<SlotAd> = {}): SlotAd => ({
  ...{ name: clean(`slot1@${name}`), machine: clean(name), address: undefined, kind: "partitionable" },
  ...{ state: "Unclaimed", activity: text`Idle`, activityMs: 1000, cpus: 2, memoryMb: 512, totalCpus: 2 },
  ...{ totalMemoryMb: 512, load: 0, owner: undefined, job: undefined, heardMs: 1000, platform: text`X86_64/LINUX` },
  ...{ version: text`23.9.6`, ...changes },
});
/** What the collector tells of the whole pool, `slot` being different in node1's. */
export const heard = (slot: Partial<SlotAd> = {}): PoolAds => ({
  slots: [slotOf("node1", slot)],
  daemons: (["collector", "negotiator", "schedd"] as const).map((kind) => ({
    ...{ kind, name: text`node2`, machine: text`node2`, address: undefined, heardMs: 0 },
    version: undefined,
  })),
});

/** What looking at both members came to; "silent": the collector was not asked. */
export const survey = (
  members: { node2: MemberState; node1: MemberState },
  ads: PoolAds | "silent" = heard(),
): PoolSurvey => ({
  members: new Map([
    [text`node2`, good(members.node2)],
    [text`node1`, good(members.node1)],
  ]),
  ads: ads === "silent" ? undefined : good(ads),
  pings: new Map(),
});
