import type { Finding } from "../finding.ts";
import type { Membership, StoreMember } from "../membership.ts";
import { withoutPrefix } from "../subnets.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { obstacleOn, type Site } from "./site.ts";
import { serversLabel, serversLabelOf } from "./store-container.ts";
import type { StoreLayout } from "./store-layout.ts";

/** Whether the site runs one of the servers that the store itself lists as alive. */
export const hasServer = ({ members, endpoint }: Membership, site: Site): boolean =>
  members.some((member) => isServerOn(member, site) && isAlive(member)) ||
  // A single server in a container may know itself only by an address inside of it; it answered here.
  (members.filter((one) => one.role === "server").length === 1 && isOf(site, hostOf(endpoint)));

const isServerOn = ({ role, address }: StoreMember, site: Site): boolean =>
  role === "server" && isOf(site, hostOf(address));

const isAlive = ({ state }: StoreMember): boolean => ["leader", "follower", "alive"].includes(state);

const hostOf = (endpoint: SafeText): string => endpoint.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");

const isOf = ({ seen, facts }: Site, host: string): boolean =>
  seen.address === host ||
  seen.name === host ||
  facts.interfaces.some((link) => link.addresses.some((address) => withoutPrefix(address) === host));

/**
 * Servers of etcd and ZooKeeper are told once, at their first start, who the servers are. Two that are added by the file to
 * one that runs know of three, are more than half of them, and begin a second store, which is empty. `told`: what the store
 * says while it has a leader; `missing`: servers of the file that it does not have.
 */
export function otherServers(layout: StoreLayout, told: Membership | undefined, missing: readonly Site[]): Finding[] {
  const { store, servers } = layout;
  if (store.kind === "consul" || missing.length === 0) return [];
  const kind = clean(store.kind);
  const evidence = told === undefined ? madeForOthers(layout) : runsWithOthers(layout, told, missing);
  if (evidence.length === 0) return [];
  return [
    obstacleOn(missing[0]?.name, "store-servers-differ", text`${kind} runs with other servers than ovl.yaml names`, {
      evidence: [...evidence, text`ovl.yaml: ${joined(servers.map((one) => one.name))}`],
      remedy: text`Write under store the servers that run: those of ${kind} are not changed by a plan. ${byHand[store.kind]}`,
    }),
  ];
}

const byHand = {
  etcd: text`By hand: "etcdctl member add" for each new one, which is then started with --initial-cluster-state=existing.`,
  zookeeper: text`By hand: give every server the new list, and start them one after the other, those that run first.`,
};

/** ZooKeeper lists nobody: with a leader, more than half of its servers are there. */
function runsWithOthers({ store, servers }: StoreLayout, told: Membership, missing: readonly Site[]): SafeText[] {
  const isStrange =
    store.kind === "etcd"
      ? missing.some((site) => !told.members.some((member) => isServerOn(member, site)))
      : (servers.length - missing.length) * 2 <= servers.length;
  const running = told.members.filter((one) => one.role === "server" && isAlive(one));
  return isStrange ? [text`it has a leader, with ${joined(running.map((one) => one.address))}`] : [];
}

/** Of a store that does not answer its containers tell what they were made with. */
const madeForOthers = ({ store, servers }: StoreLayout): SafeText[] =>
  servers.flatMap((site) => {
    const label = site.containers
      .find((one) => one.name === store.kind)
      ?.labels.find((one) => one.name === serversLabel)?.value;
    const wanted = serversLabelOf(servers.map((one) => ({ address: one.advertise.address })));
    return label === undefined || label === wanted ? [] : [text`the container on ${site.name} was made for ${label}`];
  });
