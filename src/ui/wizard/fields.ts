import type { ContainerDraft, Draft, HostDraft, NetworkDraft } from "../../domain/wizard/draft.ts";
import { withMember, withRole, withSecurity } from "../../domain/wizard/pool.ts";

/** A page of fields, in the order in which they are asked. */
export type FormPage = "hosts" | "mode" | "store" | "network" | "containers" | "pool";

/** The draft with the field `id` set to `value`. Unknown fields leave it as it is. */
export function withValue(draft: Draft, id: string, value: string): Draft {
  const [part = "", second = "", third = ""] = id.split(".");
  switch (part) {
    case "cluster":
      return { ...draft, cluster: value };
    case "host":
      return { ...draft, hosts: replaced(draft.hosts, Number(second), (host) => hostWith(host, third, value)) };
    case "mode":
      return isOneOf(value, ["auto", "cluster-store", "swarm"]) ? { ...draft, mode: value } : draft;
    case "listen":
      return isOneOf(value, ["none", "tls", "insecure"]) ? { ...draft, listen: value } : draft;
    case "store":
      return { ...draft, store: storeWith(draft.store, second, value) };
    case "network":
      return { ...draft, networks: replaced(draft.networks, Number(second), (one) => networkWith(one, third, value)) };
    case "container":
      return {
        ...draft,
        containers: replaced(draft.containers, Number(second), (one) => containerWith(one, third, value)),
      };
    case "pool":
      return poolWith(draft, second, value);
    case "member":
      return memberWith(draft, Number(second), third, value === "yes");
    default:
      return draft;
  }
}

const isOneOf = <T extends string>(value: string, all: readonly T[]): value is T =>
  (all as readonly string[]).includes(value);

const replaced = <T>(list: readonly T[], at: number, change: (item: T) => T): readonly T[] =>
  list.map((item, index) => (index === at ? change(item) : item));

function hostWith(host: HostDraft, field: string, value: string): HostDraft {
  if (field === "target" || field === "name" || field === "advertise") return { ...host, [field]: value };
  return host;
}

function storeWith(store: Draft["store"], field: string, value: string): Draft["store"] {
  if (field === "kind") return isOneOf(value, ["consul", "etcd", "zookeeper"]) ? { ...store, kind: value } : store;
  if (field === "nodes" || field === "endpoints" || field === "image" || field === "port") {
    return { ...store, [field]: value };
  }
  return store;
}

function networkWith(network: NetworkDraft, field: string, value: string): NetworkDraft {
  if (field === "driver") return isOneOf(value, ["overlay", "macvlan"]) ? { ...network, driver: value } : network;
  if (field === "name" || field === "subnet" || field === "parent") return { ...network, [field]: value };
  return network;
}

function containerWith(one: ContainerDraft, field: string, value: string): ContainerDraft {
  if (field === "privileged" || field === "remove") return { ...one, [field]: value === "yes" };
  if (field === "host") return { ...one, host: Number(value) };
  if (field === "network") return { ...one, network: value === "" ? undefined : Number(value) };
  if (["name", "image", "hostname", "command"].includes(field)) return { ...one, [field]: value };
  return one;
}

function poolWith(draft: Draft, field: string, value: string): Draft {
  if (field === "domain") return { ...draft, pool: { ...draft.pool, domain: value } };
  return field === "security" && isOneOf(value, ["none", "password", "open"]) ? withSecurity(draft, value) : draft;
}

function memberWith(draft: Draft, at: number, field: string, isSo: boolean): Draft {
  if (field === "in") return withMember(draft, at, isSo);
  return isOneOf(field, ["manages", "submits", "executes"]) ? withRole(draft, at, field, isSo) : draft;
}
