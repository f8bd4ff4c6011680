import type { Attachment, Container } from "../engine.ts";
import type { NetworkId } from "../ids.ts";
import { isUp } from "../link.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, nodesOf } from "./check.ts";

/** A running container's place on a network that nodes share. */
interface Place extends Pick<Attachment, "network" | "mac"> {
  node: NodeSnapshot;
  container: Container;
  networkId: NetworkId;
  address: SafeText;
}

/**
 * Two running containers with one address on one network: an endpoint was cleared away (`docker network disconnect -f`)
 * while its container went on running, and its address was given out again. Traffic goes to either.
 */
export const duplicateAddress: Check = {
  id: "duplicate-address",
  find: (seen) =>
    sharedAddresses(seen).map((same) => {
      const names = joined(same.map(({ container }) => container.name));
      const [at] = same;
      return {
        severity: "error",
        title: text`${names} have the same address ${at?.address ?? text``} on ${at?.network ?? text``}`,
        node: undefined,
        evidence: same.map(
          ({ node, container, mac }) => text`${container.name} on ${node.name}, MAC ${mac ?? text`not told`}`,
        ),
        remedy: text`Stop one of them and start it again, so that it gets an address of its own; then see that the others reach both.`,
      };
    }),
};

/** Those that share network and address, in groups. Every container of the cluster is looked at, so what is made for one is kept. */
function sharedAddresses(seen: Snapshot): Place[][] {
  const held = new Map<NetworkId, Map<SafeText, Place>>();
  const several = new Map<Place, Place[]>();
  for (const node of nodesOf(seen)) {
    for (const place of placesOf(node)) {
      const { networkId, address } = place;
      const onNetwork = held.get(networkId) ?? new Map<SafeText, Place>();
      held.set(networkId, onNetwork);
      const first = onNetwork.get(address);
      if (first === undefined) onNetwork.set(address, place);
      else several.set(first, [...(several.get(first) ?? [first]), place]);
    }
  }
  return [...several.values()];
}

/** On networks that engines share. */
function placesOf(node: NodeSnapshot): readonly Place[] {
  const before = known.get(node);
  if (before !== undefined) return before;
  const places: Place[] = [];
  known.set(node, places);
  const { containers, networks } = node;
  if (!isUp(node.link) || containers.state !== "fresh" || networks.state !== "fresh") return places;
  const shared = new Set(networks.value.filter((one) => one.scope !== "local").map((one) => one.id));
  for (const container of containers.value.values()) {
    if (container.state !== "running") continue;
    for (const attachment of container.attachments) {
      const { networkId, address } = attachment;
      if (networkId === undefined || address === undefined || address === "" || !shared.has(networkId)) continue;
      places.push({ node, container, networkId, address, mac: attachment.mac, network: attachment.network });
    }
  }
  return places;
}

/** A node that did not change has the places that it had. */
const known = new WeakMap<NodeSnapshot, readonly Place[]>();
