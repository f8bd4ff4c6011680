import { subnetContains, subnetsOverlap } from "../subnets.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { SpecFile } from "./schema.ts";

/** Where a value stands in the file: keys and list indexes from the top. */
export type SpecPath = readonly (string | number)[];

/** A problem with a place in the file. */
export interface Misplaced {
  path: SpecPath;
  /** The key is meant, not its value. */
  atKey?: true;
  message: SafeText;
}

/** What a schema cannot see: names used twice, references to nothing, subnets that overlap. */
export function meaningProblems(file: SpecFile): Misplaced[] {
  return [
    ...twice(file.nodes, "nodes", text`node`),
    ...twice(file.networks, "networks", text`network`),
    ...twice(file.containers, "containers", text`container`),
    ...storeProblems(file),
    ...networkProblems(file),
    ...containerProblems(file),
    ...condorProblems(file),
  ];
}

function twice(list: readonly { name: SafeText }[], key: string, what: SafeText): Misplaced[] {
  return list.flatMap((one, index) => {
    const first = list.findIndex((other) => other.name === one.name);
    if (first === index) return [];
    const message = text`${what} "${one.name}" is there twice (also ${clean(key)}[${first}]); expected a name of its own`;
    return [{ path: [key, index, "name"], message }];
  });
}

function storeProblems({ store, nodes, engine }: SpecFile): Misplaced[] {
  if (store === undefined) {
    return engine.mode === "cluster-store"
      ? [
          {
            path: ["engine", "mode"],
            message: text`mode cluster-store needs a store; expected "store:" with a node or endpoints`,
          },
        ]
      : [];
  }
  if (store.node === undefined && store.endpoints === undefined) {
    return [
      { path: ["store"], message: text`store has no place; expected "node" (run it there) or "endpoints" (it exists)` },
    ];
  }
  if (store.node !== undefined && store.endpoints !== undefined) {
    return [
      { path: ["store", "endpoints"], message: text`store has both "node" and "endpoints"; expected one of them` },
    ];
  }
  const names = store.node === undefined ? [] : Array.isArray(store.node) ? store.node : [store.node];
  const problems = names.flatMap((name, index) => {
    const path: SpecPath = Array.isArray(store.node) ? ["store", "node", index] : ["store", "node"];
    if (names.indexOf(name) < index) {
      return [{ path, message: text`node "${name}" is there twice; expected every server on a node of its own` }];
    }
    return reference(name, nodes, path, text`node`);
  });
  return [...problems, ...serverCount(names.length)];
}

/** More than half of the servers have to live: a fourth adds nothing to three, and two are worse than one. */
function serverCount(count: number): Misplaced[] {
  if (count === 0 || [1, 3, 5].includes(count)) return [];
  return [{ path: ["store", "node"], message: text`store has ${count} nodes; expected 1, 3 or 5 of them` }];
}

function networkProblems({ networks }: SpecFile): Misplaced[] {
  return networks.flatMap((one, index): Misplaced[] => {
    const { subnet, gateway } = one;
    if (subnet === undefined) {
      return gateway === undefined
        ? []
        : [
            {
              path: ["networks", index, "gateway"],
              message: text`gateway ${gateway} without a subnet; expected "subnet" too`,
            },
          ];
    }
    const clash = networks.find(
      (other, place) => place < index && other.subnet !== undefined && subnetsOverlap(other.subnet, subnet),
    );
    const problems: Misplaced[] = [];
    if (clash?.subnet !== undefined) {
      problems.push({
        path: ["networks", index, "subnet"],
        message: text`subnet ${subnet} overlaps ${clash.subnet} of network "${clash.name}"; expected one that is free`,
      });
    }
    if (gateway !== undefined && !subnetContains(subnet, gateway)) {
      problems.push({
        path: ["networks", index, "gateway"],
        message: text`gateway ${gateway} is not in ${subnet}; expected an address of the subnet`,
      });
    }
    return problems;
  });
}

function containerProblems({ containers, nodes, networks }: SpecFile): Misplaced[] {
  return containers.flatMap((one, index) => {
    const problems = reference(one.node, nodes, ["containers", index, "node"], text`node`);
    // docker run: "Conflicting options: --restart and --rm".
    if (one.remove && one.restart !== undefined && one.restart !== "no") {
      problems.push({
        path: ["containers", index, "restart"],
        message: text`restart ${clean(one.restart)} together with "remove: true"; expected one of them`,
      });
    }
    if (one.network === undefined) return problems;
    problems.push(...reference(one.network, networks, ["containers", index, "network"], text`network`));
    const subnet = networks.find((network) => network.name === one.network)?.subnet;
    if (one.address !== undefined && subnet !== undefined && !subnetContains(subnet, one.address)) {
      problems.push({
        path: ["containers", index, "address"],
        message: text`address ${one.address} is not in ${subnet} of network "${one.network}"; expected one of it`,
      });
    }
    return problems;
  });
}

function condorProblems({ condor, containers }: SpecFile): Misplaced[] {
  if (condor === undefined) return [];
  return [
    ...reference(condor.manager, containers, ["condor", "manager"], text`container`),
    ...condor.execute.flatMap((name, index) =>
      reference(name, containers, ["condor", "execute", index], text`container`),
    ),
    ...condor.submit.flatMap((name, index) =>
      reference(name, containers, ["condor", "submit", index], text`container`),
    ),
  ];
}

function reference(name: SafeText, list: readonly { name: SafeText }[], path: SpecPath, what: SafeText): Misplaced[] {
  if (list.some((one) => one.name === name)) return [];
  const known = list.length === 0 ? text`there is none` : clean(list.map((one) => one.name).join(", "));
  return [{ path, message: text`there is no ${what} "${name}"; expected one of: ${known}` }];
}
