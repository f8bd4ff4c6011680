import { explain } from "../explain.ts";
import type { Finding } from "../finding.ts";
import { isUp } from "../link.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ContainerSpec, Spec } from "../spec/spec.ts";
import { subnetContains } from "../subnets.ts";
import { clean, type SafeText, text } from "../text.ts";
import { age } from "../time.ts";
import type { Trouble } from "../trouble.ts";
import { spreadNetworks } from "../views/containers.ts";
import { type DaemonAd, quietMs, type SlotAd } from "./ads.ts";
import { installCommands } from "./install.ts";
import type { EffectiveSetting, Installed, PoolSurvey } from "./member-state.ts";
import { homeFinder, homesIn, type Member, memberNamer, membersOf } from "./members.ts";
import { daemonNames, type Role, rolesIn } from "./roles.ts";
import { type Absence, clockApart, isUntouched, setClock, settlingMs, whyAbsent } from "./why-absent.ts";

/** A pool to be judged. */
export interface PoolGround {
  spec: Pick<Spec, "condor" | "containers" | "networks">;
  seen: Snapshot;
  pool: PoolSurvey;
}

/** What is wrong with a pool, or with one of its members. */
export interface PoolFinding extends Finding {
  /** The member's container; undefined where it is the pool itself. */
  container: SafeText | undefined;
}

/** All that is wrong with the pool of the file, by name; nothing of a healthy one with a password, or where there is none. */
export function poolFindings(ground: PoolGround): PoolFinding[] {
  const roles = rolesIn(ground.spec);
  const [manager] = roles;
  if (manager === undefined) return [];
  const open = ground.spec.condor?.security === "open" ? [openPool] : [];
  const missing = roles.flatMap((role) => withoutCondor(role, ground));
  const down = managerDown(manager, ground);
  if (down !== undefined) {
    const isNamed = missing.some((one) => one.container === down.container);
    return [...missing, ...(isNamed ? [] : [down]), ...open];
  }
  return [
    ...missing,
    ...roles.flatMap((role) => memberFindings(role, ground)),
    ...leftBehind(ground).map((one) => left(one, manager)),
    ...open,
  ];
}

/** What the collector knows of one member of the file; undefined when it does not answer. */
export function memberIn({ spec, seen, pool }: PoolGround, name: SafeText): Member | undefined {
  if (pool.ads?.ok !== true) return undefined;
  return membersOf(pool.ads.value, homesIn(seen), spec.condor).find((one) => one.name === name);
}

/** Whether the pool lacks a daemon of the member, or has not heard of it for long, or with an address of no use. */
export function isAbsent(ground: PoolGround, role: Role): boolean {
  const member = memberIn(ground, role.container.name);
  if (member === undefined) return false;
  const lacks = member.daemons.some((one) => one.state === "missing" && role.daemons.includes(one.kind));
  return lacks || silentFor(ground, role) !== undefined || strayAddress(ground, role) !== undefined;
}

/** What `security: open` means, whatever was seen. */
export const openPool: PoolFinding = {
  container: undefined,
  id: "condor-open",
  severity: "warning",
  title: text`The pool asks nobody who they are`,
  node: undefined,
  evidence: [text`security: open lets everybody who reaches port 9618 join machines, submit and run jobs`],
  remedy: text`Keep it to a network that nobody else is on, or write "security: password" under condor and apply.`,
};

function withoutCondor({ container }: Role, { pool }: PoolGround): PoolFinding[] {
  const state = pool.members.get(container.name);
  if (state?.ok !== true || state.value.installed) return [];
  const { distribution } = state.value;
  const commands = installCommands(distribution);
  const remedy =
    commands === undefined
      ? text`Install HTCondor in its image ${clean(container.image)} as htcondor.org says for it, and make the container anew.`
      : text`"ovl-tui apply" does it; by hand: ${clean(commands.map((one) => `docker exec ${container.name} ${one.join(" ")}`).join(" && "), 400)}. Better into its image ${clean(container.image)}: a new container of it would lack HTCondor again.`;
  return [
    error("condor-missing", container, text`${container.name} on ${container.node} has no HTCondor`, {
      evidence: [text`it is ${distribution.pretty}, and has no condor_master`],
      remedy,
    }),
  ];
}

/** Nobody is in a pool whose collector does not answer: that is said once, and nothing of the others. */
function managerDown({ container }: Role, { pool }: PoolGround): PoolFinding | undefined {
  const { name, node } = container;
  const title = text`The manager of the pool, ${name} on ${node}, is down`;
  const state = pool.members.get(name);
  const down = (evidence: SafeText, remedy: SafeText): PoolFinding =>
    error("condor-manager-down", container, title, { evidence: [evidence], remedy });
  if (state === undefined) return down(text`its container does not run`, applies(text`starts it`));
  if (!state.ok) {
    if (pool.ads?.ok === true) return undefined;
    const { what, remedy } = explain(state.trouble, node);
    return down(text`it could not be looked at: ${what}`, remedy);
  }
  if (!state.value.installed) return down(text`it has no HTCondor`, applies(text`installs it`));
  if (pool.ads?.ok !== true && isUntouched(state.value, name)) {
    return error("condor-not-set-up", container, text`The pool of ${name} on ${node} is not set up`, {
      evidence: [
        text`HTCondor is in ${name} as its package left it: ${clean(state.value.place.path)} says nothing of it`,
      ],
      remedy: applies(text`sets it up in every member`),
    });
  }
  if (state.value.master === undefined) {
    return down(text`no condor_master runs in it`, applies(text`starts HTCondor`));
  }
  if (pool.ads === undefined || pool.ads.ok) return undefined;
  const said =
    pool.ads.trouble.kind === "program-failed" ? pool.ads.trouble.detail : text`condor_status did not answer`;
  return down(
    text`condor_master runs, and its collector does not answer: ${said}`,
    applies(text`restarts HTCondor there; /var/log/condor/CollectorLog tells why it fell`),
  );
}

function memberFindings(role: Role, ground: PoolGround): PoolFinding[] {
  const { name, node } = role.container;
  const state = ground.pool.members.get(name);
  if (state === undefined) {
    return [
      error(
        "condor-container-stopped",
        role.container,
        text`${name} on ${node} is not in the pool: its container does not run`,
        {
          evidence: [text`ovl.yaml wants ${daemonNames(role.daemons)} there`],
          remedy: applies(text`starts it`),
        },
      ),
    ];
  }
  if (!state.ok) return [notSeen(role, ground, state.trouble)];
  if (!state.value.installed) return [];
  const overruled = overrides(role, state.value);
  if (!isAbsent(ground, role)) return [...overruled, ...clockFinding(role, ground, state.value)];
  const stray = strayAddress(ground, role);
  if (stray !== undefined) return [...overruled, strayFinding(role, stray, overruled)];
  const member = memberIn(ground, name);
  const lacks = (member?.daemons ?? []).filter((one) => one.state === "missing").map((one) => one.kind);
  const why = whyAbsent(role, ground, state.value);
  const isSaid = why.id === "condor-host-wrong";
  const others = isSaid ? [] : overruled;
  const silent = silentFor(ground, role);
  if (lacks.length === 0 && silent !== undefined) return [...others, silentFinding(role, silent, why)];
  return [...others, absent(role, daemonNames(lacks), why)];
}

/** Nothing is known of it but what the collector tells. */
function notSeen(role: Role, ground: PoolGround, trouble: Trouble): PoolFinding {
  const { name, node } = role.container;
  const { what, remedy } = explain(trouble, node);
  const title = text`HTCondor in ${name} on ${node} cannot be looked at`;
  const finding = error("condor-not-seen", role.container, title, { evidence: [what], remedy });
  return isAbsent(ground, role) ? finding : { ...finding, severity: "warning" };
}

/** HTCondor of today joins in spite of it, since it signs its tokens anew; what has a time in it is wrong all the same. */
function clockFinding({ container }: Role, { spec, pool }: PoolGround, state: Installed): PoolFinding[] {
  const { name, node } = container;
  const manager = spec.condor?.manager ?? name;
  const clock = clockApart(state, pool, manager);
  if (clock === undefined) return [];
  const title = text`The clock of ${name} on ${node} is ${clock} that of ${manager}`;
  const evidence = [text`it is in the pool; times of its jobs, their leases and its logs do not fit the others'`];
  return [{ id: "condor-clock", severity: "warning", title, node, container: name, evidence, remedy: setClock }];
}

/** Settings of ours that another file has the last word on, with what it says. */
export const overridden = ({ content, effective, place }: Installed): [string, EffectiveSetting][] =>
  content === undefined
    ? []
    : [...effective].filter(([, { at }]) => at.startsWith("/") && !at.startsWith(`${place.path},`));

/** Settings of ours that a later file of somebody else changes: applying again would change nothing about it. */
function overrides(role: Role, state: Installed): PoolFinding[] {
  const others = overridden(state);
  if (others.length === 0) return [];
  const { name, node } = role.container;
  return [
    {
      container: name,
      id: "condor-overridden",
      severity: "warning",
      title: text`Another file in ${name} on ${node} has the last word on its HTCondor`,
      node,
      evidence: others.map(([setting, { value, at }]) => text`${clean(setting)} = ${value} in ${at}`),
      remedy: text`Take these lines out, then "condor_reconfig" or a restart in ${name}: what ovl.yaml says stands in ${clean(state.place.path)}.`,
    },
  ];
}

function absent(role: Role, lacks: SafeText, { id, because, evidence, remedy }: Absence): PoolFinding {
  const { name, node } = role.container;
  const finding = error(id, role.container, text`${name} on ${node} is not in the pool: ${because}`, {
    evidence: [text`the collector does not know its ${lacks}`, ...evidence],
    remedy,
  });
  if (id === "condor-starting") return { ...finding, severity: "info" };
  return id === "condor-unheard" ? { ...finding, severity: "warning" } : finding;
}

/** ms since the pool heard of the member, when that is too long: no heartbeat came, or none since it began anew. */
export function silentFor({ seen, pool }: PoolGround, { container }: Role): number | undefined {
  // The collector tells itself of itself, every 15 minutes (COLLECTOR_UPDATE_INTERVAL).
  const heard = new Map<string, number>();
  for (const ad of adsOf(seen, pool, container.name)) {
    // A slot is its startd's; dynamic ones that are over may stay behind.
    const daemon = "totalCpus" in ad ? "startd" : ad.kind;
    if (daemon === "collector" || ad.heardMs === undefined) continue;
    heard.set(daemon, Math.min(ad.heardMs, heard.get(daemon) ?? ad.heardMs));
  }
  if (heard.size === 0) return undefined;
  const [newest, oldest] = [Math.min(...heard.values()), Math.max(...heard.values())];
  const state = pool.members.get(container.name);
  const master = state?.ok === true && state.value.installed ? state.value.master : undefined;
  const isSince = master === undefined || master.ageMs < settlingMs || newest <= master.ageMs;
  if (!isSince) return newest;
  return oldest > quietMs ? oldest : undefined;
}

function silentFinding({ container }: Role, ms: number, why: Absence): PoolFinding {
  const title = text`The pool has not heard of ${container.name} on ${container.node} for ${age(ms)}`;
  const evidence = text`daemons report every 5 minutes and when they begin; the collector forgets them after 15`;
  if (why.id === "condor-not-in-pool") {
    return error("condor-silent", container, title, {
      evidence: [evidence, ...why.evidence],
      remedy: applies(text`restarts HTCondor in ${container.name}`),
    });
  }
  const finding = error(why.id, container, text`${title}: ${why.because}`, {
    evidence: [evidence, ...why.evidence],
    remedy: why.remedy,
  });
  return why.id === "condor-starting" ? { ...finding, severity: "info" } : finding;
}

/** The address that the member tells the pool, when it is none that the pool can reach it at. */
export function strayAddress({ seen, pool }: PoolGround, { container }: Role): SafeText | undefined {
  const home = homesIn(seen).find((one) => one.name === container.name && one.node === container.node);
  if (home === undefined || home.addresses.length === 0) return undefined;
  return adsOf(seen, pool, container.name)
    .map((ad) => ad.address)
    .find((address) => address !== undefined && !home.addresses.includes(address));
}

function strayFinding({ container }: Role, address: SafeText, [overruled]: readonly PoolFinding[]): PoolFinding {
  const { name, node } = container;
  const pins = applies(text`pins NETWORK_INTERFACE to the overlay and restarts HTCondor in ${name}`);
  return error(
    "condor-address-stray",
    container,
    text`${name} on ${node} tells the pool an address that nobody reaches`,
    {
      evidence: [
        text`it advertises ${address}, which is not on the overlay; docker_gwbridge's are the same on every node`,
      ],
      remedy: overruled === undefined ? pins : overruled.remedy,
    },
  );
}

/** What the collector tells of one container as it is now: its slots, and its daemons. */
export function adsOf(seen: Snapshot, { ads }: PoolSurvey, name: SafeText): (DaemonAd | SlotAd)[] {
  if (ads?.ok !== true) return [];
  const nameOf = memberNamer(homesIn(seen));
  const { daemons, slots } = ads.value;
  return [...daemons, ...slots].filter((ad) => nameOf(ad) === name);
}

/** A machine of the pool that lived in a container which is gone, or had that address in an earlier life. */
export interface LeftBehind {
  machine: SafeText;
  address: SafeText;
  heardMs: number | undefined;
}

/**
 * Machines whose address is of the cluster's own networks and that no running container has. Only when every node tells
 * its containers, or it may be in one that is not seen now.
 */
export function leftBehind({ seen, pool }: Pick<PoolGround, "seen" | "pool">): LeftBehind[] {
  const nodes = [...seen.nodes.values()];
  const all = nodes.every((node) => isUp(node.link) && node.containers.state === "fresh");
  if (pool.ads?.ok !== true || !all) return [];
  const homeOf = homeFinder(homesIn(seen));
  const subnets = nodes.flatMap((node) => {
    const networks = lastSeen(node.networks) ?? [];
    const spread = spreadNetworks(networks);
    return networks
      .filter(({ name }) => spread.has(name))
      .flatMap((network) => network.subnets.map((one) => one.subnet));
  });
  const found = new Map<string, LeftBehind>();
  for (const { machine, address, heardMs } of [...pool.ads.value.slots, ...pool.ads.value.daemons]) {
    const key = `${machine} ${address}`;
    if (address === undefined || found.has(key) || homeOf({ machine, address }) !== undefined) continue;
    if (subnets.some((subnet) => subnetContains(subnet, address))) found.set(key, { machine, address, heardMs });
  }
  return [...found.values()];
}

const left = ({ machine, address, heardMs }: LeftBehind, { container: { name, node } }: Role): PoolFinding => ({
  container: undefined,
  id: "condor-left-behind",
  severity: "warning",
  title: text`The pool still lists ${machine} at ${address}, whose container is gone or was started anew`,
  node,
  evidence: [
    text`${address} is no address that it has now; last heard ${heardMs === undefined ? text`at an unknown time` : text`${age(heardMs)} ago`}`,
  ],
  remedy: applies(text`lets the collector in ${name} forget it; by itself it does 15 minutes after the last message`),
});

const applies = (does: SafeText): SafeText => text`"ovl-tui apply" ${does}; "ovl-tui plan" shows the step before.`;

const error = (
  id: string,
  { name, node }: Pick<ContainerSpec, "name" | "node">,
  title: SafeText,
  { evidence, remedy }: Pick<Finding, "evidence" | "remedy">,
): PoolFinding => ({ id, severity: "error", title, node, container: name, evidence, remedy });
