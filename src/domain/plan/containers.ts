import type { Container } from "../engine.ts";
import type { Finding } from "../finding.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ContainerSpec, Spec } from "../spec/spec.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { ContainerDefinition } from "./change.ts";
import { commandPreview, commandsPreview, dockerRun } from "./command.ts";
import { baseName, imageId } from "./image-names.ts";
import { type ImageDraft, sameImage } from "./images.ts";
import { type Drafted, makeStep, stepId } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { Step, StepId } from "./step.ts";
import type { Image } from "./survey.ts";

export interface ContainerGround {
  spec: Spec;
  seen: Snapshot;
  sites: readonly Site[];
  images: ImageDraft;
  /** What has to be done before a container of the site can join `network`. */
  networkReady(site: Site, network: SafeText): readonly StepId[];
}

/** What the spec's container lacks: to be made, started, or put on its network. */
export function draftContainer(wanted: ContainerSpec, ground: ContainerGround): Drafted {
  const site = ground.sites.find((one) => one.name === wanted.node);
  if (site === undefined) return { steps: [], obstacles: [] };
  const present = site.containers.find((one) => one.name === wanted.name && one.state !== "removing");
  const taken = present === undefined ? takenElsewhere(wanted, site, ground) : takenHere(wanted, site, present);
  if (taken.some((one) => one.severity === "error")) return { steps: [], obstacles: taken };
  const needs = wanted.network === undefined ? [] : ground.networkReady(site, wanted.network);
  const steps = present === undefined ? [create(wanted, site, ground, needs)] : mend(wanted, site, present, needs);
  return { steps, obstacles: taken };
}

function create(wanted: ContainerSpec, site: Site, { images }: ContainerGround, needs: readonly StepId[]): Step {
  const load = images.stepFor(site, wanted.image);
  const definition = definitionOf(wanted);
  return makeStep({
    id: stepId(site.name, text`container`, wanted.name),
    node: site.name,
    title: text`run ${wanted.name} from ${clean(wanted.image)} on ${site.name}`,
    needs: [...(load === undefined ? [] : [load.id]), ...needs],
    change: { kind: "create-container", definition },
    preview: [commandPreview(...dockerRun(definition))],
    proof: wanted.network === undefined ? text`it runs` : text`it runs and has an address on ${wanted.network}`,
    undo: text`it is removed again`,
  });
}

/** As `docker run -it` would make it, so that it can be attached to. */
export function definitionOf(wanted: ContainerSpec): ContainerDefinition {
  const { name, hostname, image, network, address, privileged, remove, command, environment, mounts, restart } = wanted;
  return {
    ...{ name, hostname, image, network, address, privileged, remove, command, environment, mounts, restart },
    terminal: true,
    // What systemd powers off at (systemd(1), "Signals"); at SIGTERM it does nothing and is killed after 10 s.
    stopSignal: runsInit(wanted) ? "SIGRTMIN+3" : undefined,
    labels: {},
  };
}

/** What keeps a container from being the one that `definition` made, as far as its engine's list tells; nothing when it may be. */
export function notMadeFrom(
  { image, network }: ContainerDefinition,
  present: Container,
  images: readonly Image[],
): SafeText[] {
  const on = present.attachments.map((one) => one.network);
  return [
    ...(sameImage(images, present.image, image) ? [] : [text`its image is ${present.image}, not ${clean(image)}`]),
    ...(network === undefined || on.some((one) => one === network) ? [] : [text`it is not on ${clean(network)}`]),
  ];
}

function runsInit({ command, image }: ContainerSpec): boolean {
  const program = command[0];
  if (program !== undefined) return ["init", "systemd"].includes(program.slice(program.lastIndexOf("/") + 1));
  return /(?:^|[-_])(?:init|systemd)(?:$|[-_])/.test(baseName(image));
}

function mend(wanted: ContainerSpec, site: Site, present: Container, needs: readonly StepId[]): Step[] {
  const { id, name } = present;
  const { network, address } = wanted;
  const steps: Step[] = [];
  if (network !== undefined && !present.attachments.some((one) => one.network === network)) {
    steps.push(
      makeStep({
        id: stepId(site.name, text`container`, name, text`connect`),
        node: site.name,
        title: text`connect ${name} on ${site.name} to ${network}`,
        needs,
        change: { kind: "connect-container", id, name, network, address },
        preview: [
          commandPreview(
            ...["docker", "network", "connect"],
            ...(address === undefined ? [] : ["--ip", address]),
            network,
            name,
          ),
        ],
        proof: text`it has an address on ${network}`,
        undo: text`it is disconnected again`,
      }),
    );
  }
  if (!["created", "exited", "dead"].includes(present.state)) return steps;
  return [
    ...steps,
    makeStep({
      id: stepId(site.name, text`container`, name),
      node: site.name,
      title: text`start ${name} on ${site.name}`,
      needs: [...needs, ...steps.map((step) => step.id)],
      change: { kind: "start-container", id, name },
      preview: [commandPreview("docker", "start", name)],
      proof: network === undefined ? text`it runs` : text`it runs and has an address on ${network}`,
      undo: text`it is stopped again`,
    }),
  ];
}

/** A container of that name which is another thing; one of an older image of the same name is left as it is, and told. */
function takenHere(wanted: ContainerSpec, site: Site, present: Container): Finding[] {
  if (sameImage(site.survey.images, present.image, wanted.image)) return [];
  const evidence = [
    text`its image is ${present.image}, ovl.yaml says ${clean(wanted.image)}; it is ${clean(present.state)}`,
  ];
  if (imageId(present.image) !== undefined) {
    return [
      {
        id: "container-image-old",
        severity: "warning",
        title: text`${wanted.name} on ${site.name} runs an image that has no name any more`,
        node: site.name,
        evidence,
        remedy: text`If ${clean(wanted.image)} was made anew since, remove the container and apply again to have it from the new one.`,
      },
    ];
  }
  return [
    obstacleOn(
      site.name,
      "container-name-taken",
      text`A container named ${wanted.name} on ${site.name} has another image`,
      {
        evidence,
        remedy: text`Remove or rename it ("docker rename ${wanted.name} NEW" on ${site.name}), or correct ovl.yaml.`,
      },
    ),
  ];
}

/** Names are one for a whole overlay: libnetwork keeps its endpoints by the containers' names. */
function takenElsewhere(wanted: ContainerSpec, site: Site, { sites, seen, spec }: ContainerGround): Finding[] {
  const overlay = spec.networks.find((one) => one.name === wanted.network && one.driver === "overlay");
  if (overlay === undefined) return [];
  const other = sites
    .filter((one) => one !== site)
    .flatMap((one) =>
      one.containers
        .filter(
          ({ name, attachments }) => name === wanted.name && attachments.some((each) => each.network === overlay.name),
        )
        .map((container) => ({ where: one, container })),
    )[0];
  if (other !== undefined) {
    const { where, container } = other;
    return [
      obstacleOn(
        where.name,
        "container-name-taken",
        text`${wanted.name} is on ${where.name} already, and ovl.yaml wants it on ${site.name}`,
        {
          evidence: [
            text`it is ${clean(container.state)} and attached to ${overlay.name}, where a name may stand once`,
          ],
          remedy: text`Remove it on ${where.name} ("docker rm -f ${wanted.name}") or correct its node in ovl.yaml.`,
        },
      ),
    ];
  }
  return staleEndpoint(wanted, overlay.name, site, sites, seen);
}

/** The store still has an endpoint of that name: "endpoint with name … already exists in network …" (libnetwork). */
function staleEndpoint(
  wanted: ContainerSpec,
  overlay: SafeText,
  site: Site,
  sites: readonly Site[],
  { membership }: Snapshot,
): Finding[] {
  const records = membership === undefined ? [] : (lastSeen(membership)?.endpoints ?? []);
  const ids = new Set(
    sites.flatMap((one) => one.networks.filter((each) => each.name === overlay).map((each) => each.id)),
  );
  const stale = records.find((one) => one.name === wanted.name && ids.has(one.network));
  if (stale === undefined) return [];
  return [
    obstacleOn(site.name, "endpoint-left-over", text`The store still has an endpoint ${wanted.name} on ${overlay}`, {
      evidence: [
        text`written by the engine at ${stale.locator ?? text`an address it did not tell`}; no container of that name is attached`,
      ],
      remedy: text`See that no container runs it any more, then "docker network disconnect -f ${overlay} ${wanted.name}" on any node.`,
    }),
  ];
}

/** Seconds that a container gets to stop by itself, as `docker stop` gives. */
export const stopSeconds = 10;

/** The step that removes a container, for it is the cluster's own; a running one is stopped by it. No volume goes with it. */
export function removeContainer(site: Site, { id, name, state }: Container, needs: readonly StepId[]): Step {
  const runs = ["running", "paused", "restarting"].includes(state);
  return makeStep({
    id: stepId(site.name, text`container`, name, text`remove`),
    node: site.name,
    title: text`remove the container ${name} on ${site.name}`,
    needs,
    change: { kind: "remove-container", id, name },
    preview: [
      commandsPreview([
        ...(runs ? [["docker", "stop", "-t", String(stopSeconds), name]] : []),
        ["docker", "rm", "-f", name],
      ]),
    ],
    disturbs: runs ? [{ id, name }] : [],
    proof: text`the engine does not list it any more`,
    undo: text`it is not: what the container held beside its volumes is gone, and with --rm those without a name as well`,
  });
}
