import { hasClusterStore } from "../engine-version.ts";
import type { Finding } from "../finding.ts";
import type { NodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { joined, type SafeText, text } from "../text.ts";
import { obstacleOn } from "./site.ts";

/** How the nodes are joined, and why that way; or why they cannot be. */
export type ModeDecision = { mode: "cluster-store" | "swarm"; because: SafeText } | { obstacle: Finding };

/**
 * What ovl.yaml asks for, where the engines can; with `auto` the one way that all of them can: from 23.0 swarm mode, up to
 * 20.10 the external store, but for a swarm that stands already while the file names no store.
 */
export function decideMode(spec: Spec, seen: Snapshot): ModeDecision {
  const engines = spec.nodes.flatMap(({ name }) => {
    const node = seen.nodes.get(name);
    const version = node === undefined ? undefined : versionOf(node);
    return node === undefined || version === undefined ? [] : [{ name, version, node }];
  });
  const podman = engines.filter(({ node }) => lastSeen(node.engine)?.product === "podman");
  if (podman.length > 0) return notDocker(podman);
  const withStore = (has: boolean | undefined) => engines.filter((one) => hasClusterStore(one.version) === has);
  const [early, late, unreadable] = [withStore(true), withStore(false), withStore(undefined)];
  const { mode } = spec.engine;
  if (mode === "swarm") return { mode, because: text`ovl.yaml asks for it` };
  if (mode === "cluster-store" && late.length > 0) {
    return refused(text`Engines from 23.0 have no cluster store`, late, {
      remedy: text`Write "mode: swarm" or "mode: auto" in ovl.yaml, or install an engine up to 20.10 on ${namesOf(late)}.`,
    });
  }
  if (unreadable.length > 0) {
    return refused(text`It cannot be told whether engines that are no release have a cluster store`, unreadable, {
      remedy: text`Write "mode: swarm" in ovl.yaml, which every engine of today can, or install a release on ${namesOf(unreadable)}.`,
    });
  }
  if (mode === "cluster-store") return { mode, because: text`ovl.yaml asks for it` };
  if (engines.length === 0) {
    return refused(text`No engine tells its version, so it cannot be told how to join them`, [], {
      remedy: text`See that the nodes answer, or write "mode: cluster-store" or "mode: swarm" in ovl.yaml.`,
    });
  }
  if (late.length > 0 && early.length > 0) {
    return refused(text`Engines of both kinds: some know only swarm mode, others are from before 23.0`, engines, {
      remedy: text`Write "mode: swarm" in ovl.yaml if all of them may join a swarm, or bring them to one version.`,
    });
  }
  if (late.length > 0) return { mode: "swarm", because: text`engines from 23.0 have no cluster store: ${told(late)}` };
  if (spec.store === undefined && inSwarm(spec, seen)) {
    return { mode: "swarm", because: text`the nodes are in a swarm already and ovl.yaml names no store` };
  }
  return { mode: "cluster-store", because: text`engines up to 20.10 can use an external store: ${told(early)}` };
}

/** The version that runs; of a stopped engine the one that would start. */
function versionOf(node: NodeSnapshot): SafeText | undefined {
  return lastSeen(node.facts)?.installedEngine ?? lastSeen(node.engine)?.version;
}

const inSwarm = (spec: Spec, seen: Snapshot): boolean =>
  spec.nodes.some(({ name }) => {
    const node = seen.nodes.get(name);
    return node !== undefined && lastSeen(node.engine)?.swarm.state === "active";
  });

interface Versioned {
  name: NodeName;
  version: SafeText;
}

const namesOf = (engines: readonly Versioned[]): SafeText => joined(engines.map(({ name }) => name));
const told = (engines: readonly Versioned[]): SafeText =>
  joined(engines.map(({ name, version }) => text`${name} ${version}`));

const notDocker = (engines: readonly Versioned[]): { obstacle: Finding } => ({
  obstacle: obstacleOn(undefined, "engine-not-docker", text`Podman has neither a cluster store nor swarm mode`, {
    evidence: engines.map(({ name, version }) => text`${name}: Podman ${version}`),
    remedy: text`Install Docker's engine on ${namesOf(engines)} and let it have /var/run/docker.sock, or take ${engines.length === 1 ? text`the node` : text`these nodes`} out of ovl.yaml.`,
  }),
});

const refused = (
  title: SafeText,
  engines: readonly Versioned[],
  { remedy }: { remedy: SafeText },
): { obstacle: Finding } => ({
  obstacle: obstacleOn(undefined, "engine-mode", title, {
    evidence: engines.map(({ name, version }) => text`${name}: ${version}`),
    remedy,
  }),
});
