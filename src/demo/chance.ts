import { asContainerId, asNetworkId, type ContainerId, type NetworkId } from "../domain/ids.ts";

/** Seeded chance: the same seed and subject always tell the same story, whatever happens beside it and in which order. */
export interface Chance {
  /** Evenly spread in [0, 1). */
  fraction(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** `length` digits of base 16 or 36. */
  digits(length: number, base: 16 | 36): string;
}

/** The generator of one subject ("node103 link"), so that one subject's draws never shift another's. */
export function chance(seed: number, subject: string): Chance {
  let state = mixed(seed, subject);
  // mulberry32: 32 bits of state are enough for a demo, and it is the same on every machine.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    between: (low, high) => low + Math.floor(fraction() * (high - low + 1)),
    digits(length, base) {
      // Six at a time: 36 to the sixth is less than 2 to the 32nd.
      let digits = "";
      while (digits.length < length)
        digits += Math.floor(fraction() * base ** 6)
          .toString(base)
          .padStart(6, "0");
      return digits.slice(0, length);
    },
  };
}

/** A container's id as an engine makes it. */
export function newContainerId(from: Chance): ContainerId {
  const id = asContainerId(from.digits(64, 16));
  if (id === undefined) throw new Error("64 hex digits are a container id");
  return id;
}

/** A network's id: 64 hex digits, or swarm's 25 characters. */
export function newNetworkId(from: Chance, kind: "hex" | "swarm"): NetworkId {
  const id = asNetworkId(kind === "hex" ? from.digits(64, 16) : from.digits(25, 36));
  if (id === undefined) throw new Error("64 hex digits or 25 base-36 digits are a network id");
  return id;
}

/** FNV-1a over the subject, started from the seed. */
function mixed(seed: number, subject: string): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let at = 0; at < subject.length; at++) hash = Math.imul(hash ^ subject.charCodeAt(at), 0x01000193);
  return hash;
}
