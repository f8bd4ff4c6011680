import { noPoolSurvey, type PoolSurvey } from "../condor/member-state.ts";
import type { Finding } from "../finding.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { type SafeText, text } from "../text.ts";
import { runsAtWork } from "./at-work.ts";
import { preflight } from "./checks/index.ts";
import { draftPool } from "./condor.ts";
import { draftContainer } from "./containers.ts";
import { draftEngines } from "./engines.ts";
import { ImageDraft } from "./images.ts";
import { draftMacvlan } from "./macvlan.ts";
import type { Drafted } from "./make-step.ts";
import { decideMode } from "./mode.ts";
import { draftOverlay } from "./networks.ts";
import { inOrder } from "./order.ts";
import { obstacleOn, type Site, sitesOf } from "./site.ts";
import type { Plan, Step, StepId } from "./step.ts";
import { draftStore } from "./store.ts";
import { layoutOf, type StoreLayout } from "./store-layout.ts";
import type { Survey } from "./survey.ts";
import { draftSwarm } from "./swarm.ts";

/**
 * What takes the cluster from `seen` to `spec`. Same input, same plan; without steps when nothing is missing. A node that
 * cannot be seen makes it a plan without steps: what is wanted hangs on all of them.
 */
export function plan(spec: Spec, seen: Snapshot, survey: Survey, pool: PoolSurvey = noPoolSurvey): Plan {
  const { sites, obstacles } = sitesOf(spec, seen, survey);
  const wanted = joining(spec, seen, sites);
  const atWork = runsAtWork(survey);
  if (wanted.obstacles.length > 0 || obstacles.length > 0) {
    return { steps: [], obstacles: [...atWork, ...obstacles, ...wanted.obstacles] };
  }
  const images = new ImageDraft(sites);
  const ground = draftGround(spec, seen, sites, wanted, images);
  const networks = spec.networks.map((network) => {
    if (network.driver === "macvlan") return { network, drafted: draftMacvlan(network, sites) };
    const { maker, mode } = ground;
    const nothing: Drafted = { steps: [], obstacles: [] };
    if (maker === undefined || mode === undefined) return { network, drafted: nothing };
    return { network, drafted: draftOverlay(network, { mode, sites, maker, needs: ground.allJoined }) };
  });
  const networkReady = (site: Site, name: string): StepId[] => [
    ...ground.joined(site),
    ...networks
      .filter(({ network }) => network.name === name)
      .flatMap(({ network, drafted }) =>
        drafted.steps.filter((step) => network.driver === "overlay" || step.node === site.name).map((step) => step.id),
      ),
  ];
  const containers = spec.containers.map((one) => draftContainer(one, { spec, seen, sites, images, networkReady }));
  const containerSteps = containers.flatMap((one) => one.steps);
  const members = draftPool({ spec, seen, sites, pool, containerSteps });
  const parts = [ground, ...networks.map(({ drafted }) => drafted), ...containers, members];
  const steps = inOrder([...images.steps, ...parts.flatMap((part) => part.steps)]);
  return {
    steps,
    obstacles: [
      ...atWork,
      ...preflight({ spec, seen, sites, mode: wanted.mode, layout: wanted.layout, steps }),
      ...images.obstacles,
      ...parts.flatMap((part) => part.obstacles),
    ],
  };
}

interface Joining {
  /** Undefined where nothing needs the nodes to be joined: no overlay, no store, no mode asked for. */
  mode: "cluster-store" | "swarm" | undefined;
  layout: StoreLayout | undefined;
  obstacles: Plan["obstacles"];
}

/** How the nodes shall be joined. */
function joining(spec: Spec, seen: Snapshot, sites: readonly Site[]): Joining {
  const nothing = { mode: undefined, layout: undefined, obstacles: [] };
  if (!needsJoining(spec)) return nothing;
  const decision = decideMode(spec, seen);
  if ("obstacle" in decision) return { ...nothing, obstacles: [decision.obstacle] };
  if (decision.mode === "swarm") return { ...nothing, mode: "swarm" };
  if (spec.store === undefined) return { ...nothing, obstacles: [noStore(decision.because)] };
  return { mode: "cluster-store", layout: layoutOf(spec.store, sites), obstacles: [] };
}

/** Whether the spec wants anything for which the nodes have to be joined: a flat network alone needs no cluster. */
const needsJoining = ({ networks, store, engine }: Spec): boolean =>
  networks.some((one) => one.driver === "overlay") || store !== undefined || engine.mode !== "auto";

interface Ground extends Drafted {
  mode: Joining["mode"];
  /** The node that overlays are made on. */
  maker: Site | undefined;
  /** What has to be done before an overlay can be made. */
  allJoined: readonly StepId[];
  /** What has to be done before a container of that node can be on an overlay. */
  joined(site: Site): readonly StepId[];
}

/** Store and engines, or the swarm: what overlays stand on. */
function draftGround(
  spec: Spec,
  seen: Snapshot,
  sites: readonly Site[],
  { mode, layout }: Joining,
  images: ImageDraft,
): Ground {
  if (layout === undefined) {
    const swarm = mode === "swarm" ? draftSwarm(sites, seen) : undefined;
    // A listener's restart comes first: it would take a new manager away from those that join it.
    const engines = draftEngines(spec, sites, undefined, () => []);
    const [first] = sites;
    return {
      mode,
      steps: [...engines.steps, ...afterEngines(swarm?.steps ?? [], engines.steps)],
      obstacles: [...engines.obstacles, ...(swarm?.obstacles ?? [])],
      maker: swarm === undefined ? first : swarm.manager,
      allJoined: swarm?.manager === undefined ? [] : swarm.joinedBy(swarm.manager),
      joined: (site) => swarm?.joinedBy(site) ?? [],
    };
  }
  const store = draftStore(spec, seen, layout, images);
  const engines = draftEngines(spec, sites, layout, store.readyFor);
  const engineSteps = engines.steps.filter((step) => step.change.kind === "configure-engine");
  return {
    mode,
    steps: [...store.steps, ...engines.steps],
    obstacles: [...store.obstacles, ...engines.obstacles],
    maker: sites[0],
    allJoined: [...new Set([...sites.flatMap(store.readyFor), ...engineSteps.map((step) => step.id)])],
    joined: (site) => {
      const own = engineSteps.filter((step) => step.node === site.name).map((step) => step.id);
      return own.length > 0 ? own : store.readyFor(site);
    },
  };
}

/** The steps, once every engine that has to be restarted has been. */
const afterEngines = (steps: readonly Step[], engines: readonly Step[]): Step[] => {
  const last = engines.findLast((step) => step.change.kind === "configure-engine");
  return last === undefined ? [...steps] : steps.map((step) => ({ ...step, needs: [...step.needs, last.id] }));
};

const noStore = (because: SafeText): Finding =>
  obstacleOn(undefined, "store-missing", text`ovl.yaml names no store for the engines to meet in`, {
    evidence: [text`mode cluster-store: ${because}`],
    remedy: text`Add "store: { kind: consul, node: NODE }" to ovl.yaml, or write "mode: swarm" under engine.`,
  });
