import { asContainerId, type ContainerId } from "../../domain/ids.ts";
import { isAddress } from "../../domain/subnets.ts";
import { text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Probes, ProbesAsked, ProbesTold, WayAsked } from "../../ports/probes.ts";
import { runSections } from "../host/sections.ts";
import type { Transport } from "../transport.ts";
import { isName, nameQuery } from "./name-query.ts";
import { ProbeAnswers } from "./probe-answers.ts";
import { probeScript } from "./probe-script.ts";

/** Bytes of output: less than a thousand for each way. */
const outputLimit = 32 * 1024 * 1024;

/** Measurements from the node at the other end of `transport`. */
export function createProbes(transport: Transport): Probes {
  return {
    probe: (asked, within) => probe(transport, asked, within),
    echoesReceived: (containers, within) => echoesReceived(transport, containers, within),
  };
}

async function probe(transport: Transport, asked: ProbesAsked, within: Deadline): Promise<Outcome<ProbesTold>> {
  const list = new ArgumentList(asked);
  const what = text`${transport.node}: pings`;
  const options = { root: true, limit: outputLimit };
  const ran = await runSections(transport, what, probeScript, list.words, within, options);
  if (!ran.ok) return ran;
  const answers = new ProbeAnswers(ran.value);
  return good({
    ways: asked.ways.map((way) => answers.way(way, list.placeOf(way), asked.port)),
    nodes: asked.nodes.map((address, at) => answers.node(at, address)),
  });
}

/** The arguments of the script, in which every target is named once. */
class ArgumentList {
  readonly words: readonly string[];
  readonly #targets = new Map<string, { number: number; way: WayAsked }>();
  readonly #containers = new Map<ContainerId, { number: number; targets: Set<number> }>();

  constructor({ ways, nodes, port }: ProbesAsked) {
    for (const way of ways) {
      if (!isAddress(way.address)) continue;
      const target = this.#targets.get(targetKey(way)) ?? { number: this.#targets.size, way };
      this.#targets.set(targetKey(way), target);
      const from = this.#containers.get(way.container) ?? { number: this.#containers.size, targets: new Set() };
      this.#containers.set(way.container, from);
      from.targets.add(target.number);
    }
    const targets = [...this.#targets.values()].flatMap(({ number, way }) => targetWords(way, number));
    const containers = [...this.#containers].flatMap(([id, from]) => [id, [...from.targets].join(" ")]);
    // What is no address gets no answer, and keeps its place.
    const others = nodes.map((one) => (isAddress(one) ? one : "-"));
    this.words = [port === undefined ? "-" : String(port), ...targets, "--", ...containers, "--", ...others];
  }

  /** The numbers that the script knows that way by; undefined when it was not sent. */
  placeOf(way: WayAsked): { container: number; target: number } | undefined {
    const target = this.#targets.get(targetKey(way));
    const container = this.#containers.get(way.container);
    return target === undefined || container === undefined
      ? undefined
      : { container: container.number, target: target.number };
  }
}

const targetKey = ({ address, name }: WayAsked): string => `${address} ${name ?? ""}`;

/** ADDRESS QUESTION NAME */
function targetWords({ address, name }: WayAsked, number: number): string[] {
  const query = name === undefined ? undefined : nameQuery(name, number);
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
  const question = query === undefined ? "-" : [...query].map(octal).join("");
  return [address, question, name !== undefined && isName(name) ? name : "-"];
}

/** /proc/PID/net/snmp, lines "Icmp:": names, then values (proc_pid_net(5)). */
const echoesScript = `
for id in "$@"; do
  pid=$(docker inspect -f '{{.State.Pid}}' "$id" 2>/dev/null) || continue
  [ "\${pid:-0}" != 0 ] || continue
  section echoes "$id"
  awk '$1 == "Icmp:" { if (!column) { for (i = 1; i <= NF; i++) if ($i == "InEchos") column = i } else print $column }' "/proc/$pid/net/snmp"
done
section end
`;

async function echoesReceived(
  transport: Transport,
  containers: readonly ContainerId[],
  within: Deadline,
): Promise<Outcome<ReadonlyMap<ContainerId, number>>> {
  const what = text`${transport.node}: counters of echo requests`;
  const ran = await runSections(transport, what, echoesScript, containers, within, { root: true });
  if (!ran.ok) return ran;
  const counts = ran.value.flatMap(({ title, content }): [ContainerId, number][] => {
    const id = asContainerId(title);
    return id === undefined || !/^\d+\s*$/.test(content) ? [] : [[id, Number(content)]];
  });
  return good(new Map(counts));
}
