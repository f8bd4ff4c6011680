import type { NodeName } from "../ids.ts";
import { joined, type SafeText, text } from "../text.ts";
import { echoWords } from "./echo.ts";
import { fullWords, type Matrix, namingWords, type OneWay, type Pair, verdictOf, type Wire } from "./matrix.ts";

/** Bytes that VXLAN puts around a packet: outer IPv4 and UDP headers, its own, the inner Ethernet header (RFC 7348, 5). */
const vxlanBytes = 50;

/** What the faults of a matrix have in common, in the operator's words; nothing when all is well. */
export function diagnosis(matrix: Matrix): SafeText[] {
  return [...stillOnes(matrix.pairs), ...betweenNodes(matrix), ...names(matrix.pairs), ...untried(matrix.pairs)];
}

/** Containers that do nothing: their kernel may answer, and the name of the fault is theirs. */
function stillOnes(pairs: readonly Pair[]): SafeText[] {
  const still = new Map<string, SafeText>();
  for (const pair of pairs) {
    const verdict = verdictOf(pair);
    if (verdict.state !== "paused" && verdict.state !== "stopped") continue;
    const { container, name, node } = verdict.which;
    still.set(
      container,
      verdict.state === "paused"
        ? text`${name} on ${node} is paused: its kernel answers pings, nothing in it runs; "a" on it resumes it`
        : text`${name} on ${node} ended while it was pinged`,
    );
  }
  return [...still.values()];
}

/** All that was tried between two nodes. */
interface Lane {
  from: NodeName;
  to: NodeName;
  pairs: Pair[];
}

function betweenNodes({ pairs, underlay, oneWays }: Matrix): SafeText[] {
  const lanes = new Map<string, Lane>();
  for (const pair of pairs) {
    const [one = pair.from.node, other = pair.to.node] = [pair.from.node, pair.to.node].sort();
    const lane = lanes.get(`${one} ${other}`) ?? { from: one, to: other, pairs: [] };
    lane.pairs.push(pair);
    lanes.set(`${one} ${other}`, lane);
  }
  // Of nodes that are away no container may be known: their wires still tell something.
  for (const { from, to } of underlay.filter(isDown)) {
    const [one = from, other = to] = [from, to].sort();
    const key = `${one} ${other}`;
    if (!lanes.has(key)) lanes.set(key, { from: one, to: other, pairs: [] });
  }
  return [...lanes.values()].flatMap((lane) => laneWords(lane, underlay, oneWays));
}

function laneWords({ from, to, pairs }: Lane, underlay: readonly Wire[], oneWays: readonly OneWay[]): SafeText[] {
  const verdicts = pairs.map(verdictOf).filter(({ state }) => !["paused", "stopped", "not tried"].includes(state));
  const silent = verdicts.filter(({ state }) => state === "no answer" || state === "unreachable");
  const wires = underlay.filter((one) => isBetween(one, from, to));
  if (verdicts.length > 0 && silent.length === verdicts.length) {
    return [from === to ? nothingWithin(from) : nothingPasses(from, to, wires, oneWays)];
  }
  const down = wires.find(isDown);
  if (verdicts.length === 0 && down !== undefined)
    return [text`${wireWords(down)}: cable, switch, power or a firewall`];
  const cut = pairs.filter((pair) => verdictOf(pair).state === "full-size lost");
  if (cut.length === 0) return [];
  const through = pairs.filter((pair) => pair.full.echo.state === "ok").length;
  return [through === 0 ? sizeWords(from, to, cut, wires) : lossWords(from, to, cut.length, through)];
}

/** Whether the one node does not reach the other on the network below the overlay. */
export const isDown = ({ small }: Wire): boolean => ["no answer", "unreachable", "no route"].includes(small.state);

const wireWords = ({ from, to, address, small }: Wire): SafeText =>
  text`${from} does not reach ${to} itself at ${address} (${echoWords(small)})`;

const isBetween = (one: { from: NodeName; to: NodeName }, a: NodeName, b: NodeName): boolean =>
  (one.from === a && one.to === b) || (one.from === b && one.to === a);

const nothingWithin = (node: NodeName): SafeText =>
  text`containers on ${node} do not reach each other there: it is neither the wire nor VXLAN, look at the engine of ${node} and its firewall`;

function nothingPasses(from: NodeName, to: NodeName, wires: readonly Wire[], oneWays: readonly OneWay[]): SafeText {
  const between = text`nothing passes ${from} ↔ ${to}`;
  const down = wires.find(isDown);
  if (down !== undefined) {
    return text`${between}, and it is the wire: ${wireWords(down)}; cable, switch, power or a firewall in between`;
  }
  const isWireFine = wires.some((one) => one.small.state === "ok");
  const wire = isWireFine ? text`, though the wire is fine` : text``;
  const known = oneWays.filter((one) => isBetween(one, from, to));
  const lost = known.filter((one) => !one.arrives).map((one) => text`${one.from} → ${one.to}`);
  if (lost.length === 1 && known.length === 2) {
    return text`${between}${wire}: what is sent ${joined(lost)} never arrives, the other way does; a firewall drops 4789/udp on that way, or ${from} and ${to} do not agree where containers are`;
  }
  if (lost.length > 0 || known.length === 0) {
    return text`${between}${wire}: is 4789/udp open between them, and 7946 tcp and udp? "f" and \`ovl-tui status\` show what else is wrong there`;
  }
  return text`${between}${wire}: requests arrive both ways, answers do not; ping again, and look at the firewall inside of the containers`;
}

/** Some full-size packets pass: an MTU would let none. */
const lossWords = (from: NodeName, to: NodeName, lost: number, through: number): SafeText =>
  text`full-size packets were lost on ${lost} of ${lost + through} ways ${laneName(from, to)}, not on all: loss rather than an MTU; ping again`;

const laneName = (from: NodeName, to: NodeName): SafeText => (from === to ? text`on ${from}` : text`${from} ↔ ${to}`);

/** Small packets pass and full-size ones do not: what the overlay's packets need of the wire, and what that takes. */
function sizeWords(from: NodeName, to: NodeName, pairs: readonly Pair[], wires: readonly Wire[]): SafeText {
  const bytes = Math.max(0, ...pairs.map((pair) => pair.full.bytes ?? 0));
  const cut = text`packets of ${bytes} bytes do not pass between containers ${laneName(from, to)}, small ones do`;
  if (from === to) return text`${cut}: do their interfaces have different MTUs?`;
  const need = bytes + vxlanBytes;
  const narrow = wires.find((one) => one.full.echo.state !== "ok" && one.full.echo.state !== "not tried");
  const least = wires.map((one) => one.full.bytes).filter((one) => one !== undefined && one < need);
  if (narrow === undefined && least.length === 0) {
    return text`${cut}: with VXLAN they need ${need} bytes on the wire, which passes there; is a tunnel or an encrypted network in between?`;
  }
  const where =
    least[0] !== undefined
      ? text`${wires.find((one) => one.full.bytes === least[0])?.from ?? from} has an MTU of ${least[0]} there`
      : text`${narrow?.from ?? from} → ${narrow?.to ?? to}: ${narrow === undefined ? text`` : fullWords(narrow.full)}`;
  return text`${cut}: with VXLAN they need ${need} bytes on the wire, which takes less (${where}); give every node and switch the same MTU, or make the network anew with a smaller one`;
}

/** Names that are not known, by who does not know them. */
function names(pairs: readonly Pair[]): SafeText[] {
  const asked = Map.groupBy(
    pairs.filter((pair) => pair.name.state !== "not tried"),
    (pair) => pair.from.container,
  );
  const wrong = [...asked.values()].flatMap((of): SafeText[] => {
    const [first] = of;
    const bad = of.filter((pair) => pair.name.state !== "right");
    const [sample] = bad;
    if (first === undefined || sample === undefined || first.from.life !== "running") return [];
    const { name, node } = first.from;
    const said = namingWords(sample.name);
    if (bad.length === of.length && of.length > 1) return [text`${name} on ${node} resolves no name: ${said}`];
    return bad.map((pair) => text`${name} on ${node} asks for ${pair.to.name}: ${namingWords(pair.name)}`);
  });
  const most = 6;
  return wrong.length <= most
    ? wrong
    : [...wrong.slice(0, most), text`and ${wrong.length - most} more names like this`];
}

/** Why some directions could not be tried, once for each node and reason. */
function untried(pairs: readonly Pair[]): SafeText[] {
  const reasons = new Map<string, SafeText>();
  for (const pair of pairs) {
    const verdict = verdictOf(pair);
    if (verdict.state !== "not tried") continue;
    reasons.set(`${pair.from.node} ${verdict.why}`, text`from ${pair.from.node}: not tried, ${verdict.why}`);
  }
  return [...reasons.values()];
}
