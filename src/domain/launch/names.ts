import type { Container } from "../engine.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { LaunchGround } from "./ground.ts";

/** Where the number stands in a name pattern: "web-{n}". */
export const numberPlace = "{n}";

/** Host names as `ovl.yaml` takes them. */
const hostName = /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/;

/** Who has the name already, somewhere in the cluster; undefined when it is free. */
export function nameHolder(name: string, ground: LaunchGround): SafeText | undefined {
  const container = ground.byName.get(name);
  if (container !== undefined) return text`${clean(name)} is taken: ${stateOf(container)} on ${container.node}`;
  const record = ground.records.find((one) => one.name === name);
  if (record === undefined) return undefined;
  return text`${clean(name)} is taken: the store has it, written by ${record.locator ?? text`an unknown engine`}`;
}

/** Who has the host name; undefined when it is free. */
export function hostnameHolder(hostname: string, ground: LaunchGround): SafeText | undefined {
  const wanted = hostname.toLowerCase();
  const machine = ground.nodes.find((node) => node.hostname?.toLowerCase() === wanted);
  if (machine !== undefined) return text`the host name ${clean(hostname)} is the machine's of ${machine.name}`;
  const container = ground.containers.find((one) => ground.hostnames.get(one.id)?.toLowerCase() === wanted);
  if (container === undefined) return undefined;
  return text`the host name ${clean(hostname)} is taken: ${container.name} on ${container.node}`;
}

const stateOf = ({ state }: Container): SafeText => (state === "running" ? text`runs` : clean(state));

/** What is wrong with the words of a host name; undefined when nothing is. */
export const hostnameProblem = (hostname: string): SafeText | undefined =>
  hostName.test(hostname)
    ? undefined
    : text`${clean(JSON.stringify(hostname))}: letters, digits, dots and dashes, 63 at most`;

/** A container's name where that can be a host name; the engine gives it one otherwise. */
export const usualHostname = (name: string): string | undefined => (hostName.test(name) ? name : undefined);

/** `pattern` with the number in it. */
export const numbered = (pattern: string, number: number): string => pattern.replaceAll(numberPlace, String(number));

/**
 * `count` names after the pattern, numbered from 1; those that are taken, or that the file keeps for another container,
 * are left out. A pattern without a number is one name, taken or not.
 */
export function namesAfter(pattern: string, count: number, ground: LaunchGround): string[] {
  if (!pattern.includes(numberPlace)) return [pattern];
  const kept = new Set<string>(ground.spec.containers.map((one) => one.name));
  const names: string[] = [];
  for (let number = 1; names.length < count && number <= highest; number += 1) {
    const name = numbered(pattern, number);
    if (!kept.has(name) && nameHolder(name, ground) === undefined) names.push(name);
  }
  return names;
}

const highest = 100_000;

/** The pattern of a series that `name` could be one of: "node2" is of "node{n}", "web" of "web-{n}". */
export function seriesOf(name: string): string {
  const base = name.replace(/\d+$/, "");
  return base === name ? `${name}-${numberPlace}` : `${base}${numberPlace}`;
}
