import { isUp } from "../link.ts";
import { joined, text } from "../text.ts";
import { type Check, nodesOf, sharing } from "./check.ts";

/**
 * Two running containers with one address on one network: an endpoint was cleared away (`docker network disconnect -f`)
 * while its container went on running, and its address was given out again. Traffic goes to either.
 */
export const duplicateAddress: Check = {
  id: "duplicate-address",
  find: (seen) => {
    const places = nodesOf(seen).flatMap((node) => {
      const { containers, networks } = node;
      if (!isUp(node.link) || containers.state !== "fresh" || networks.state !== "fresh") return [];
      const shared = new Set(networks.value.filter((one) => one.scope !== "local").map((one) => one.id));
      return [...containers.value.values()]
        .filter((container) => container.state === "running")
        .flatMap((container) => container.attachments.map((place) => ({ node, container, ...place })))
        .filter(({ networkId }) => networkId !== undefined && shared.has(networkId));
    });
    return sharing(places, ({ networkId, address }) =>
      address === undefined || address === "" ? undefined : `${networkId} ${address}`,
    ).map((same) => {
      const names = joined(same.map(({ container }) => container.name));
      const at = same[0];
      return {
        severity: "error",
        title: text`${names} have the same address ${at?.address ?? text``} on ${at?.network ?? text``}`,
        node: undefined,
        evidence: same.map(
          ({ node, container, mac }) => text`${container.name} on ${node.name}, MAC ${mac ?? text`not told`}`,
        ),
        remedy: text`Stop one of them and start it again, so that it gets an address of its own; then see that the others reach both.`,
      };
    });
  },
};
