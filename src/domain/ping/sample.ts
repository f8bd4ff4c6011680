import { type SafeText, text } from "../text.ts";
import type { Place } from "./place.ts";

/** From one place to another. */
export interface Way {
  from: Place;
  to: Place;
}

/** From so many containers on, not all of them are pinged unless somebody asks for it: the ways grow with their square. */
export const manyPlaces = 60;

/** With so many others each container of a sample is paired; as many again may have chosen it. */
const pairedWith = 4;

/** Every container to every other one. */
export const allWays = (places: readonly Place[]): Way[] =>
  places.flatMap((from) => places.filter((to) => to.container !== from.container).map((to) => ({ from, to })));

/**
 * Some ways, always both directions of a pair, and the same ones as long as the containers are the same: each container
 * with those others whose ids hash lowest together with its own (rendezvous hashing), and at least one pair of containers
 * for each pair of nodes.
 */
export function sampledWays(places: readonly Place[]): Way[] {
  const chosen = new Map<string, Way>();
  const choose = (way: Way | undefined): void => {
    if (way === undefined) return;
    chosen.set(wayKey(way), way);
    chosen.set(wayKey({ from: way.to, to: way.from }), { from: way.to, to: way.from });
  };
  const closest = new Map<string, { way: Way; weight: number }>();
  for (const from of places) {
    const others: { way: Way; weight: number }[] = [];
    for (const to of places) {
      if (to.container === from.container) continue;
      const weighed = { way: { from, to }, weight: weightOf(from.container, to.container) };
      others.push(weighed);
      const nodes = `${from.node} ${to.node}`;
      if (weighed.weight < (closest.get(nodes)?.weight ?? Number.POSITIVE_INFINITY)) closest.set(nodes, weighed);
    }
    others.sort((one, other) => one.weight - other.weight);
    for (const { way } of others.slice(0, pairedWith)) choose(way);
  }
  for (const { way } of closest.values()) choose(way);
  const order = new Map(places.map((place, at) => [place.container, at]));
  const rank = ({ from, to }: Way): number =>
    (order.get(from.container) ?? 0) * places.length + (order.get(to.container) ?? 0);
  return [...chosen.values()].sort((one, other) => rank(one) - rank(other));
}

/** What is pinged unless somebody asks for all: every way between few containers, a sample of them between many. */
export const usualWays = (places: readonly Place[]): Way[] =>
  places.length < manyPlaces ? allWays(places) : sampledWays(places);

/** What is said beside a sample; nothing where all ways were pinged. */
export const leftOutWords = (directions: number): SafeText[] =>
  directions === 0 ? [] : [text`a sample: ${directions} directions were left out; ovl-tui ping --full pings them all`];

/** One way's name among all: the ids of its ends. */
export const wayKey = ({ from, to }: Way): string => `${from.container} ${to.container}`;

/** Of an id's 64 digits; more make no difference. */
const digits = 16;

/** FNV-1a, 32 bits, of both ids in the order of the alphabet: both directions weigh the same. */
function weightOf(one: string, other: string): number {
  const [low, high] = one < other ? [one, other] : [other, one];
  let hash = 0x811c9dc5;
  for (const part of [low, high]) {
    for (let at = 0; at < digits; at++) hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}
