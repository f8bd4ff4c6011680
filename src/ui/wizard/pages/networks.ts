import { nameProblem } from "../../../domain/object-name.ts";
import { isSubnet } from "../../../domain/subnets.ts";
import { clean, text } from "../../../domain/text.ts";
import type { Draft, NetworkDraft } from "../../../domain/wizard/draft.ts";
import type { Used } from "../../../domain/wizard/free-subnet.ts";
import { subnetClash, subnetOf } from "../../../domain/wizard/values.ts";
import type { Item } from "../../form/item.ts";
import { type Checks, networksOnHosts, usedSubnets } from "../known.ts";

/** The last row of the list: what is typed there becomes a network. */
export const newNetwork = "new.network";

/** The networks over all hosts, with subnets that nothing uses. */
export function networksPage(draft: Draft, checks: Checks): Item[] {
  const used = usedSubnets(draft, checks);
  const there = networksOnHosts(draft, checks);
  return [
    ...draft.networks.flatMap((network, index) => networkItems(network, index, draft, used, there)),
    {
      kind: "text",
      id: newNetwork,
      label: text`add one`,
      value: "",
      help: text`A name for one more network. ctrl-x takes away one that is not in the file yet.`,
    },
  ];
}

function networkItems(
  network: NetworkDraft,
  index: number,
  draft: Draft,
  used: readonly Used[],
  there: ReadonlyMap<string, string>,
): Item[] {
  const id = `network.${index}`;
  const owner = `${id}.name`;
  const first = draft.networks.findIndex((one) => one.name === network.name);
  const isFlat = network.driver === "macvlan";
  const taken = network.known === undefined ? there.get(network.name) : undefined;
  return [
    {
      kind: "text",
      id: owner,
      label: draft.networks.length === 1 ? text`network` : text`network ${index + 1}`,
      value: network.name,
      help: text`The network that the containers share over all hosts.`,
      problem: first < index ? text`it is there twice` : nameProblem(network.name),
      note:
        taken === undefined
          ? { words: text`${network.driver === "overlay" ? text`overlay` : text`macvlan`}`, tone: "muted" }
          : { words: text`${clean(taken)} has one of this name; it is used if it fits`, tone: "warn" },
    },
    {
      kind: "choice",
      id: `${id}.driver`,
      under: owner,
      label: text`driver`,
      value: network.driver,
      options: [
        { value: "overlay", label: text`overlay (VXLAN)` },
        { value: "macvlan", label: text`macvlan (flat)` },
      ],
      help: text`overlay works over any network between the hosts; macvlan puts containers straight on their common segment.`,
    },
    subnetItem(network, id, draft, used, taken !== undefined),
    ...(isFlat
      ? [
          {
            kind: "text" as const,
            id: `${id}.parent`,
            under: owner,
            label: text`parent`,
            value: network.parent,
            otherwise: "the interface of each host's traffic",
            help: text`The interface on the common segment, where it is another one.`,
          },
        ]
      : []),
  ];
}

function subnetItem(network: NetworkDraft, id: string, draft: Draft, used: readonly Used[], isThere: boolean): Item {
  const subnet = subnetOf(network, draft, used);
  // What stands on the hosts under this name clashes with nothing but itself.
  const clash = isThere ? undefined : subnetClash(network, draft, used);
  const left = network.known !== undefined && network.subnet === "";
  return {
    kind: "text",
    id: `${id}.subnet`,
    under: `${id}.name`,
    label: text`subnet`,
    value: network.subnet,
    otherwise: left ? "as Docker chose it" : subnet,
    help: text`Addresses of the containers. Nothing that the hosts reach may lie in it.`,
    problem:
      !left && !isSubnet(subnet)
        ? text`a subnet such as 10.10.10.0/24`
        : clash !== undefined
          ? text`overlaps ${clean(clash.subnet)}, ${clash.by}`
          : undefined,
    note: network.known === undefined && !isThere ? { words: text`free on every host`, tone: "good" } : undefined,
  };
}
