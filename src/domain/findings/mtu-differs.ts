import { text } from "../text.ts";
import { clusterInterface } from "./advertised.ts";
import { type Check, nodesOf } from "./check.ts";

/** VXLAN adds 50 bytes to every packet (RFC 7348): what fits on one node's link must fit on the others'. */
const vxlanBytes = 50;

/** Cluster interfaces with different MTUs: small packets pass, large ones vanish. */
export const mtuDiffers: Check = {
  id: "mtu-differs",
  find: (seen) => {
    const links = nodesOf(seen).flatMap((node) => {
      const link = clusterInterface(node);
      return link === undefined ? [] : [{ node, link }];
    });
    const smallest = Math.min(...links.map(({ link }) => link.mtu));
    if (links.every(({ link }) => link.mtu === smallest)) return [];
    const [least] = links.filter(({ link }) => link.mtu === smallest);
    return [
      {
        severity: "warning",
        title: text`MTU differs between nodes: ${smallest} on ${least?.node.name ?? text`one`}, more on others`,
        node: least?.node.name,
        evidence: links.map(({ node, link }) => text`${node.name}: ${link.name} ${link.mtu}`),
        remedy: text`Give all of them one MTU ("ip link set dev IFACE mtu N", and in the network configuration), or create overlays with --opt com.docker.network.driver.mtu=${smallest - vxlanBytes}.`,
      },
    ];
  },
};
