import { asNodeName, type NodeName } from "../domain/ids.ts";
import type { ContainerSpec, NodeSpec, Spec } from "../domain/spec/spec.ts";
import { type SafeText, text } from "../domain/text.ts";
import { addressAt } from "./addresses.ts";
import type { Flavour } from "./machine.ts";
import { bigComputingName } from "./names.ts";
import { storePort } from "./store-model.ts";

/** The first node is 192.168.44.103, as in the classic procedure. */
const firstHost = 103;

/** As many containers as the demo's largest overlay, a /16, has addresses for, and some that an operator adds. */
export const mostContainers = 60_000;

/** The address of the node at `index`. */
export const nodeAddress = (index: number): SafeText => addressAt("192.168.44.0", firstHost + index);

/** The `ovl.yaml` that the demo's cluster would have. */
export function demoSpec(count: number, containersPerNode: number, flavour: Flavour): Spec {
  const nodes = Array.from(
    { length: count },
    (_, index): NodeSpec => ({
      name: nodeName(index),
      ssh: {
        host: nodeAddress(index),
        user: "root",
        port: undefined,
        identityFile: undefined,
        knownHostsFile: undefined,
        jump: undefined,
      },
      advertise: text`ens33`,
    }),
  );
  // A /24 has room for 253 containers.
  const subnet = count * containersPerNode <= 200 ? text`10.10.10.0/24` : text`10.10.0.0/16`;
  const first = nodes[0];
  return {
    file: undefined,
    cluster: text`bigcomputing`,
    nodes,
    engine: { mode: "auto", listen: "none" },
    store:
      flavour === "swarm" || first === undefined
        ? undefined
        : { kind: "consul", port: storePort, image: "consul:1.8.7", at: "nodes", nodes: [first.name] },
    networks: [
      { name: text`ov_net1`, driver: "overlay", subnet, gateway: undefined, parent: undefined, mtu: undefined },
    ],
    containers: containersPerNode === 0 ? [] : nodes.slice(0, 2).map(bigComputing),
    condor:
      containersPerNode === 0
        ? undefined
        : {
            manager: bigComputingName(0),
            execute: nodes.slice(0, 2).map((_, index) => bigComputingName(index)),
            submit: [],
            security: "password",
            domain: text`bigcomputing`,
          },
    readOnly: false,
  };
}

function bigComputing(node: NodeSpec, index: number): ContainerSpec {
  const name = bigComputingName(index);
  return {
    name,
    node: node.name,
    image: "big_computing",
    network: text`ov_net1`,
    address: undefined,
    hostname: name,
    privileged: true,
    remove: true,
    command: ["/usr/sbin/init"],
    environment: {},
    mounts: [],
    restart: undefined,
  };
}

function nodeName(index: number): NodeName {
  const name = asNodeName(`node${firstHost + index}`);
  if (name === undefined) throw new Error("node and a number is a node's name");
  return name;
}
