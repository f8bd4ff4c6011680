import type { DaemonAd, SlotAd } from "../../domain/condor/ads.ts";
import { configText, listensOn, ownPart, placed, subnetOf, takes } from "../../domain/condor/config.ts";
import type { Installed } from "../../domain/condor/member-state.ts";
import { daemonNames } from "../../domain/condor/roles.ts";
import type { PoolSecret } from "../../domain/condor/secret.ts";
import type { Container } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type {
  ConfigureCondor,
  ContainerPlace,
  FileEdit,
  ForgetMachine,
  InstallCondor,
} from "../../domain/plan/change.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { bad, good, type Outcome, type Trouble } from "../../domain/trouble.ts";
import type { Take } from "../../ports/pool-setup.ts";
import type { NodeAccess } from "../../ports/world.ts";
import {
  awaited,
  callMs,
  done,
  type Executing,
  type Executor,
  failed,
  isUnknown,
  patiently,
  type Result,
  unchanged,
  undone,
} from "./executor.ts";
import { fingerprint, newPoolSecret } from "./pool-secret.ts";
import { sha256 } from "./write-files.ts";

/** Its start waits for systemd early in a boot, its stop for jobs that are told to leave. */
const takeMs = 150_000;
/** Daemons tell the collector within seconds of their start; benchmarks come first on slow machines. */
const joinMs = 60_000;
const joinEveryMs = 500;
/** What it refuses is encrypted with a session that it does not know, which it says at once. */
const firstReportMs = 5000;
/** A package with all that it needs, over whatever line the node has. */
const installMs = 15 * 60_000;
/** A master that is no older than that, and began with our files, is left running: what it told before counts. */
const youngMs = 3000;

/** A running container with the node that it is on. */
interface Member {
  here: NodeAccess;
  container: Container;
}

/** Secret, configuration, running daemons, in this order; each only where it lacks. */
export const configureCondor: Executor<ConfigureCondor> = async (change, on) => {
  const began = on.clock.now();
  const found = await memberAt({ node: on.node, container: change.container }, on);
  if (!found.ok) return undone(found.trouble, on.node);
  const member = found.value;
  const looked = await look(member, change, on);
  if (!looked.ok) return undone(looked.trouble, on.node);
  const before = looked.value;
  const config = await wantedConfig(change, member, before, on);
  if (!config.ok) return undone(config.trouble, on.node);
  const secret = await bringSecret(change, member, before, on);
  if (!secret.ok) return stopped(secret.trouble, false, change, on);
  const written = await writeConfig(member, before, config.value, on);
  if (!written.ok) return stopped(written.trouble, secret.value, change, on);
  const changed = secret.value || written.value !== undefined;
  if (!changed && change.anew === undefined && !before.isPending && before.master !== undefined) return unchanged;
  const how = howTaken(before, config.value, change, secret.value);
  on.says(how === "restart" ? text`starting HTCondor` : text`HTCondor takes its configuration`);
  const taken = await patiently(on, () => member.here.control.poolSetup.take(member.container.id, how, { ms: takeMs }));
  if (!taken.ok) return notTaken(taken.trouble, member, written.value, change, on);
  const trouble =
    how === "reconfigure" && change.anew === how
      ? await reports(change, member, on)
      : await joins(change, member, on, { since: how === "restart" ? began : undefined });
  if (trouble !== undefined) {
    return failed(trouble, on.node, text`${change.container} has its configuration, and HTCondor was started with it`);
  }
  const settled = await patiently(on, () => member.here.control.poolSetup.settled(member.container.id, { ms: callMs }));
  return settled.ok
    ? done
    : failed(settled.trouble, on.node, text`HTCondor runs in ${change.container} and is in the pool`);
};

/** It stopped before HTCondor was told of anything. */
function stopped(trouble: Trouble, secretCame: boolean, { container }: ConfigureCondor, on: Executing): Result {
  if (!secretCame && !isUnknown(trouble)) return undone(trouble, on.node);
  const stands = secretCame
    ? text`${container} has the pool's secret, which HTCondor takes when it begins anew; its configuration is as it was`
    : text`what was being written into ${container} may be there; HTCondor there runs as it did`;
  return failed(trouble, on.node, stands);
}

/** The running container of that name. */
async function memberAt({ node, container }: ContainerPlace, on: Executing): Promise<Outcome<Member>> {
  const here = node === on.node ? on.here : on.other(node);
  if (here === undefined) return bad(notThere(container, node));
  const all = await patiently({ ...on, node }, () => here.engine.containers({ ms: callMs }));
  if (!all.ok) return all;
  const found = all.value.find((one) => one.name === container && one.state === "running");
  return found === undefined ? bad(notThere(container, node)) : good({ here, container: found });
}

const notThere = (container: SafeText, node: SafeText): Trouble => ({
  kind: "misconfigured",
  detail: text`${container} does not run on ${node}`,
  remedy: text`Plan again: the cluster is not what it was when this plan was made.`,
});

async function look(member: Member, change: ConfigureCondor, on: Executing): Promise<Outcome<Installed>> {
  on.says(text`looking at HTCondor in ${change.container}`);
  const looked = await patiently(on, () =>
    member.here.control.poolSetup.look(member.container.id, change.settings.manager, { ms: callMs }),
  );
  if (!looked.ok || looked.value.installed) return looked as Outcome<Installed>;
  return bad({
    kind: "misconfigured",
    detail: text`${change.container} has no HTCondor: its image is ${member.container.image}, ${looked.value.distribution.pretty}`,
    remedy: text`Apply again: the plan offers to install it, now that the container runs and tells what it is made of.`,
  });
}

async function wantedConfig(
  { settings, network, container }: ConfigureCondor,
  member: Member,
  { version, addresses }: Installed,
  on: Executing,
): Promise<Outcome<string>> {
  if (version === undefined) {
    return bad({
      kind: "bad-answer",
      from: text`condor_version in ${container}`,
      detail: text`no version in what it says`,
    });
  }
  const address = member.container.attachments.find((one) => one.network === network)?.address;
  if (address === undefined) {
    const remedy = text`Plan again: it has to be connected to ${network} first.`;
    return bad({ kind: "misconfigured", detail: text`${container} has no address on ${network}`, remedy });
  }
  const networks = await patiently(on, () => member.here.engine.networks({ ms: callMs }));
  if (!networks.ok) return networks;
  const subnets = networks.value
    .filter((one) => one.name === network)
    .flatMap((one) => one.subnets.map((each) => each.subnet));
  return good(configText(settings, version, listensOn(address, subnetOf(address, subnets), addresses)));
}

/** Whether the member was given the pool's secret just now. */
async function bringSecret(
  { settings, secretOf, container }: ConfigureCondor,
  member: Member,
  before: Installed,
  on: Executing,
): Promise<Outcome<boolean>> {
  if (settings.security === "open") return good(false);
  const isManager = settings.manager === container;
  // The manager's own is the pool's.
  if (isManager && before.secret !== undefined) return good(false);
  const pools = await secretIn(secretOf, isManager, on);
  if (!pools.ok) return pools;
  const secret = pools.value ?? newPoolSecret();
  if (before.secret === fingerprint(secret)) return good(false);
  on.says(text`placing the pool's secret`);
  const set = await patiently(on, () =>
    member.here.control.poolSetup.placeSecret(member.container.id, secret, { ms: callMs }),
  );
  return set.ok ? good(true) : set;
}

/** The first secret that one of them has. Only the manager may find none: then it is the one that makes it. */
async function secretIn(
  places: readonly ContainerPlace[],
  mayBeNone: boolean,
  on: Executing,
): Promise<Outcome<PoolSecret | undefined>> {
  for (const place of places) {
    const other = await memberAt(place, on);
    if (!other.ok) {
      if (mayBeNone) continue;
      return other;
    }
    const secret = await patiently({ ...on, node: place.node }, () =>
      other.value.here.control.poolSetup.secret(other.value.container.id, { ms: callMs }),
    );
    if (!secret.ok) return secret;
    if (secret.value !== undefined) return secret;
  }
  if (mayBeNone) return good(undefined);
  return bad({
    kind: "misconfigured",
    detail: text`the pool's manager has no secret`,
    remedy: text`Plan again: the manager is configured first.`,
  });
}

/** The edit that was made; undefined when the file is as it should be. */
async function writeConfig(
  { here, container }: Member,
  { place, content }: Installed,
  config: string,
  on: Executing,
): Promise<Outcome<FileEdit | undefined>> {
  const after = placed(place, content, config);
  if (after === content) return good(undefined);
  if (content?.includes("\ufffd")) {
    const detail = text`${clean(place.path)} in ${container.name} holds bytes that are no UTF-8, which would not come back as they were`;
    return bad({ kind: "misconfigured", detail, remedy: text`Save it as UTF-8, and apply again.` });
  }
  on.says(text`writing ${clean(place.path)}`);
  const replaces = content === undefined ? "absent" : { sha256: sha256(content), content };
  const edit: FileEdit = { path: place.path, replaces, content: after, mode: 0o644 };
  const written = await patiently(on, () => here.control.poolSetup.write(container.id, edit, { ms: callMs }));
  if (!written.ok) return written;
  if (written.value !== "changed") return good(edit);
  return bad({
    kind: "misconfigured",
    detail: text`somebody else writes to ${clean(place.path)} in ${container.name}`,
    remedy: text`Plan again: the file is not what it was.`,
  });
}

function howTaken(
  { place, content, master, isPending }: Installed,
  config: string,
  { anew }: ConfigureCondor,
  secretComes: boolean,
): Take {
  if (anew === "restart") return anew;
  const isRunning = master !== undefined;
  return takes({ before: ownPart(place, content), after: config, isRunning, isPending, secretComes });
}

/** HTCondor does not start with it: the file is put back, so that it would as it did before. */
async function notTaken(
  trouble: Trouble,
  { here, container }: Member,
  written: FileEdit | undefined,
  change: ConfigureCondor,
  on: Executing,
): Promise<Result> {
  if (written === undefined) return failed(trouble, on.node, text`HTCondor may not run in ${change.container}`);
  const { path, replaces, content, mode } = written;
  const back: FileEdit = {
    ...{ path, mode },
    replaces: content === "removed" ? "absent" : { sha256: sha256(content), content },
    content: replaces === "absent" ? "removed" : replaces.content,
  };
  const put = await patiently(on, () => here.control.poolSetup.write(container.id, back, { ms: callMs }));
  const { what, remedy } = explain(trouble, on.node);
  const stands =
    put.ok && put.value !== "changed"
      ? text`${clean(path)} is as it was; HTCondor may not run in ${change.container}`
      : text`${clean(path)} is the new one; HTCondor may not run in ${change.container}`;
  return { state: "failed", error: what, remedy, stands };
}

/** The same of daemons that were told to report. The first message to a collector that began after them tells it nothing. */
async function reports(change: ConfigureCondor, member: Member, on: Executing): Promise<Trouble | undefined> {
  if ((await joins(change, member, on, { withinMs: firstReportMs })) === undefined) return undefined;
  const { here, container } = member;
  const again = await patiently(on, () => here.control.poolSetup.take(container.id, "reconfigure", { ms: takeMs }));
  return again.ok ? joins(change, member, on) : again.trouble;
}

/**
 * Waits until the collector knows the member's daemons, at the address that the others reach; why not, otherwise. With
 * `since` only what it heard after that counts: it keeps what daemons said that are gone, for a quarter of an hour.
 */
async function joins(
  change: ConfigureCondor,
  member: Member,
  on: Executing,
  { withinMs = joinMs, since }: { withinMs?: number; since?: Instant | undefined } = {},
): Promise<Trouble | undefined> {
  const { manager, settings, container, network } = change;
  on.says(settings.manager === container ? text`waiting for its collector` : text`waiting until the pool knows it`);
  const managing = await memberAt(manager, on);
  if (!managing.ok) return managing.trouble;
  let last: Trouble | undefined;
  const known = await awaited(on.clock, withinMs, joinEveryMs, async () => {
    const { here, container: asked } = managing.value;
    const freshMs = since === undefined ? Number.POSITIVE_INFINITY : on.clock.now() - since + youngMs;
    const ads = await here.control.condor.status(asked.id, { ms: callMs });
    if (!ads.ok) {
      last = ads.trouble;
      return undefined;
    }
    last = undefined;
    const place = member.container.attachments.find((one) => one.network === network);
    const own = [...ads.value.daemons, ...ads.value.slots].filter(
      (one) => one.address !== undefined && one.address === place?.address && isFresh(one, freshMs),
    );
    const kinds = new Set(own.map((one) => ("activity" in one ? "startd" : one.kind)));
    return settings.daemons.every((kind) => kinds.has(kind)) ? true : undefined;
  });
  if (known === true) return undefined;
  return last ?? (await notJoined(change, member));
}

/** The collector that answers tells of itself, whenever it did so last. */
const isFresh = (ad: DaemonAd | SlotAd, freshMs: number): boolean =>
  ("kind" in ad && ad.kind === "collector") || (ad.heardMs ?? 0) <= freshMs;

async function notJoined({ container, settings }: ConfigureCondor, member: Member): Promise<Trouble> {
  const ping = await member.here.control.poolSetup.ping(member.container.id, { ms: callMs });
  const said = ping.ok
    ? ping.value.allowed
      ? text`condor_ping is let in as ${ping.value.as}`
      : text`condor_ping: ${joined(ping.value.words.slice(0, 3), "; ")}`
    : explain(ping.trouble, container).what;
  return {
    kind: "misconfigured",
    detail: text`the collector in ${settings.manager} did not hear of ${daemonNames(settings.daemons)} in ${container} within 60 s; ${said}`,
    remedy: text`/var/log/condor/MasterLog in ${container} tells more; "ovl-tui condor" names what is wrong.`,
  };
}

/** Each command by itself; what is installed already is left to them. */
export const installCondor: Executor<InstallCondor> = async ({ container, commands }, on) => {
  const member = await memberAt({ node: on.node, container }, on);
  if (!member.ok) return undone(member.trouble, on.node);
  on.says(text`installing packages`);
  const { here, container: inside } = member.value;
  const ran = await here.control.poolSetup.install(inside.id, commands, { ms: installMs });
  const stands = text`packages that were installed before it stopped stay in ${container}`;
  if (!ran.ok) return failed(ran.trouble, on.node, stands);
  const looked = await patiently(on, () => here.control.poolSetup.look(inside.id, container, { ms: callMs }));
  if (!looked.ok) return failed(looked.trouble, on.node, stands);
  if (looked.value.installed) return done;
  const detail = text`the commands ended well, and ${container} has no condor_master still`;
  const remedy = text`Install HTCondor in its image ${inside.image} as htcondor.org says for ${looked.value.distribution.pretty}, and make the container anew.`;
  return failed({ kind: "misconfigured", detail, remedy }, on.node, stands);
};

export const forgetMachine: Executor<ForgetMachine> = async ({ container, machine, address }, on) => {
  const member = await memberAt({ node: on.node, container }, on);
  if (!member.ok) return undone(member.trouble, on.node);
  const { here, container: inside } = member.value;
  const forgotten = await here.control.poolSetup.forget(inside.id, { machine, address }, { ms: callMs });
  if (!forgotten.ok) return undone(forgotten.trouble, on.node);
  const gone = await awaited(on.clock, callMs, joinEveryMs, async () => {
    const ads = await here.control.condor.status(inside.id, { ms: callMs });
    const left =
      ads.ok &&
      [...ads.value.slots, ...ads.value.daemons].some((one) => one.machine === machine && one.address === address);
    return ads.ok && !left ? true : undefined;
  });
  if (gone === true) return done;
  const detail = text`the collector in ${container} still lists ${machine} at ${address}`;
  const remedy = text`By itself it forgets what it has not heard of for 15 minutes.`;
  return undone({ kind: "misconfigured", detail, remedy }, on.node);
};
