import type { Attachment, Container } from "../engine.ts";
import type { NetworkId } from "../ids.ts";
import { isUp } from "../link.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, nodesOf } from "./check.ts";

/** A running container's place on a network that nodes share. */
interface Place {
  node: NodeSnapshot;
  container: Container;
  attachment: Attachment;
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
      const at = same[0]?.attachment;
      return {
        severity: "error",
        title: text`${names} have the same address ${at?.address ?? text``} on ${at?.network ?? text``}`,
        node: undefined,
        evidence: same.map(
          ({ node, container, attachment: { mac } }) =>
            text`${container.name} on ${node.name}, MAC ${mac ?? text`not told`}`,
        ),
        remedy: text`Stop one of them and start it again, so that it gets an address of its own; then see that the others reach both.`,
      };
    }),
};

/** Those that share network and address, in groups. Every container of the cluster is looked at, so next to nothing is made for one. */
function sharedAddresses(seen: Snapshot): Place[][] {
  const held = new Map<NetworkId, Map<SafeText, Place>>();
  const several = new Map<Place, Place[]>();
  for (const node of nodesOf(seen)) {
    for (const place of placesOf(node)) {
      const { networkId, address } = place.attachment;
      if (networkId === undefined || address === undefined || address === "") continue;
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
function* placesOf(node: NodeSnapshot): Generator<Place> {
  const { containers, networks } = node;
  if (!isUp(node.link) || containers.state !== "fresh" || networks.state !== "fresh") return;
  const shared = new Set(networks.value.filter((one) => one.scope !== "local").map((one) => one.id));
  for (const container of containers.value.values()) {
    if (container.state !== "running") continue;
    for (const attachment of container.attachments) {
      if (attachment.networkId !== undefined && shared.has(attachment.networkId)) yield { node, container, attachment };
    }
  }
}
