import type { SafeText } from "./text.ts";

declare const named: unique symbol;
type Named<Kind extends string> = SafeText & { readonly [named]: Kind };

/** A node's name in the spec; letters, digits, dot, dash, underscore. */
export type NodeName = Named<"node">;
/** A container's full id, 64 hex digits. */
export type ContainerId = Named<"container">;
/** A network's full id: 64 hex digits (cluster store, local) or 25 base-36 characters (swarm). */
export type NetworkId = Named<"network">;

const nodeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const containerId = /^[0-9a-f]{64}$/;
const networkId = /^(?:[0-9a-f]{64}|[0-9a-z]{25})$/;

/** The name as a `NodeName`, or undefined when it is none. */
export const asNodeName = (raw: string): NodeName | undefined => (nodeName.test(raw) ? (raw as NodeName) : undefined);
/** The id as a `ContainerId`, or undefined when it is none. */
export const asContainerId = (raw: string): ContainerId | undefined =>
  containerId.test(raw) ? (raw as ContainerId) : undefined;
/** The id as a `NetworkId`, or undefined when it is none. */
export const asNetworkId = (raw: string): NetworkId | undefined =>
  networkId.test(raw) ? (raw as NetworkId) : undefined;
