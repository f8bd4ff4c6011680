import type { Severity } from "../finding.ts";
import type { Difference } from "../flags/differences.ts";
import { differences } from "../flags/differences.ts";
import type { NodeName } from "../ids.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Check, type Found, knownConfigs } from "./check.ts";
import { isOneConsul } from "./one-consul.ts";

/** An option of dockerd that should be the same on every node and is not; where most agree, the odd ones are named. */
export const flagsDiffer: Check = {
  id: "flags-differ",
  find: (seen) => {
    const configs = knownConfigs(seen);
    return differences(new Map(configs.map(({ node, value }) => [node.name, value])))
      .filter((difference) => !isMeant(difference, seen))
      .flatMap(spelled);
  },
};

/** A machine whose interface has another name is no mistake when ovl.yaml says that name, nor are agents of one Consul. */
export function isMeant({ name, values }: Difference, seen: Snapshot): boolean {
  if (name === "cluster-store") {
    const uses = values.map(({ node, value }) => ({ node: seen.nodes.get(node), url: value }));
    return isOneConsul(uses, seen);
  }
  if (name !== "cluster-advertise") return false;
  return values.every(({ node, value }) => saysSpec(seen.nodes.get(node), value));
}

const saysSpec = (node: NodeSnapshot | undefined, value: SafeText): boolean =>
  node?.advertise !== undefined && value.startsWith(`${node.advertise}:`);

function spelled({ name, values, usual, odd }: Difference): Found[] {
  const evidence = values.map(({ node, value }) => text`${node}: ${name} ${value}`);
  const severity = severityOf(
    name,
    values.map((one) => one.value),
  );
  if (usual === undefined) {
    return [
      {
        severity,
        title: text`${name} differs between ${joined(odd)}`,
        node: undefined,
        evidence,
        remedy: text`Decide for one value and write it on all of them; the details of each node show where its value comes from.`,
      },
    ];
  }
  return odd.map((node: NodeName) => ({
    severity,
    title: text`${node} has another ${name} than the other nodes`,
    node,
    evidence,
    remedy: text`Make it ${usual} on ${node} as on the others, or write down why it differs; its details show where the value comes from.`,
  }));
}

/** Without the store, or with another, a node is cut off; with another MTU or advertised port only some traffic is. */
function severityOf(name: SafeText, values: readonly SafeText[]): Severity {
  if (name === "cluster-store") return values.includes(text`not set`) ? "error" : "warning";
  return ["cluster-store-opt", "cluster-advertise", "mtu", "iptables", "ip-forward"].includes(name)
    ? "warning"
    : "info";
}
