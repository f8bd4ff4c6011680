import { type SafeText, text } from "./text.ts";

/** What the demo's cluster can be made to suffer. */
export const faultNames = [
  "node-down",
  "slow-node",
  "host-key-changed",
  "store-without-leader",
  "vxlan-blocked",
  "small-mtu",
  "flag-drift",
  "stale-endpoint",
] as const;
export type FaultName = (typeof faultNames)[number];

/** A fault in words. `of`: whether a node has it, or the cluster. */
export interface FaultWords {
  label: SafeText;
  of: "node" | "cluster";
  /** What happens on the machine. */
  does: SafeText;
}

export const faultWords: Readonly<Record<FaultName, FaultWords>> = {
  "node-down": {
    label: text`node down`,
    of: "node",
    does: text`the machine shuts down and closes its connections; mended it boots`,
  },
  "slow-node": {
    label: text`slow node`,
    of: "node",
    does: text`the way from here to it is slow: answers take a second and a half`,
  },
  "host-key-changed": {
    label: text`host key changed`,
    of: "node",
    does: text`somebody else answers at its address; mended, R tries it again`,
  },
  "store-without-leader": {
    label: text`store without leader`,
    of: "cluster",
    does: text`the store's servers do not agree; mended they elect one`,
  },
  "vxlan-blocked": {
    label: text`4789 blocked one way`,
    of: "node",
    does: text`its firewall drops VXLAN that comes in; p shows which way`,
  },
  "small-mtu": {
    label: text`small MTU`,
    of: "node",
    does: text`its interface takes 1400 bytes: small packets pass, large ones vanish`,
  },
  "flag-drift": {
    label: text`flag drift`,
    of: "node",
    does: text`somebody writes another store into its daemon.json and reloads nothing`,
  },
  "stale-endpoint": {
    label: text`stale endpoint`,
    of: "node",
    does: text`the store keeps the address of a container of it that is gone`,
  },
};
