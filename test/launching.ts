/** What launching is told of a cluster: two nodes of the classic procedure, an overlay, a container on each. */
import { emptyLaunch, type LaunchDraft } from "../src/domain/launch/draft.ts";
import { groundOf, type LaunchGround, type LaunchSurvey } from "../src/domain/launch/ground.ts";
import type { Snapshot } from "../src/domain/snapshot.ts";
import type { Spec } from "../src/domain/spec/spec.ts";
import { clean } from "../src/domain/text.ts";
import { classicRest, computingImage, consulImage, fileFor, specOf } from "./planned.ts";
import { node103, node104 } from "./snapshots.ts";
import { clusterAfter, node1, node2 } from "./ui/clusters.ts";

export const classicFile = fileFor(2, classicRest);
export const classicSpec = specOf(classicFile);

/** Both nodes told of their images; node104 lacks Consul's. */
export const surveyed: LaunchSurvey = {
  images: new Map([
    [node103, [computingImage, consulImage]],
    [node104, [computingImage]],
  ]),
  hostnames: new Map([
    [node2.id, clean("node2")],
    [node1.id, clean("head")],
  ]),
  held: new Map(),
  loads: new Map([[node104, { oneMinute: 0.42, availableBytes: 5e9 }]]),
};

export const groundWith = (
  survey: Partial<LaunchSurvey> = {},
  seen: Snapshot = clusterAfter(),
  spec: Spec = classicSpec,
): LaunchGround => groundOf(spec, seen, { ...surveyed, ...survey });

/** A draft that can be launched on that ground. */
export const draftWith = (changes: Partial<LaunchDraft> = {}): LaunchDraft => ({
  ...emptyLaunch,
  ...{ image: "big_computing", nodes: "node104", network: "ov_net1", name: "web-1" },
  ...changes,
});
