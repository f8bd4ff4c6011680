import type { Container } from "../engine.ts";
import type { Finding } from "../finding.ts";
import type { NodeName } from "../ids.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { clean, joined, text } from "../text.ts";
import { runsAtWork } from "./at-work.ts";
import { commandPreview } from "./command.ts";
import { removeContainer } from "./containers.ts";
import { diffPreview } from "./diff.ts";
import { storeRemovalEdits } from "./engine-edits.ts";
import { stopped } from "./engines.ts";
import { type Drafted, idsOf, makeStep, stepId } from "./make-step.ts";
import { inOrder } from "./order.ts";
import { obstacleOn, type Site, siteOf, sitesOf } from "./site.ts";
import type { Plan, StepId } from "./step.ts";
import { removeStoreMember } from "./store-removal.ts";
import type { Survey } from "./survey.ts";
import { forgetInSwarm, leaveSwarm } from "./swarm-removal.ts";
import { isFlag, writtenSettings, writtenValue } from "./written.ts";

/**
 * What takes `node` out of the cluster of `spec`, which still has it: its containers of the spec go, then its engine forgets
 * the store or leaves the swarm, then its part of the store goes. What is not the cluster's is never touched.
 */
export function planRemoval(spec: Spec, node: NodeName, seen: Snapshot, survey: Survey): Plan {
  const site = siteOf(node, seen, survey);
  const atWork = runsAtWork(survey);
  if ("id" in site) return { steps: [], obstacles: [...atWork, site] };
  const others = sitesOf({ ...spec, nodes: spec.nodes.filter((one) => one.name !== node) }, seen, survey).sites;
  const doomed = site.containers.filter((one) => isOfSpec(spec, site, one));
  const containers = doomed.map((one) => removeContainer(site, one, []));
  const before = idsOf(containers);
  const engine = forgetStore(spec, site, doomed, before);
  const afterEngine = [...before, ...idsOf(engine.steps)];
  const parts: Drafted[] = [
    { steps: containers, obstacles: hangingOn(site, doomed) },
    removeFlatNetworks(spec, site, doomed, before),
    engine,
    site.engine.swarm.state === "active"
      ? leaveSwarm(site, others, seen, before)
      : { steps: forgetInSwarm(site, others, seen, before), obstacles: [] },
    removeStoreMember(spec, site, others, seen, afterEngine),
  ];
  return {
    steps: inOrder(parts.flatMap((part) => part.steps)),
    obstacles: [...atWork, ...parts.flatMap((part) => part.obstacles)],
  };
}

const isOfSpec = (spec: Spec, site: Site, container: Container): boolean =>
  spec.containers.some((one) => one.node === site.name && one.name === container.name);

/** Containers that nobody told us to remove and that would lose their network. */
function hangingOn(site: Site, doomed: readonly Container[]): Finding[] {
  const shared = new Set(site.networks.filter((one) => one.scope !== "local").map((one) => one.id));
  const hanging = site.containers.filter(
    (one) =>
      !doomed.includes(one) &&
      one.attachments.some(({ networkId }) => networkId !== undefined && shared.has(networkId)),
  );
  if (hanging.length === 0) return [];
  return [
    obstacleOn(site.name, "containers-on-overlay", text`Other containers of ${site.name} hang on the overlay`, {
      evidence: hanging.map(
        (one) => text`${one.name} (${clean(one.state)}) on ${joined(one.attachments.map((each) => each.network))}`,
      ),
      remedy: text`Remove or move them first ("docker rm -f ${hanging[0]?.name ?? text`NAME`}" on ${site.name}): ovl.yaml does not know them, so they are not removed for you.`,
    }),
  ];
}

/** Flat networks are each engine's own: those of the spec go, unless something else uses them. */
function removeFlatNetworks(spec: Spec, site: Site, doomed: readonly Container[], needs: readonly StepId[]): Drafted {
  const names = spec.networks.filter((one) => one.driver === "macvlan").map((one) => one.name);
  const flat = site.networks.filter((one) => one.driver === "macvlan" && names.includes(one.name));
  const used = new Set(
    site.containers
      .filter((one) => !doomed.includes(one))
      .flatMap((one) => one.attachments.map((each) => each.network)),
  );
  return {
    steps: flat
      .filter((one) => !used.has(one.name))
      .map(({ name, id }) =>
        makeStep({
          id: stepId(site.name, text`network`, name, text`remove`),
          node: site.name,
          title: text`remove the macvlan network ${name} on ${site.name}`,
          needs,
          change: { kind: "remove-network", name, id },
          preview: [commandPreview("docker", "network", "rm", name)],
          proof: text`the engine does not list it any more`,
          undo: text`it is not: apply makes it again`,
        }),
      ),
    obstacles: [],
  };
}

/**
 * Takes the store's keys out of the node's configuration. SIGHUP cannot ("discovery service not supported" is all that
 * comes of it, moby daemon/reload.go), so an engine that runs with them is restarted.
 */
function forgetStore(spec: Spec, site: Site, doomed: readonly Container[], needs: readonly StepId[]): Drafted {
  const written = writtenSettings(site.survey.sources);
  const flags = ["cluster-store", "cluster-advertise", "cluster-store-opt"];
  const isSet = flags.some((flag) => isFlag(written, flag) || writtenValue(written, flag) !== undefined);
  const runs = site.engine.store !== undefined && site.engine.store !== "";
  if (!isSet && !runs) return { steps: [], obstacles: [] };
  const edits = storeRemovalEdits(site.name, site.survey);
  if (!edits.ok) return { steps: [], obstacles: [edits.obstacle] };
  const take = runs || edits.commandLine ? "restart" : "reload";
  const gone = new Set([
    ...doomed.map((one) => one.id),
    ...site.containers.filter((one) => one.name === spec.store?.kind).map((one) => one.id),
  ]);
  const step = makeStep({
    id: stepId(site.name, text`engine`),
    node: site.name,
    title: text`take the store out of dockerd's configuration on ${site.name} and ${clean(take)} it`,
    needs,
    change: { kind: "configure-engine", edits: edits.edits, take, joins: undefined, peers: [] },
    preview: [...edits.edits.map(diffPreview), commandPreview("systemctl", take, "docker")],
    disturbs: take === "reload" || site.engine.liveRestore ? [] : stopped(site).filter(({ id }) => !gone.has(id)),
    proof: text`dockerd answers and uses no store`,
    undo: text`the files come back as they were, and dockerd takes them`,
  });
  return { steps: [step], obstacles: [] };
}
