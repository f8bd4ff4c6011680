import { createDemo } from "../../src/demo/demo.ts";
import type { NodeSpec } from "../../src/domain/spec/spec.ts";
import type { Side } from "./arena.ts";
import { FastClock } from "./fast-clock.ts";

/** The demo, on a clock that does not wait. */
export const demoSide: Side = {
  name: "demo",
  unavailable: undefined,
  async open(flavour) {
    const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 3, clock: new FastClock(), flavour });
    const broken = (fault: "host-key-unknown" | "host-key-changed" | "auth") => async (node: NodeSpec) => {
      demo.breakNode(node.name, fault);
      return node;
    };
    return {
      world: demo,
      spec: demo.spec,
      hands: {
        runContainer: async (node, name) => demo.startContainer(node, name),
        stopContainer: async (node, name) => demo.stopContainer(node, name),
        removeContainer: async (node, name) => demo.removeContainer(node, name),
        makeImage: async (node, name) => demo.makeImage(node, name),
        stopEngine: async (node) => demo.stopEngine(node),
        startEngine: async (node) => demo.startEngine(node),
        cutLink: async (node) => demo.breakNode(node, "link-down"),
        mendLink: async (node) => demo.mendNode(node),
        stopStore: async () => demo.stopStore(),
        startStore: async () => demo.startStore(),
        unknownHostKey: broken("host-key-unknown"),
        changedHostKey: broken("host-key-changed"),
        wrongKey: broken("auth"),
        restoreAccess: async (node) => demo.mendNode(node.name),
      },
      close: async () => {},
    };
  },
};
