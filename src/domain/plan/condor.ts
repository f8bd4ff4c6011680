import type { SlotAd } from "../condor/ads.ts";
import {
  configText,
  listensOn,
  type MemberSettings,
  ownPart,
  patternOf,
  placed,
  settingsIn,
  shown,
  subnetOf,
  takes,
} from "../condor/config.ts";
import { installCommands } from "../condor/install.ts";
import type { Installed, MemberState, PoolSurvey } from "../condor/member-state.ts";
import { daemonNames, type Role, rolesIn } from "../condor/roles.ts";
import { secretFile } from "../condor/secret.ts";
import { managerIsNew, settlingMs } from "../condor/why-absent.ts";
import { adsOf, isAbsent, leftBehind, overridden, poolFindings, strayAddress } from "../condor/wrong.ts";
import type { Container } from "../engine.ts";
import type { Finding } from "../finding.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import type { ConfigureCondor, ContainerPlace, Sha256 } from "./change.ts";
import { commandsPreview } from "./command.ts";
import { unifiedDiff } from "./diff.ts";
import { type Drafted, idsOf, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Preview, Step, StepId } from "./step.ts";

export interface PoolPlanning {
  spec: Spec;
  seen: Snapshot;
  sites: readonly Site[];
  pool: PoolSurvey;
  /** The steps on the spec's containers, which members wait for. */
  containerSteps: readonly Step[];
}

/** One member that is planned for. */
interface Draft {
  role: Role;
  site: Site;
  /** Running now; undefined: a step before makes or starts it. */
  running: Container | undefined;
  state: MemberState | undefined;
  settings: MemberSettings;
  network: SafeText;
  /** Of the network, as the node has it, else as the file wants it. */
  subnets: readonly string[];
  /** What has to be done before. */
  needs: readonly StepId[];
}

/** What the pool of the file lacks: HTCondor itself, secret and configuration of its members, daemons that run with them. */
export function draftPool(planning: PoolPlanning): Drafted {
  const { spec, seen, sites, pool } = planning;
  const roles = rolesIn(spec);
  const [manager] = roles;
  if (manager === undefined || spec.condor === undefined) return { steps: [], obstacles: [] };
  const network = manager.container.network;
  const apart = notTogether(roles, network);
  if (network === undefined || apart.length > 0) return { steps: [], obstacles: apart };
  const drafts = roles.flatMap((role): Draft[] => {
    const site = sites.find((one) => one.name === role.container.node);
    return site === undefined ? [] : [draftOf(role, site, network, planning)];
  });
  const place = placeOf(manager);
  const common = secretOfPool(roles, pool);
  const steps: Step[] = [];
  let needs: readonly StepId[] = [];
  for (const draft of drafts) {
    const own = memberSteps(draft, { place, roles, common, needs, planning });
    steps.push(...own);
    if (!draft.role.manages) continue;
    // Before the others: what is made anew may have the name of what is to be forgotten.
    const forgetting = leftBehind({ seen, pool }).flatMap(({ machine, address }) =>
      forget(machine, address, manager, idsOf(own)),
    );
    steps.push(...forgetting);
    needs = [...idsOf(own), ...idsOf(forgetting)];
  }
  return { steps, obstacles: told(planning, steps) };
}

function draftOf(role: Role, site: Site, network: SafeText, { spec, pool, containerSteps }: PoolPlanning): Draft {
  const { name } = role.container;
  const running = site.containers.find((one) => one.name === name && one.state === "running");
  const state = running === undefined ? undefined : pool.members.get(name);
  const own = containerSteps.filter(
    ({ node, change }) =>
      node === site.name &&
      ((change.kind === "create-container" && change.definition.name === name) ||
        ((change.kind === "start-container" || change.kind === "connect-container") && change.name === name)),
  );
  const made = site.networks.filter((one) => one.name === network).flatMap((one) => one.subnets);
  const wanted = spec.networks.flatMap((one) => (one.name === network ? (one.subnet ?? []) : []));
  return {
    ...{ role, site, running, network, needs: idsOf(own) },
    subnets: made.length > 0 ? made.map((one) => one.subnet) : wanted,
    state: state?.ok === true ? state.value : undefined,
    settings: {
      manager: spec.condor?.manager ?? name,
      domain: spec.condor?.domain ?? spec.cluster,
      daemons: role.daemons,
      security: spec.condor?.security ?? "password",
    },
  };
}

/** Members have to share an overlay with their manager: they talk to each other both ways. */
function notTogether(roles: readonly Role[], network: SafeText | undefined): Finding[] {
  const apart = roles.filter((role) => network === undefined || role.container.network !== network);
  return apart.map(({ container, manages }) =>
    obstacleOn(
      container.node,
      "condor-network",
      manages
        ? text`The pool's manager ${container.name} is on no network of ovl.yaml`
        : text`${container.name} is not on the network of the pool's manager`,
      {
        evidence: [text`its network is ${container.network ?? text`none`}, the manager's ${network ?? text`none`}`],
        remedy: text`Give every member of condor the manager's network in ovl.yaml.`,
      },
    ),
  );
}

const placeOf = ({ container }: Role): ContainerPlace => ({ node: container.node, container: container.name });

/** The secret that the pool has: the manager's, else that of the first member with any. */
function secretOfPool(roles: readonly Role[], { members }: PoolSurvey): Sha256 | undefined {
  for (const { container } of roles) {
    const state = members.get(container.name);
    if (state?.ok === true && state.value.installed && state.value.secret !== undefined) return state.value.secret;
  }
  return undefined;
}

interface Together {
  place: ContainerPlace;
  roles: readonly Role[];
  common: Sha256 | undefined;
  /** The manager's own steps. */
  needs: readonly StepId[];
  planning: PoolPlanning;
}

function memberSteps(draft: Draft, together: Together): Step[] {
  const { state, running, role, site, needs } = draft;
  // It runs and could not be looked at: what it lacks is not known.
  if (running !== undefined && state === undefined) return [];
  if (state?.installed === false) {
    const commands = installCommands(state.distribution);
    if (commands === undefined) return [];
    const install = makeStep({
      id: stepId(site.name, text`condor`, role.container.name, text`install`),
      node: site.name,
      title: text`install HTCondor in ${role.container.name} on ${site.name} (${state.distribution.pretty})`,
      needs,
      change: { kind: "condor-install", container: role.container.name, commands },
      preview: [commandsPreview(commands.map((words) => ["docker", "exec", role.container.name, ...words]))],
      proof: text`the container has condor_master`,
      undo: text`it is not: packages that were installed stay`,
    });
    return [install, configure(draft, together, [install.id], wantedText(draft), { anew: undefined, how: "restart" })];
  }
  const config = wantedText(draft);
  if (state === undefined) return [configure(draft, together, needs, config, { anew: undefined, how: "restart" })];
  const before = ownPart(state.place, state.content);
  const isWrong = before !== config || !hasSecret(draft, state, together.common);
  const anew = isWrong ? undefined : unheard(draft, state, together.planning);
  if (!isWrong && anew === undefined && !state.isPending && state.master !== undefined && needs.length === 0) return [];
  const { isPending, master } = state;
  const secretComes = !hasSecret(draft, state, together.common);
  const taking = { before, after: config, isRunning: master !== undefined, isPending, secretComes };
  const how = anew === "restart" ? anew : takes(taking);
  return [configure(draft, together, needs, config, { anew, how })];
}

const hasSecret = ({ settings }: Draft, { secret }: Installed, common: Sha256 | undefined): boolean =>
  settings.security === "open" || (secret !== undefined && secret === common);

/**
 * What helps where all is as it should be, it has run for a while, the collector would let it in, and does not hear of it.
 * One that began after the member has only to be told of it: that ends no job.
 */
function unheard(
  { role }: Draft,
  state: Installed,
  { spec, seen, pool }: PoolPlanning,
): "restart" | "reconfigure" | undefined {
  const { master } = state;
  // What another file says it would say again.
  if (master === undefined || master.ageMs < settlingMs || overridden(state).length > 0) return undefined;
  const ground = { spec, seen, pool };
  if (role.manages && pool.ads !== undefined && !pool.ads.ok) return "restart";
  if (!isAbsent(ground, role)) return undefined;
  const ping = pool.pings.get(role.container.name);
  if (strayAddress(ground, role) !== undefined) return "restart";
  if (ping?.ok !== true || !ping.value.allowed) return undefined;
  return managerIsNew(pool, spec.condor?.manager ?? role.container.name, master) === undefined
    ? "restart"
    : "reconfigure";
}

/** What our part of its configuration shall say, as far as it can be known before the container runs. */
function wantedText({ state, settings, running, subnets, network, role }: Draft): string {
  const version = (state?.installed === true ? state.version : undefined) ?? { major: 9, minor: 0, patch: 0 };
  return configText(settings, version, interfaceOf(state, running, subnets, network, role));
}

function interfaceOf(
  state: MemberState | undefined,
  running: Container | undefined,
  subnets: readonly string[],
  network: SafeText,
  role: Role,
): string {
  const address = running?.attachments.find((one) => one.network === network)?.address;
  if (address !== undefined) {
    const others = state?.installed === true ? state.addresses : [];
    return listensOn(address, subnetOf(address, subnets), others);
  }
  const pattern = subnets.map(patternOf).find((one) => one !== undefined);
  return pattern === undefined ? (role.container.address ?? `(its address on ${network})`) : `${pattern}*`;
}

function configure(
  { role, site, state, settings, network }: Draft,
  { place, roles, common, needs: managerReady, planning }: Together,
  needs: readonly StepId[],
  config: string,
  { anew, how }: { anew: ConfigureCondor["anew"]; how: "restart" | "reconfigure" },
): Step {
  const { name } = role.container;
  const installed = state?.installed === true ? state : undefined;
  const before = installed === undefined ? undefined : ownPart(installed.place, installed.content);
  const isSame = before === config;
  const lacksSecret =
    settings.security === "password" && (installed?.secret === undefined || installed.secret !== common);
  const starts = installed?.master === undefined;
  const others = roles.map(placeOf).filter((one) => one.container !== name);
  const endsJobs =
    !starts && (how === "restart" || !role.daemons.includes("startd")) && mayRunJobs({ role, state }, before, planning);
  const restarts = endsJobs ? text`restart it: its jobs end` : text`restart it`;
  const takesIt = endsJobs ? text`let it take that: its jobs end` : text`let it take that`;
  const does = starts ? text`start it` : how === "restart" ? restarts : takesIt;
  const writes = [...(lacksSecret ? [text`the pool's secret`] : []), ...(isSame ? [] : [daemonNames(role.daemons)])];
  const again = starts ? text`start` : how === "restart" ? text`restart` : text`reload`;
  return makeStep({
    id: stepId(site.name, text`condor`, name),
    node: site.name,
    title:
      writes.length === 0
        ? text`${again} HTCondor in ${name} on ${site.name}${endsJobs ? text`: its jobs end` : text``}`
        : text`give HTCondor in ${name} on ${site.name} ${joined(writes, " and ")}; ${does}`,
    needs: [...needs, ...managerReady],
    change: {
      ...{ kind: "condor-config", container: name, network, settings, manager: place, anew },
      secretOf: settings.security === "open" ? [] : role.manages ? others : [place],
    },
    preview: [
      ...(isSame ? [] : [configPreview(name, installed, config)]),
      ...(lacksSecret ? [secretPreview(name)] : []),
      { kind: "command", lines: [takePreview(name, installed, how)] },
    ],
    endsJobsIn: endsJobs ? [name] : [],
    proof: role.manages
      ? text`its collector answers`
      : text`the collector in ${place.container} knows its ${daemonNames(role.daemons)}`,
    undo: text`what was written is put back when it cannot be written whole; a member that does not join keeps it`,
  });
}

/** Where it executes now, unless the collector knows its slots, and that none of them has a job. */
function mayRunJobs(
  { role: { container }, state }: Pick<Draft, "role" | "state">,
  before: string | undefined,
  { seen, pool }: PoolPlanning,
): boolean {
  const effective = state?.installed === true ? state.effective.get("DAEMON_LIST")?.value : undefined;
  const list = before === undefined ? effective : (settingsIn(before).get("DAEMON_LIST") ?? "");
  if (list?.toUpperCase().includes("STARTD") === false) return false;
  if (pool.ads?.ok !== true) return true;
  const slots = adsOf(seen, pool, container.name).filter((ad): ad is SlotAd => "totalCpus" in ad);
  return slots.length === 0 || slots.some((ad) => ad.job !== undefined);
}

/** Where HTCondor's packages keep their configuration; what is not looked at yet may have another place. */
const usualPlace = { kind: "file", path: "/etc/condor/config.d/50-ovl-tui.conf" } as const;

function configPreview(name: SafeText, installed: Installed | undefined, config: string): Preview {
  const { place = usualPlace, content } = installed ?? {};
  const after = placed(place, content, config);
  return {
    kind: "diff",
    path: text`${name}:${clean(place.path)}`,
    lines: content === undefined ? shown(after).map((line) => text`+${line}`) : unifiedDiff(content, after),
  };
}

const secretPreview = (name: SafeText): Preview => ({
  kind: "command",
  lines: [text`docker exec -i ${name} sh -c 'umask 077; cat >${clean(secretFile)}' <SECRET`],
});

function takePreview(name: SafeText, installed: Installed | undefined, how: "restart" | "reconfigure"): SafeText {
  if (installed === undefined)
    return text`docker exec ${name} systemctl restart condor, or condor_master without systemd`;
  const isUnit = installed.init === "systemd";
  if (installed.master === undefined) {
    return isUnit ? text`docker exec ${name} systemctl restart condor` : text`docker exec -d ${name} condor_master`;
  }
  if (how === "reconfigure") return text`docker exec ${name} condor_reconfig`;
  if (isUnit) return text`docker exec ${name} systemctl restart condor`;
  if (installed.init === "condor") return text`docker exec ${name} condor_restart -fast`;
  return text`docker exec ${name} sh -c 'kill -QUIT ${installed.master.pid}; condor_master', or condor_restart -fast where it runs with -f`;
}

function forget(machine: SafeText, address: SafeText, { container }: Role, needs: readonly StepId[]): Step[] {
  const { name, node } = container;
  return [
    makeStep({
      id: stepId(node, text`condor`, name, text`forget`, machine, address),
      node,
      title: text`let the pool's collector in ${name} on ${node} forget ${machine} at ${address}, whose container is gone or was started anew`,
      needs,
      change: { kind: "condor-forget", container: name, machine, address },
      preview: [
        {
          kind: "command",
          lines: [
            text`docker exec -i ${name} condor_advertise INVALIDATE_STARTD_ADS - <QUERY, for Machine == "${machine}" at ${address}; the same for its schedd and master`,
          ],
        },
      ],
      proof: text`the collector does not list it any more`,
      undo: text`it is not: daemons that do live report again within 5 minutes`,
    }),
  ];
}

/** What a plan says of the pool beside its steps: what none of them mends. */
function told({ spec, seen, pool }: PoolPlanning, steps: readonly Step[]): Finding[] {
  const mended = new Set(
    steps.flatMap(({ change }) => (change.kind === "condor-config" ? [String(change.container)] : [])),
  );
  const left = steps.some(({ change }) => change.kind === "condor-forget");
  const wrong = poolFindings({ spec, seen, pool }).filter(
    ({ id, severity, container }) =>
      severity !== "info" && (toldAnyway.has(id) || (container === undefined ? !left : !mended.has(container))),
  );
  return wrong.map(({ container: _, ...one }): Finding => ({ ...one, severity: "warning" }));
}

/** A step may mend these, and they mean more than that. */
const toldAnyway: ReadonlySet<string> = new Set(["condor-open", "condor-missing", "condor-overridden", "condor-clock"]);
