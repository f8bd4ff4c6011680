import { parted, wordsOf } from "../command-line.ts";
import type { NodeName } from "../ids.ts";
import { nameProblem } from "../object-name.ts";
import type { ContainerSpec } from "../spec/spec.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { addressProblem, freeAddresses, freeCount, holdersOn } from "./addresses.ts";
import { countOf, type LaunchDraft, type LaunchField, mostAtOnce } from "./draft.ts";
import type { LaunchGround, LaunchNode } from "./ground.ts";
import { isImageName, registryOf, wayOf } from "./images.ts";
import {
  hostnameHolder,
  hostnameProblem,
  nameHolder,
  namesAfter,
  numbered,
  numberPlace,
  usualHostname,
} from "./names.ts";
import { cannotJoin, type LaunchNetwork, launchNetworks } from "./networks.ts";

/** What is known of a field as it was typed. */
export interface FieldNews {
  problem?: SafeText | undefined;
  note?: { words: SafeText; tone: "good" | "warn" | "bad" | "busy" | "muted" } | undefined;
}

/** What a draft comes to. */
export interface Assessment {
  fields: Readonly<Partial<Record<LaunchField, FieldNews>>>;
  /** What would be launched; undefined while a field is wrong. */
  containers: readonly ContainerSpec[] | undefined;
}

/** What of the draft is wrong or worth knowing, and the containers that it means. */
export function assess(draft: LaunchDraft, ground: LaunchGround): Assessment {
  const nodes = chosenNodes(draft, ground);
  const network = launchNetworks(ground).find((one) => one.name === draft.network);
  const names = wantedNames(draft, ground);
  const hostnames = wantedHostnames(draft, names.value ?? [], ground);
  const addresses = wantedAddresses(draft, names.value ?? [], nodes.value ?? [], network, ground);
  const command = wordsIn(draft.command);
  const environment = variablesIn(draft.environment);
  const mounts = mountsIn(draft.mounts);
  const fields: Partial<Record<LaunchField, FieldNews>> = {
    image: imageNews(draft, nodes.value ?? [], ground),
    nodes: nodes.news,
    network: networkNews(draft, nodes.value ?? [], network, ground),
    count: countNews(draft),
    name: names.news,
    hostname: hostnames.news,
    address: addresses.news,
    restart: draft.remove && draft.restart !== "no" ? { problem: text`not together with remove` } : {},
    command: command.news,
    environment: environment.news,
    mounts: mounts.news,
    save: saveNews(draft, network, ground),
  };
  const isWrong = Object.values(fields).some((one) => one.problem !== undefined);
  const on = nodes.value ?? [];
  if (isWrong || names.value === undefined || on.length === 0) return { fields, containers: undefined };
  const containers = names.value.map((name, index): ContainerSpec | undefined => {
    const node = on[index % on.length];
    return node === undefined
      ? undefined
      : {
          ...{ name: clean(name), node: node.name, image: draft.image, network: network?.name },
          ...{ address: addresses.value?.[index], hostname: hostnames.value?.[index] },
          ...{ privileged: draft.privileged, remove: draft.remove, command: command.value ?? [] },
          ...{ environment: environment.value ?? {}, mounts: mounts.value ?? [] },
          restart: draft.restart === "no" ? undefined : draft.restart,
        };
  });
  return { fields, containers: containers.filter((one) => one !== undefined) };
}

/** What was made of a field. */
interface Read<T> {
  value: T | undefined;
  news: FieldNews;
}

const wrong = (problem: SafeText): Read<never> => ({ value: undefined, news: { problem } });

function chosenNodes(draft: LaunchDraft, { nodes }: LaunchGround): Read<LaunchNode[]> {
  const names = [...new Set(parted(draft.nodes))];
  if (names.length === 0) return wrong(text`a node, or several`);
  const chosen: LaunchNode[] = [];
  for (const name of names) {
    const node = nodes.find((one) => one.name === name);
    if (node === undefined) return wrong(text`there is no node ${clean(name)}; ctrl-o shows them`);
    if (!node.isLive) return wrong(text`${node.name} is ${node.word}`);
    chosen.push(node);
  }
  const loads = chosen.map((node) =>
    chosen.length === 1 ? text`${node.running} running, ${loadWords(node)}` : text`${node.name} ${node.running}`,
  );
  const words = chosen.length === 1 ? joined(loads) : text`running: ${joined(loads)}`;
  return { value: chosen, news: { note: { words, tone: "muted" } } };
}

/** "load 0.42 of 2 CPUs" */
export function loadWords({ load, engine }: LaunchNode): SafeText {
  const cpus = engine === undefined ? text`` : engine.cpus === 1 ? text`1 CPU` : text`${engine.cpus} CPUs`;
  return load === undefined ? cpus : text`load ${clean(load.oneMinute.toFixed(2))} of ${cpus}`;
}

function imageNews({ image }: LaunchDraft, nodes: readonly LaunchNode[], ground: LaunchGround): FieldNews {
  if (image === "") return { problem: text`an image; ctrl-o shows those on the nodes` };
  if (!isImageName(image)) return { problem: text`${clean(JSON.stringify(image))} is no image's name` };
  const ways = nodes.map((node) => ({ node, way: wayOf(image, node.name, ground) }));
  if (ways.some(({ way }) => way.way === "unknown"))
    return { note: { words: text`asking for images …`, tone: "busy" } };
  const lacking = ways.filter(({ way }) => way.way === "load").map(({ node }) => node.name);
  const [first] = ways.flatMap(({ way }) => (way.way === "load" ? [way.change.from] : []));
  if (first === undefined) return { note: { words: text`there`, tone: "good" } };
  const words =
    first.kind === "node"
      ? text`copied from ${first.node} to ${joined(lacking)}, ${Math.max(1, Math.round(first.bytes / 1e6))} MB`
      : text`on no node: ${clean(registryOf(image))} is asked`;
  return { note: { words, tone: "warn" } };
}

function networkNews(
  { network: wanted }: LaunchDraft,
  nodes: readonly LaunchNode[],
  network: LaunchNetwork | undefined,
  ground: LaunchGround,
): FieldNews {
  if (wanted === "") return { note: { words: text`no overlay: the engine's own bridge`, tone: "muted" } };
  if (network === undefined) {
    return { problem: text`no node lists a network ${clean(wanted)} that can be joined; ctrl-o shows them` };
  }
  const refusal = nodes.map((node) => cannotJoin(network, node)).find((one) => one !== undefined);
  if (refusal !== undefined) return { problem: refusal };
  const free = freeCount(network, nodes[0]?.name, holdersOn(network, ground));
  if (free === 0) return { problem: text`${network.name} has no free address` };
  const words = free === undefined ? network.driver : text`${network.driver}, ${free} addresses free`;
  return { note: { words, tone: "muted" } };
}

function countNews(draft: LaunchDraft): FieldNews {
  if (countOf(draft) === undefined) return { problem: text`a number from 1 to ${mostAtOnce}` };
  return {};
}

function wantedNames(draft: LaunchDraft, ground: LaunchGround): Read<string[]> {
  const count = countOf(draft) ?? 1;
  const { name: pattern } = draft;
  if (pattern === "") return wrong(text`a name`);
  if (count > 1 && !pattern.includes(numberPlace)) return wrong(text`several need a number: web-${clean(numberPlace)}`);
  const problem = nameProblem(numbered(pattern, 1));
  if (problem !== undefined) return wrong(problem);
  const names = namesAfter(pattern, count, ground);
  const holder = names.map((name) => nameHolder(name, ground)).find((one) => one !== undefined);
  if (holder !== undefined) return wrong(holder);
  const tooLong = names.map(nameProblem).find((one) => one !== undefined);
  if (tooLong !== undefined) return wrong(tooLong);
  const [first = pattern] = names;
  const words = names.length > 1 ? text`${clean(first)} to ${clean(names.at(-1) ?? first)}` : clean(first);
  return { value: names, news: { note: { words: text`${words}: free`, tone: "good" } } };
}

function wantedHostnames(
  draft: LaunchDraft,
  names: readonly string[],
  ground: LaunchGround,
): Read<(string | undefined)[]> {
  const pattern = draft.hostname;
  if (names.length > 1 && pattern !== "" && !pattern.includes(numberPlace)) {
    return wrong(text`several need a number: ${clean(numberPlace)}`);
  }
  const hostnames = names.map((name) => {
    if (pattern === "") return usualHostname(name);
    // The number is that of the name, where the name has one.
    return numbered(pattern, numberIn(draft.name, name));
  });
  for (const hostname of hostnames) {
    if (hostname === undefined) continue;
    const problem = hostnameProblem(hostname) ?? hostnameHolder(hostname, ground);
    if (problem !== undefined) return wrong(problem);
  }
  if (pattern === "") return { value: hostnames, news: {} };
  return { value: hostnames, news: { note: { words: text`free`, tone: "good" } } };
}

function numberIn(pattern: string, name: string): number {
  const [before = ""] = pattern.split(numberPlace);
  return Number.parseInt(name.slice(before.length), 10) || 1;
}

function wantedAddresses(
  draft: LaunchDraft,
  names: readonly string[],
  nodes: readonly LaunchNode[],
  network: LaunchNetwork | undefined,
  ground: LaunchGround,
): Read<SafeText[]> {
  const from = draft.address;
  if (network === undefined) {
    return from === "" ? { value: undefined, news: {} } : wrong(text`a fixed address needs a network`);
  }
  const holders = holdersOn(network, ground);
  if (from === "") {
    const [next] = freeAddresses(network, nodes[0]?.name, holders, 1);
    const note = next === undefined ? undefined : { words: text`next free: ${next}`, tone: "muted" as const };
    return { value: undefined, news: { note } };
  }
  const problem = addressProblem(from, names[0] ?? "", network, holders);
  if (problem !== undefined) return wrong(problem);
  if (names.length <= 1) {
    return { value: [clean(from)], news: { note: { words: text`free`, tone: "good" } } };
  }
  const found = freeAddresses(network, nodes[0]?.name, holders, names.length, from);
  if (found.length < names.length) return wrong(text`only ${found.length} are free from there on`);
  return { value: found, news: { note: { words: text`to ${found.at(-1) ?? clean(from)}`, tone: "good" } } };
}

function wordsIn(typed: string): Read<string[]> {
  const words = wordsOf(typed);
  return words === undefined ? wrong(text`a quote is open`) : { value: words, news: {} };
}

function variablesIn(typed: string): Read<Record<string, string>> {
  const words = wordsOf(typed);
  if (words === undefined) return wrong(text`a quote is open`);
  const unnamed = words.find((word) => !/^[^=\0]+=/.test(word));
  if (unnamed !== undefined) return wrong(text`${clean(JSON.stringify(unnamed))}: NAME=VALUE is expected`);
  const pairs = words.map((word): [string, string] => {
    const equals = word.indexOf("=");
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
  return { value: Object.fromEntries(pairs), news: {} };
}

function mountsIn(typed: string): Read<string[]> {
  const words = wordsOf(typed);
  if (words === undefined) return wrong(text`a quote is open`);
  const odd = words.find((word) => !/^[^:]+:\/[^:]*(?::[a-zA-Z,]+)?$/.test(word));
  if (odd !== undefined) return wrong(text`${clean(JSON.stringify(odd))}: SOURCE:/TARGET[:OPTIONS] is expected`);
  return { value: words, news: {} };
}

function saveNews({ save }: LaunchDraft, network: LaunchNetwork | undefined, { spec }: LaunchGround): FieldNews {
  if (!save || network === undefined || spec.networks.some((one) => one.name === network.name)) return {};
  return { problem: text`the file has no network ${network.name}; the set-up (s) puts it there` };
}

/** Why one of the containers cannot be launched as the ground is now; undefined when it can. */
export function obstacleOf(container: ContainerSpec, ground: LaunchGround): SafeText | undefined {
  const { name, node: on, hostname, address, network: wanted } = container;
  const node = ground.nodes.find((one) => one.name === (on satisfies NodeName));
  if (node === undefined) return text`there is no node ${on}`;
  if (!node.isLive) return text`${on} is ${node.word}`;
  const taken = nameHolder(name, ground) ?? (hostname === undefined ? undefined : hostnameHolder(hostname, ground));
  if (taken !== undefined) return taken;
  if (wanted === undefined) return undefined;
  const network = launchNetworks(ground).find((one) => one.name === wanted);
  if (network === undefined) return text`no node lists a network ${wanted} that can be joined`;
  const refusal = cannotJoin(network, node);
  if (refusal !== undefined || address === undefined) return refusal;
  return addressProblem(address, name, network, holdersOn(network, ground));
}
