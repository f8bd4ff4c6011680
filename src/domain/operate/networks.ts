import { asNodeName } from "../ids.ts";
import { isUp } from "../link.ts";
import type { NetworkDefinition } from "../plan/change.ts";
import type { Snapshot } from "../snapshot.ts";
import { isSubnet, subnetContains, subnetsOverlap } from "../subnets.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { type NetworkRow, networkRows, sortedEndpoints } from "../views/networks.ts";
import { type ActionName, networkMakers } from "./menu.ts";
import type { Operation } from "./operation.ts";
import type { Answers, Proposed } from "./proposal.ts";

const networkName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;

/** What `action` does to the networks; a network that somebody uses is not removed. */
export function proposeOnNetworks(
  action: ActionName,
  answers: Answers,
  selected: readonly NetworkRow[],
  seen: Snapshot,
): Proposed {
  switch (action) {
    case "create-network":
      return created(answers, seen);
    case "remove-network":
      return removed(selected, seen);
    case "drop-endpoints":
      return dropped(selected, seen);
    default:
      return { ok: false, problem: text`nothing like that can be done to a network` };
  }
}

function created(answers: Answers, seen: Snapshot): Proposed {
  const name = answer(answers, "name") ?? "";
  const driver = answers.driver === "macvlan" ? "macvlan" : "overlay";
  const node = asNodeName(answers.node ?? "");
  const subnet = answer(answers, "subnet");
  const gateway = answer(answers, "gateway");
  const parent = answer(answers, "parent");
  const mtu = answer(answers, "mtu");
  const problem = (words: SafeText): Proposed => ({ ok: false, problem: words });
  if (!networkName.test(name)) return problem(text`a name: letters, digits, dot, dash, underscore`);
  if (node === undefined || !networkMakers(seen).includes(node)) return problem(text`no node that could make it`);
  const rows = networkRows(seen);
  const others = rows.filter((row) => driver === "overlay" || row.nodes.includes(node));
  if (others.some((row) => row.name === name)) return problem(text`${clean(name)} is there already`);
  if (subnet !== undefined) {
    if (!isSubnet(subnet)) return problem(text`a subnet looks like 10.10.10.0/24`);
    const clash = others.find((row) => row.subnets.some((one) => subnetsOverlap(one.subnet, subnet)));
    if (clash !== undefined) return problem(text`${clean(subnet)} overlaps ${clash.name}`);
  }
  if (gateway !== undefined && (subnet === undefined || !subnetContains(subnet, gateway))) {
    return problem(text`the gateway is an address of the subnet`);
  }
  if (driver === "macvlan" && parent === undefined) return problem(text`macvlan needs its parent interface`);
  if (mtu !== undefined && !/^\d{3,5}$/.test(mtu)) return problem(text`the MTU is a number, 1450 for example`);
  const inSwarm = seen.nodes.get(node)?.engine;
  const definition: NetworkDefinition = {
    name,
    driver,
    subnet,
    gateway,
    range: undefined,
    parent: driver === "macvlan" ? parent : undefined,
    mtu: mtu === undefined ? undefined : Number(mtu),
    attachable: driver === "overlay" && inSwarm?.state === "fresh" && inSwarm.value.mode === "swarm",
  };
  const operation: Operation = { kind: "create-network", node, name: clean(name), definition };
  return { ok: true, proposal: { operations: [operation], left: [], warnings: [], typed: undefined } };
}

const answer = (answers: Answers, id: string): string | undefined => {
  const given = (answers[id] ?? "").trim();
  return given === "" ? undefined : given;
};

function removed(selected: readonly NetworkRow[], seen: Snapshot): Proposed {
  const operations: Operation[] = [];
  const left: SafeText[] = [];
  for (const row of selected) {
    const why = inUse(row);
    if (why !== undefined) left.push(why);
    else operations.push(...removals(row, seen));
  }
  const [first] = left;
  if (operations.length === 0) return { ok: false, problem: first ?? text`no node that has it answers` };
  const warnings = left.length === 0 ? [] : [text`networks in use are not touched`];
  return { ok: true, proposal: { operations, left, warnings, typed: undefined } };
}

function inUse(row: NetworkRow): SafeText | undefined {
  if (row.name === "bridge" || row.name === "ingress" || row.name === "docker_gwbridge") {
    return text`${row.name} is the engines' own`;
  }
  if (row.endpoints.length === 0) return undefined;
  const all = sortedEndpoints(row).map((one) => text`${one.container} on ${one.node}`);
  const shown = joined(all.slice(0, 6));
  const more = all.length > 6 ? text` and ${all.length - 6} more` : text``;
  return text`${row.name} is in use by ${shown}${more}`;
}

/** One engine removes a network that all share; a local one has to go from each node. */
function removals(row: NetworkRow, seen: Snapshot): Operation[] {
  const able = row.nodes.filter((name) => {
    const node = seen.nodes.get(name);
    return node !== undefined && isUp(node.link) && node.networks.state === "fresh";
  });
  const makers = new Set(networkMakers(seen));
  const by = row.scope === "local" ? able : able.filter((name) => makers.has(name)).slice(0, 1);
  return by.flatMap((node): Operation[] => {
    const networks = seen.nodes.get(node)?.networks;
    const own = networks?.state === "fresh" ? networks.value : [];
    const found = own.find((one) =>
      row.scope === "local" ? one.name === row.name && one.driver === row.driver : one.id === row.id,
    );
    return found === undefined ? [] : [{ kind: "remove-network", node, name: row.name, id: found.id }];
  });
}

/** Endpoints of the store that the engine which wrote them does not list. A lost owner proves nothing: its containers may run on. */
function dropped(selected: readonly NetworkRow[], seen: Snapshot): Proposed {
  const operations: Operation[] = [];
  const left: SafeText[] = [];
  for (const row of selected) {
    for (const endpoint of row.endpoints.filter((one) => one.source === "store")) {
      const owner = asNodeName(endpoint.node);
      const node = owner === undefined ? undefined : seen.nodes.get(owner);
      if (owner === undefined || node === undefined) {
        left.push(text`${endpoint.container}: ${endpoint.node} is no node of ours, nobody can prove that it is gone`);
      } else if (!isUp(node.link) || node.containers.state !== "fresh") {
        left.push(text`${endpoint.container}: ${owner} does not answer, it may run there still`);
      } else {
        operations.push({
          kind: "drop-endpoint",
          node: owner,
          name: endpoint.container,
          network: row.id,
          networkName: row.name,
          owner,
        });
      }
    }
  }
  if (operations.length === 0) return { ok: false, problem: left[0] ?? text`nothing was left behind` };
  const warnings = [text`each owner is asked once more before: a container that is there keeps its endpoint`];
  return { ok: true, proposal: { operations, left, warnings, typed: undefined } };
}
