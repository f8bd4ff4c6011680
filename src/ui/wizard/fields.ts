import { clean, type SafeText, text } from "../../domain/text.ts";
import type { ContainerDraft, Draft, HostDraft, NetworkDraft } from "../../domain/wizard/draft.ts";

/** A page of fields, in the order in which they are asked. */
export type FormPage = "hosts" | "mode" | "store" | "network" | "containers";

/** One field of a page. Its id says what it is of: "host.2.name". */
export type Item = {
  id: string;
  label: SafeText;
  /** One line on what it is for. */
  help: SafeText;
  /** What is wrong with it. */
  problem?: SafeText | undefined;
  /** What is known of it, behind the value. */
  note?: { words: SafeText; tone: "good" | "warn" | "bad" | "busy" | "muted" } | undefined;
  /** Belongs to the one above, and is shown while one of them has the cursor. */
  under?: string;
} & (
  | {
      kind: "text";
      value: string;
      /** What holds while nothing is typed. */
      otherwise?: string | undefined;
      /** What could be picked instead of typed. */
      offers?: readonly string[];
    }
  | { kind: "choice"; value: string; options: readonly { value: string; label: SafeText }[] }
);

const yesNo = [
  { value: "no", label: text`no` },
  { value: "yes", label: text`yes` },
] as const;

/** A field of two answers. */
export const toggle = (id: string, label: SafeText, value: boolean, help: SafeText, under?: string): Item => ({
  ...{ kind: "choice", id, label, help, value: value ? "yes" : "no", options: yesNo },
  ...(under === undefined ? {} : { under }),
});

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

/** The option after the one that is chosen, or before it. */
export function turned(item: Extract<Item, { kind: "choice" }>, by: 1 | -1): string {
  const at = item.options.findIndex((one) => one.value === item.value);
  const next = item.options[(at + by + item.options.length) % item.options.length];
  return next?.value ?? item.value;
}

/** Fields that are on the page: those under another only while the cursor is there. */
export function shownItems(items: readonly Item[], focused: string): readonly Item[] {
  const owner = items.find((one) => one.id === focused)?.under ?? focused;
  return items.filter((one) => one.under === undefined || one.under === owner);
}

/** The words of a list that was typed: parted by blanks and commas. */
export const parted = (raw: string): string[] => raw.split(/[\s,]+/).filter((one) => one !== "");

/** A name that containers and networks may have (moby daemon/names). */
export const nameProblem = (name: string): SafeText | undefined =>
  /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/.test(name)
    ? undefined
    : text`${clean(JSON.stringify(name))}: letters, digits, dot, dash or underscore, 63 at most`;
