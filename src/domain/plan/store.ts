import type { Container } from "../engine.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { hostPort } from "./advertise.ts";
import { commandPreview, dockerRun } from "./command.ts";
import { type ImageDraft, sameImage } from "./images.ts";
import { type Drafted, idsOf, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step, StepId } from "./step.ts";
import { storeContainer } from "./store-container.ts";
import type { StoreLayout } from "./store-layout.ts";
import { hasServer, otherServers } from "./store-servers.ts";

export interface StoreDraft extends Drafted {
  /** What an engine has to wait for before it may use the store. */
  readyFor(site: Site): readonly StepId[];
}

/** Steps that make the store answer with a leader and all of its servers; none when it does, whoever started it. */
export function draftStore(spec: Spec, seen: Snapshot, layout: StoreLayout, images: ImageDraft): StoreDraft {
  if (layout.store.at === "endpoints") return existingStore(seen, layout);
  const answering = seen.membership?.state === "fresh" ? seen.membership.value : undefined;
  const told = answering?.kind === layout.store.kind && answering.leader !== undefined ? answering : undefined;
  const steps: Step[] = [];
  const obstacles: Drafted["obstacles"] = [];
  const run = (site: Site, role: "server" | "agent"): Step[] => {
    const drafted = containerSteps(spec, layout, site, role, images);
    steps.push(...drafted.steps);
    obstacles.push(...drafted.obstacles);
    return drafted.steps;
  };
  const missing = layout.servers.filter((site) => told === undefined || !hasServer(told, site));
  const differ = otherServers(layout, told, missing);
  if (differ.length > 0) return { steps, obstacles: differ, readyFor: () => [] };
  for (const site of missing) run(site, "server");
  const [first] = layout.servers;
  const ready = first === undefined || missing.length === 0 ? undefined : awaitServers(layout, first, idsOf(steps));
  if (ready !== undefined) steps.push(ready);
  const agentReady = new Map<Site, StepId>();
  for (const site of layout.agents) {
    if (running(site, layout) !== undefined) continue;
    const needed = [...idsOf(run(site, "agent")), ...(ready === undefined ? [] : [ready.id])];
    const answers = awaitAgent(layout, site, needed);
    steps.push(answers);
    agentReady.set(site, answers.id);
  }
  return {
    steps,
    obstacles,
    readyFor: (site) => [agentReady.get(site) ?? ready?.id].filter((id) => id !== undefined),
  };
}

/** A store that somebody else runs is only asked whether it answers. */
function existingStore({ membership }: Snapshot, { store, endpoints }: StoreLayout): StoreDraft {
  const answers = membership?.state === "fresh" && membership.value.leader !== undefined;
  const obstacle = obstacleOn(undefined, "store-not-answering", text`${clean(store.kind)} does not answer`, {
    evidence: [text`asked at ${joined(endpoints)}`],
    remedy: text`Start it, or correct endpoints of the store in ovl.yaml; with "node: NAME" instead it is run as a container on that node.`,
  });
  return { steps: [], obstacles: answers ? [] : [obstacle], readyFor: () => [] };
}

/** The store's container on the node, while it runs. */
export const running = (site: Site, { store }: StoreLayout): Container | undefined =>
  named(site, store.kind, (one) => ["running", "restarting"].includes(one.state));

const named = (site: Site, name: string, also: (one: Container) => boolean = () => true): Container | undefined =>
  site.containers.find((one) => one.name === name && also(one));

function containerSteps(
  spec: Spec,
  layout: StoreLayout,
  site: Site,
  role: "server" | "agent",
  images: ImageDraft,
): Drafted {
  const { store, image, servers } = layout;
  const kind = clean(store.kind);
  const present = named(site, store.kind);
  if (present !== undefined && !sameImage(site.survey.images, present.image, image)) {
    return {
      steps: [],
      obstacles: [
        obstacleOn(
          site.name,
          "container-name-taken",
          text`A container named ${kind} on ${site.name} is not the store`,
          {
            evidence: [text`its image is ${present.image}, not ${clean(image)}; it is ${clean(present.state)}`],
            remedy: text`Rename or remove it ("docker rename ${kind} NEW" on ${site.name}), or write "image: ${present.image}" under store in ovl.yaml if it is the store after all.`,
          },
        ),
      ],
    };
  }
  if (present !== undefined && ["running", "restarting", "paused"].includes(present.state))
    return { steps: [], obstacles: [] };
  if (present !== undefined) return { steps: [startStep(site, present, kind)], obstacles: [] };
  const place = ({ name, advertise }: Site) => ({ name, address: advertise.address });
  const definition = storeContainer({
    ...{ kind: store.kind, image, port: store.port, cluster: spec.cluster, role },
    ...{ self: place(site), servers: servers.map(place) },
  });
  const load = images.stepFor(site, image);
  const where = text`${site.name} at ${hostPort(site.advertise.address, store.port)}`;
  const create = makeStep({
    id: stepId(site.name, text`store`),
    node: site.name,
    title: role === "server" ? text`run ${kind} on ${where}` : text`run a ${kind} agent on ${where}`,
    needs: load === undefined ? [] : [load.id],
    change: { kind: "create-container", definition },
    preview: [commandPreview(...dockerRun(definition))],
    proof: text`the container runs`,
    undo: text`the container is removed again; its volume stays`,
  });
  return { steps: [create], obstacles: [] };
}

const startStep = (site: Site, { id, name }: Container, kind: SafeText): Step =>
  makeStep({
    id: stepId(site.name, text`store`),
    node: site.name,
    title: text`start ${kind} on ${site.name}`,
    needs: [],
    change: { kind: "start-container", id, name },
    preview: [commandPreview("docker", "start", name)],
    proof: text`the container runs`,
    undo: text`it is stopped again`,
  });

function awaitServers({ store, endpoints }: StoreLayout, site: Site, needs: readonly StepId[]): Step {
  const kind = clean(store.kind);
  return makeStep({
    id: stepId(site.name, text`store-ready`),
    node: site.name,
    title:
      endpoints.length === 1
        ? text`wait for a leader of ${kind}`
        : text`wait for ${kind}: a leader, ${endpoints.length} servers`,
    needs,
    change: { kind: "await-store", store: store.kind, servers: endpoints },
    preview: [],
    proof: text`every server answers and one of them leads`,
    undo: text`nothing to take back`,
  });
}

function awaitAgent({ store }: StoreLayout, site: Site, needs: readonly StepId[]): Step {
  const own = hostPort(site.advertise.address, store.port);
  return makeStep({
    id: stepId(site.name, text`store-ready`),
    node: site.name,
    title: text`wait for the agent on ${site.name}`,
    needs,
    change: { kind: "await-store", store: store.kind, servers: [own] },
    preview: [],
    proof: text`it tells a leader`,
    undo: text`nothing to take back`,
  });
}
