import type { ContainerSpec, NetworkSpec, NodeSpec, Spec } from "../domain/spec/spec.ts";

/** The `ovl.yaml` that means this cluster, as far as the demo's clusters go. Every value is written as JSON, which YAML holds (YAML 1.2, 1.3). */
export function demoFile({ cluster, nodes, store, networks, containers, condor }: Spec): string {
  const head = ["# The file of the demo's cluster.", "version: 1", `cluster: ${json(cluster)}`];
  const lines = [...head, "nodes:", ...nodes.map(nodeLine)];
  if (store?.at === "nodes") {
    lines.push("store:", `  kind: ${store.kind}`, `  node: ${json(store.nodes[0] ?? "")}`);
    if (store.image !== undefined) lines.push(`  image: ${json(store.image)}`);
  }
  if (networks.length > 0) lines.push("networks:", ...networks.map(networkLine));
  if (containers.length > 0) lines.push("containers:", ...containers.map(containerLine));
  if (condor !== undefined) {
    const { manager, execute, security } = condor;
    lines.push("condor:", `  manager: ${json(manager)}`, `  execute: ${json(execute)}`, `  security: ${security}`);
  }
  return `${lines.join("\n")}\n`;
}

const json = (value: unknown): string => JSON.stringify(value);

/** `{ name: "node103", … }`, without what is undefined. */
const entry = (values: Readonly<Record<string, unknown>>): string =>
  `  - { ${Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${json(value)}`)
    .join(", ")} }`;

const nodeLine = ({ name, ssh, advertise }: NodeSpec): string =>
  entry({ name, ssh: `${ssh.user}@${ssh.host}`, advertise });

const networkLine = ({ name, driver, subnet }: NetworkSpec): string => entry({ name, driver, subnet });

const containerLine = (one: ContainerSpec): string => {
  const { name, node, image, network, hostname, privileged, remove, command } = one;
  return entry({ name, node, image, network, hostname, privileged, remove, command });
};
