import type { Container } from "../engine.ts";
import type { NodeName } from "../ids.ts";
import { isUp } from "../link.ts";
import { lastSeen } from "../part.ts";
import type { Snapshot } from "../snapshot.ts";
import { clean, type SafeText, text } from "../text.ts";
import { type NetworkRow, networkRows } from "../views/networks.ts";
import { signals } from "./operation.ts";

/** What a menu entry does to each of the selected objects. */
export type ActionName =
  | "start"
  | "stop"
  | "restart"
  | "pause"
  | "unpause"
  | "kill"
  | "remove"
  | "connect"
  | "disconnect"
  | "rename"
  | "copy-image"
  | "create-network"
  | "remove-network"
  | "drop-endpoints";

/** One thing that has to be said before the action can be previewed. */
export type Asked = { id: string; label: SafeText } & (
  | { kind: "text"; value: string; hint: SafeText }
  | { kind: "choice"; options: readonly { value: string; label: SafeText }[] }
);

/** One entry of the menu. */
export interface MenuItem {
  action: ActionName;
  label: SafeText;
  asks: readonly Asked[];
  /** Why it cannot be done to any of the selected; undefined when it can to at least one. */
  obstacle: SafeText | undefined;
}

/** Why `action` makes no sense for the container as it is now; undefined when it does. */
export function unfit(action: ActionName, { state }: Pick<Container, "state">): SafeText | undefined {
  const runs = state === "running" || state === "restarting";
  switch (action) {
    case "start":
      return runs ? text`runs already` : state === "paused" ? text`is paused: resume it` : undefined;
    case "stop":
    case "kill":
      return runs || state === "paused" ? undefined : text`does not run`;
    case "pause":
      return state === "running" ? undefined : state === "paused" ? text`is paused already` : text`does not run`;
    case "unpause":
      return state === "paused" ? undefined : text`is not paused`;
    default:
      return state === "removing" ? text`is being removed` : undefined;
  }
}

/** The menu on containers. */
export function containerMenu(selected: readonly Container[], seen: Snapshot): MenuItem[] {
  const item = (action: ActionName, label: SafeText, asks: readonly Asked[] = [], obstacle?: SafeText): MenuItem => {
    const reasons = selected.map((one) => unfit(action, one));
    const none = selected.length === 0 ? text`no container is selected` : reasons.find((one) => one !== undefined);
    const can = reasons.some((one) => one === undefined);
    return { action, label, asks, obstacle: obstacle ?? (can ? undefined : none) };
  };
  const networks = joinable(selected, seen);
  const attached = attachedNames(selected);
  const nodes = otherNodes(selected, seen);
  return [
    item("start", text`start`),
    item("stop", text`stop`),
    item("restart", text`restart`),
    item("pause", text`pause`),
    item("unpause", text`resume`),
    item("kill", text`send a signal`, [choice("signal", text`signal`, signals.map(same))]),
    item("remove", text`remove`),
    item(
      "connect",
      text`connect to a network`,
      [
        choice("network", text`network`, networks),
        { id: "address", label: text`address`, kind: "text", value: "", hint: text`empty: the next free one` },
      ],
      networks.length === 0 ? text`there is no other network on its node` : undefined,
    ),
    item(
      "disconnect",
      text`disconnect from a network`,
      [choice("network", text`network`, attached.map(same))],
      attached.length === 0 ? text`on no network` : undefined,
    ),
    item(
      "rename",
      text`rename`,
      [{ id: "to", label: text`new name`, kind: "text", value: selected[0]?.name ?? "", hint: text`` }],
      selected.length > 1 ? text`one at a time` : undefined,
    ),
    item(
      "copy-image",
      text`copy its image to a node`,
      [choice("to", text`to`, nodes.map(same))],
      nodes.length === 0 ? text`no other node is up` : undefined,
    ),
  ];
}

/** The menu on networks; without one selected, what can be made. */
export function networkMenu(selected: readonly NetworkRow[], seen: Snapshot): MenuItem[] {
  const swarm = [...seen.nodes.values()].some((node) => lastSeen(node.engine)?.mode === "swarm");
  const nodes = networkMakers(seen);
  const left = selected.flatMap((one) => one.endpoints.filter((each) => each.source === "store"));
  return [
    {
      action: "create-network",
      label: text`create a network`,
      asks: [
        { id: "name", label: text`name`, kind: "text", value: "", hint: text`letters, digits, dot, dash, underscore` },
        choice("driver", text`driver`, ["overlay", "macvlan"].map(same)),
        choice("node", text`by`, nodes.map(same)),
        { id: "subnet", label: text`subnet`, kind: "text", value: "", hint: text`empty: the engine picks one` },
        { id: "gateway", label: text`gateway`, kind: "text", value: "", hint: text`empty: the first address` },
        { id: "parent", label: text`parent`, kind: "text", value: "", hint: text`macvlan: the node's interface` },
        { id: "mtu", label: text`MTU`, kind: "text", value: "", hint: text`empty: the engine's own` },
      ],
      obstacle: nodes.length > 0 ? undefined : swarm ? text`no manager of the swarm answers` : text`no engine answers`,
    },
    {
      action: "remove-network",
      label: text`remove`,
      asks: [],
      obstacle: selected.length === 0 ? text`no network is selected` : undefined,
    },
    {
      action: "drop-endpoints",
      label: text`drop endpoints of containers that are gone`,
      asks: [],
      obstacle: left.length === 0 ? text`the store has none that its engine does not list` : undefined,
    },
  ];
}

/** Nodes that a network can be created on: of a swarm its managers, else every one that answers. */
export function networkMakers(seen: Snapshot): NodeName[] {
  return [...seen.nodes.values()]
    .filter(({ link, engine }) => {
      if (!isUp(link) || engine.state !== "fresh") return false;
      const { mode, swarm } = engine.value;
      return mode !== "swarm" || (swarm.state === "active" && swarm.manager);
    })
    .map((node) => node.name);
}

const choice = (id: string, label: SafeText, options: readonly { value: string; label: SafeText }[]): Asked => ({
  id,
  label,
  kind: "choice",
  options,
});

const same = (value: string): { value: string; label: SafeText } => ({ value, label: clean(value) });

/** Networks that a container could join on its node and is not on; by name, since local ones have an id a node. */
function joinable(selected: readonly Container[], seen: Snapshot): { value: string; label: SafeText }[] {
  const nodes = new Set<NodeName>(selected.map((one) => one.node));
  const attached = new Set(attachedNames(selected));
  return networkRows(seen)
    .filter((row) => row.nodes.some((node) => nodes.has(node)) && !(selected.length === 1 && attached.has(row.name)))
    .filter((row) => row.name !== "ingress")
    .filter((row) => row.driver !== "overlay" || row.scope !== "swarm" || row.attachable)
    .map((row) => ({ value: row.name, label: text`${row.name} (${row.driver})` }));
}

const attachedNames = (selected: readonly Container[]): SafeText[] => [
  ...new Set(selected.flatMap((one) => one.attachments.map((each) => each.network))),
];

function otherNodes(selected: readonly Container[], seen: Snapshot): NodeName[] {
  const own = new Set(selected.map((one) => one.node));
  return [...seen.nodes.values()]
    .filter((node) => isUp(node.link) && node.engine.state === "fresh")
    .map((node) => node.name)
    .filter((name) => !(own.size === 1 && own.has(name)));
}
