import type { Finding } from "../../finding.ts";
import { engineDroppedClusterStore } from "../../findings/engine-dropped-cluster-store.ts";
import type { StoreKind } from "../../membership.ts";
import { clean, joined, text } from "../../text.ts";
import { obstacleOn, type Site } from "../site.ts";
import type { Preflight } from "./ahead.ts";

/** Engines that cannot do what is asked of them: built without the store's driver, crashed by it, or joined otherwise. */
export const engineCannot: Preflight = ({ seen, sites, mode, layout }) => {
  const dropped = engineDroppedClusterStore
    .find(seen, 0)
    .map((found): Finding => ({ id: engineDroppedClusterStore.id, ...found }));
  if (mode !== "cluster-store" || layout === undefined) return dropped;
  const { kind } = layout.store;
  return [
    ...dropped,
    ...sites.flatMap((site) => [...lacksDriver(site, kind), ...inSwarm(site)]),
    ...(kind === "zookeeper" ? crashes(sites) : []),
  ];
};

/** Debian built 20.10.24 without Consul: dockerd then does not start ("discovery service not supported"). */
function lacksDriver({ name, engine, survey }: Site, kind: StoreKind): Finding[] {
  const { storeDrivers } = survey;
  if (storeDrivers === undefined || storeDrivers.includes(kind)) return [];
  const others = storeDrivers.filter((one) => one !== "zookeeper");
  return [
    obstacleOn(name, "store-driver-missing", text`dockerd on ${name} was built without a driver for ${clean(kind)}`, {
      evidence: [
        text`dockerd ${engine.version} has drivers for ${storeDrivers.length === 0 ? text`no store` : clean(storeDrivers.join(", "))}`,
      ],
      remedy:
        others.length === 0
          ? text`Write "mode: swarm" under engine in ovl.yaml, or install another build of the engine on ${name}.`
          : text`Write "kind: ${clean(others[0] ?? "")}" under store in ovl.yaml, or install another build of the engine on ${name}.`,
    }),
  ];
}

function inSwarm({ name, engine }: Site): Finding[] {
  if (engine.swarm.state === "inactive") return [];
  return [
    obstacleOn(name, "engine-in-swarm", text`${name} is in a swarm, which keeps it out of a cluster store`, {
      evidence: [text`its swarm is ${clean(engine.swarm.state)}`],
      remedy: text`Write "mode: swarm" under engine in ovl.yaml; or run "docker swarm leave" on ${name} if its services may stop.`,
    }),
  ];
}

/** dockerd 20.10 ends with a nil pointer in libnetwork's endpointCnt.Key, on every node that watches the network. */
function crashes(sites: readonly Site[]): Finding[] {
  const late = sites.filter(({ engine }) => engine.version.startsWith("20.10"));
  if (late.length === 0) return [];
  return [
    obstacleOn(
      undefined,
      "zookeeper-crashes-engine",
      text`ZooKeeper crashes dockerd 20.10 at the first container on an overlay`,
      {
        evidence: [
          text`engines: ${joined(late.map(({ name, engine }) => text`${name} ${engine.version}`))}`,
          text`"invalid memory address or nil pointer dereference" in libnetwork.(*endpointCnt).Key`,
        ],
        remedy: text`Use consul or etcd: write "kind: etcd" under store in ovl.yaml.`,
      },
    ),
  ];
}
