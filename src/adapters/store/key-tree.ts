import { z } from "zod";
import { asNetworkId, type NetworkId } from "../../domain/ids.ts";
import type { EndpointRecord, Membership, OverlayRecord } from "../../domain/membership.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { count, list, optional, parseAnswer, parseJson, words } from "../answer.ts";

/** A key of the store with its value; the key as a path, with or without slashes at its ends. */
export interface Entry {
  key: string;
  value: string;
}

/** What the engines wrote into the store. */
export type Records = Pick<Membership, "registrations" | "overlays" | "endpoints">;

/** Everything the engines write is under this key (moby libnetwork/datastore/datastore.go, pkg/discovery/kv/kv.go). */
export const root = "docker";
const objects = ["docker", "network", "v1.0"] as const;

/** Of docker/network/v1.0/network/ID (libnetwork/network.go, MarshalJSON). */
const networkValue = z.object({ name: words, networkType: words });
/** Of docker/network/v1.0/overlay/network/ID (libnetwork/drivers/overlay/ov_network.go, Value). */
const overlayValue = z.object({ mtu: count, subnets: list(z.object({ SubnetIP: words, GwIP: words, Vni: count })) });
/** Of docker/network/v1.0/endpoint/NETWORK/ID (libnetwork/endpoint.go, MarshalJSON). */
const endpointValue = z.object({
  name: words,
  locator: words,
  ep_iface: z.object({ addr: words, mac: words }).nullish(),
});

/**
 * The engines and overlays recorded in a store, from its keys in any order; what else is there is left out.
 * A value that cannot be read keeps its place, since its key alone tells that something is recorded.
 */
export function readRecords(entries: Iterable<Entry>): Records {
  const registrations: SafeText[] = [];
  const endpoints: EndpointRecord[] = [];
  const overlays = new Map<NetworkId, OverlayRecord>();
  const overlay = (id: NetworkId): OverlayRecord =>
    overlays.get(id) ?? { id, name: undefined, subnets: [], mtu: undefined };
  for (const { key, value } of entries) {
    const path = key.split("/").filter((part) => part !== "");
    if (path[0] === root && path[1] === "nodes" && path.length > 2) {
      registrations.push(clean(path.slice(2).join("/")));
      continue;
    }
    if (objects.some((part, index) => path[index] !== part)) continue;
    const [kind, ...rest] = path.slice(objects.length);
    if (kind === "overlay" && rest[0] === "network" && rest.length === 2) {
      const id = asNetworkId(rest[1] ?? "");
      if (id !== undefined) overlays.set(id, { ...overlay(id), ...overlayOf(value) });
    } else if (kind === "network" && rest.length === 1) {
      const id = asNetworkId(rest[0] ?? "");
      const network = parsed(networkValue, value);
      // Networks of other kinds that are global too have no overlay to tell of.
      const isOverlay = network === undefined || network.networkType === "overlay";
      if (id !== undefined && isOverlay) overlays.set(id, { ...overlay(id), name: optional(network?.name ?? "") });
    } else if (kind === "endpoint" && rest.length === 2) {
      const network = asNetworkId(rest[0] ?? "");
      if (network !== undefined) endpoints.push({ id: clean(rest[1] ?? ""), network, ...endpointOf(value) });
    }
  }
  return { registrations: registrations.sort(), overlays: [...overlays.values()], endpoints };
}

function overlayOf(value: string): Pick<OverlayRecord, "subnets" | "mtu"> {
  const overlay = parsed(overlayValue, value);
  return {
    // 0: the default, the carrying interface's less 50.
    mtu: overlay === undefined || overlay.mtu === 0 ? undefined : overlay.mtu,
    subnets: (overlay?.subnets ?? []).map((subnet) => ({
      subnet: clean(subnet.SubnetIP),
      gateway: clean(withoutPrefix(subnet.GwIP)),
      vni: subnet.Vni,
    })),
  };
}

function endpointOf(value: string): Omit<EndpointRecord, "id" | "network"> {
  const endpoint = parsed(endpointValue, value);
  if (endpoint === undefined) {
    return { name: text`(unreadable)`, address: undefined, mac: undefined, locator: undefined };
  }
  return {
    name: clean(endpoint.name),
    address: optional(withoutPrefix(endpoint.ep_iface?.addr ?? "")),
    mac: optional(endpoint.ep_iface?.mac ?? ""),
    locator: optional(endpoint.locator),
  };
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: string): z.output<Schema> | undefined {
  const json = parseJson(value, text`the store`);
  const outcome = json.ok ? parseAnswer(schema, json.value, text`the store`) : json;
  return outcome.ok ? outcome.value : undefined;
}

/** "10.10.10.2/24" without its prefix length. */
const withoutPrefix = (address: string): string => address.replace(/\/\d+$/, "");
