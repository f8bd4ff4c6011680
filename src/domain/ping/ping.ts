import type { ContainerId, NodeName } from "../ids.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import { clean, joined, type SafeText, text } from "../text.ts";
import { heldAttachments } from "../views/containers.ts";

/** A running container's place on the network that is pinged over. */
export interface Place {
  container: ContainerId;
  name: SafeText;
  node: NodeName;
  address: SafeText;
}

/** What came of pinging from one place to another. */
export type PingResult =
  | { state: "ok"; lossPercent: number; minMs: number; averageMs: number; maxMs: number }
  /** Packets were sent and none came back. */
  | { state: "no answer" }
  /** The container's own machine says that there is no way: no route, an address that nobody answers for. */
  | { state: "unreachable"; detail: SafeText }
  /** It could not be tried. */
  | { state: "not tried"; why: SafeText };

/** One direction between two containers. */
export interface Pair {
  from: Place;
  to: Place;
  result: PingResult;
}

/** The containers of all nodes that hold an address on `network`, in the order of the nodes, then by name. */
export function placesOn(network: string, seen: Snapshot): Place[] {
  return [...seen.nodes.values()].flatMap((node) => placesOf(node, network));
}

function placesOf(node: NodeSnapshot, network: string): Place[] {
  return [...(lastSeen(node.containers)?.values() ?? [])].flatMap((container) => {
    if (container.state !== "running") return [];
    const held = heldAttachments(container).find((one) => one.network === network);
    if (held?.address === undefined) return [];
    return [{ container: container.id, name: container.name, node: node.name, address: held.address }];
  });
}

/**
 * What ping(8) of iputils or busybox printed, in one result: "3 packets transmitted, 2 received, 33% packet loss",
 * "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms", "round-trip min/avg/max = 0.1/0.2/0.3 ms".
 */
export function parsePing(printed: string): PingResult {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(printed);
  const times = /(?:rtt|round-trip) min\/avg\/max(?:\/mdev)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(printed);
  if (counts === null) {
    const said = printed.split("\n").findLast((line) => line.trim() !== "") ?? "";
    return { state: "not tried", why: said === "" ? text`ping printed nothing` : clean(said.trim(), 200) };
  }
  const [sent, received] = [Number(counts[1]), Number(counts[2])];
  if (received > 0 && times !== null) {
    const [, min = "", average = "", max = ""] = times;
    const lossPercent = Math.round(((sent - received) / sent) * 100);
    return { state: "ok", lossPercent, minMs: Number(min), averageMs: Number(average), maxMs: Number(max) };
  }
  const refused = /^From .*?:? (.*[Uu]nreachable.*|.*[Pp]rohibited.*)$/m.exec(printed)?.[1];
  return refused === undefined ? { state: "no answer" } : { state: "unreachable", detail: clean(refused, 120) };
}

/** Whether every container reaches every other one. */
export const allReach = (pairs: readonly Pair[]): boolean => pairs.every((pair) => pair.result.state === "ok");

/** "node1 → node2 10.10.10.2: 0.2 ms" */
export function pairWords({ from, to, result }: Pair): SafeText {
  const way = text`${from.name} → ${to.name} ${to.address}`;
  switch (result.state) {
    case "ok": {
      const loss = result.lossPercent === 0 ? text`` : text`, ${result.lossPercent} % lost`;
      return text`${way}: ${clean(result.averageMs.toFixed(2))} ms${loss}`;
    }
    case "no answer":
      return text`${way}: no answer`;
    case "unreachable":
      return text`${way}: ${result.detail}`;
    case "not tried":
      return text`${way}: not tried, ${result.why}`;
  }
}

/** What the failures have in common, in the operator's words; nothing when all is well. */
export function diagnosis(pairs: readonly Pair[]): SafeText[] {
  const failed = pairs.filter((pair) => pair.result.state === "no answer" || pair.result.state === "unreachable");
  const ways = new Map<string, { from: NodeName; to: NodeName; failed: number; all: number }>();
  for (const pair of pairs) {
    const key = `${pair.from.node} ${pair.to.node}`;
    const way = ways.get(key) ?? { from: pair.from.node, to: pair.to.node, failed: 0, all: 0 };
    ways.set(key, { ...way, all: way.all + 1, failed: way.failed + (failed.includes(pair) ? 1 : 0) });
  }
  const broken = [...ways.values()].filter((way) => way.failed === way.all && way.from !== way.to);
  if (broken.length === 0) return [];
  const words = joined(broken.map((way) => text`${way.from} → ${way.to}`));
  return [
    text`nothing passes ${words}: is 4789/udp open between these nodes, and do they reach each other at all? "f" and \`ovl-tui status\` show what else is wrong there`,
  ];
}
