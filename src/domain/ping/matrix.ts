import type { NodeName } from "../ids.ts";
import { joined, type SafeText, text } from "../text.ts";
import { type Echo, echoWords } from "./echo.ts";
import type { Place } from "./place.ts";

/** What a container's name server told of another one's name. */
export type Naming =
  | { state: "right" }
  /** It answers with other addresses than the one the engine gave: a left-over, or two of one name. */
  | { state: "elsewhere"; addresses: readonly SafeText[] }
  | { state: "not found" }
  | { state: "no answer"; server: SafeText }
  | { state: "not tried"; why: SafeText };

/** What came of opening a TCP port. */
export type Opening =
  | { state: "open" }
  /** Nothing listens there, and the other side says so. */
  | { state: "closed" }
  | { state: "no answer" }
  | { state: "not tried"; why: SafeText };

/** Packets as large as the sender's interface takes, with DF. `bytes`: with IP header; undefined when it is not known. */
export interface FullSize {
  bytes: number | undefined;
  echo: Echo;
}

/** Everything that was sent from one container to another. */
export interface Pair {
  from: Place;
  to: Place;
  small: Echo;
  full: FullSize;
  name: Naming;
  /** Undefined: no port was asked for. */
  port: Opening | undefined;
  /** What ping printed. */
  printed: readonly SafeText[];
}

/** From node to node, by the address that carries the overlay. */
export interface Wire {
  from: NodeName;
  to: NodeName;
  address: SafeText;
  small: Echo;
  full: FullSize;
  printed: readonly SafeText[];
}

/** Of two nodes whose containers do not reach each other: whether what `from` sends still arrives at `to`. */
export interface OneWay {
  from: NodeName;
  to: NodeName;
  arrives: boolean;
}

/** Who reaches whom. */
export interface Matrix {
  pairs: readonly Pair[];
  underlay: readonly Wire[];
  oneWays: readonly OneWay[];
}

/** What one direction comes to: the first fault, by what has to be mended first. */
export type Verdict =
  | Exclude<Echo, { state: "too big" }>
  | { state: "paused" | "stopped"; which: Place }
  | { state: "full-size lost"; full: FullSize }
  | { state: "name"; name: Exclude<Naming, { state: "right" | "not tried" }> }
  | { state: "port"; port: Exclude<Opening, { state: "open" | "not tried" }> };

/** What a direction comes to. */
export function verdictOf({ from, to, small, full, name, port }: Pair): Verdict {
  const still = [from, to].find((place) => place.life !== "running");
  if (still !== undefined && still.life !== "running") return { state: still.life, which: still };
  if (small.state === "too big") return { state: "full-size lost", full: { bytes: undefined, echo: small } };
  if (small.state !== "ok") return small;
  if (full.echo.state !== "ok" && full.echo.state !== "not tried") return { state: "full-size lost", full };
  if (name.state !== "right" && name.state !== "not tried") return { state: "name", name };
  if (port?.state === "not tried") return port;
  if (port !== undefined && port.state !== "open") return { state: "port", port };
  return small;
}

/** Whether the one reaches the other: by address, in small and full size, by name and port where those were tried. */
export const reaches = (pair: Pair): boolean => verdictOf(pair).state === "ok";

/** Whether every container reaches every other one. */
export const allReach = (pairs: readonly Pair[]): boolean => pairs.every(reaches);

/** "node1 → node2 10.10.10.2: 0.20 ms" */
export const pairWords = (pair: Pair): SafeText =>
  text`${pair.from.name} → ${pair.to.name} ${pair.to.address}: ${verdictWords(pair)}`;

/** What a direction comes to, in words. */
export function verdictWords(pair: Pair): SafeText {
  const verdict = verdictOf(pair);
  switch (verdict.state) {
    case "paused":
      return text`${verdict.which.name} is paused`;
    case "stopped":
      return text`${verdict.which.name} does not run any more`;
    case "full-size lost":
      return text`small packets pass, full-size ones do not: ${fullWords(verdict.full)}`;
    case "name":
      return text`the address answers, the name does not lead there: ${namingWords(verdict.name)}`;
    case "port":
      return text`the address answers, the port does not: ${openingWords(verdict.port)}`;
    default:
      return echoWords(verdict);
  }
}

/** "1450 bytes, no answer" */
export const fullWords = ({ bytes, echo }: FullSize): SafeText =>
  bytes === undefined ? echoWords(echo) : text`${bytes} bytes, ${echoWords(echo)}`;

/** What became of a name, in words. */
export function namingWords(name: Naming): SafeText {
  switch (name.state) {
    case "right":
      return text`right`;
    case "elsewhere":
      return text`it is ${joined(name.addresses)} there`;
    case "not found":
      return text`not found`;
    case "no answer":
      return text`no answer from name server ${name.server}`;
    case "not tried":
      return text`not tried, ${name.why}`;
  }
}

/** What became of a TCP port, in words. */
export function openingWords(port: Opening): SafeText {
  switch (port.state) {
    case "open":
      return text`open`;
    case "closed":
      return text`nothing listens`;
    case "no answer":
      return text`no answer`;
    case "not tried":
      return text`not tried, ${port.why}`;
  }
}

/** One line for each direction, the first fault in it. */
export const pingLines = (pairs: readonly Pair[]): { ok: boolean; words: SafeText }[] =>
  pairs.map((pair) => ({ ok: reaches(pair), words: pairWords(pair) }));
