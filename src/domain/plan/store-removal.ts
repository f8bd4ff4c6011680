import type { Finding } from "../finding.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Spec, StoreSpec } from "../spec/spec.ts";
import { clean, text } from "../text.ts";
import { removeContainer } from "./containers.ts";
import { sameImage } from "./images.ts";
import type { Drafted } from "./make-step.ts";
import { obstacleOn, type Site } from "./site.ts";
import type { StepId } from "./step.ts";
import { storeLabel } from "./store-container.ts";
import { layoutOf, runsServer } from "./store-layout.ts";
import { hasServer } from "./store-servers.ts";

/** Removes the store's server or agent from the node; a server that the store cannot do without stays, and so does the node. */
export function removeStoreMember(
  { store }: Spec,
  site: Site,
  others: readonly Site[],
  seen: Snapshot,
  needs: readonly StepId[],
): Drafted {
  if (store === undefined || store.at === "endpoints") return { steps: [], obstacles: [] };
  const { image } = layoutOf(store, others);
  const container = site.containers.find(
    (one) =>
      one.name === store.kind &&
      (one.labels.some((label) => label.name === storeLabel) || sameImage(site.survey.images, one.image, image)),
  );
  const kind = clean(store.kind);
  const obstacles: Finding[] = [];
  if (runsServer(store, site.name)) {
    if (store.nodes.length === 1) {
      obstacles.push(
        obstacleOn(site.name, "store-would-break", text`${kind} runs on ${site.name} alone`, {
          evidence: [text`every overlay and every engine's membership is kept in it`],
          remedy:
            store.kind === "consul"
              ? text`Move the store first: run it on three nodes ("node: [A, B, C]" under store in ovl.yaml), or take the cluster down node by node with this one last.`
              : text`Take the cluster down node by node with this one last: a plan gives ${kind} no other servers than it was begun with.`,
        }),
      );
    } else obstacles.push(...losesServer(site, others, seen, store));
  }
  if (container === undefined) return { steps: [], obstacles };
  return { steps: [removeContainer(site, container, needs)], obstacles };
}

/** Of `count` servers more than half have to stay alive. */
function losesServer(
  site: Site,
  others: readonly Site[],
  { membership }: Snapshot,
  { kind, nodes: { length: count } }: Extract<StoreSpec, { at: "nodes" }>,
): Finding[] {
  const told = membership === undefined ? undefined : lastSeen(membership);
  const alive = others.filter((one) => told !== undefined && hasServer(told, one));
  const evidence = [text`${alive.length} of ${count} servers would be left alive`];
  if (membership?.state !== "fresh" || alive.length * 2 <= count) {
    return [
      obstacleOn(site.name, "store-would-break", text`Without ${site.name} the store loses its majority`, {
        evidence,
        remedy: text`Bring the other servers back first.`,
      }),
    ];
  }
  return [
    {
      id: "store-loses-server",
      severity: "warning",
      title: text`The store goes on without ${site.name}, and stands the loss of fewer servers`,
      node: site.name,
      evidence,
      remedy:
        kind === "consul"
          ? text`Write another node in its place under store in ovl.yaml and apply; it takes 1, 3 or 5 servers.`
          : text`A plan gives ${clean(kind)} no other server in its place: change its servers by hand, then ovl.yaml; it takes 1, 3 or 5.`,
    },
  ];
}
