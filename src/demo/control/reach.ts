import type { Reach, ReachAsked } from "../../domain/plan/survey.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { good } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import { call, pass } from "../calls.ts";
import type { Cluster } from "../cluster.ts";
import type { Machine } from "../machine.ts";
import { gossipPort, socketsOf, vxlanPort } from "../sockets.ts";
import type { ControlGround } from "./change.ts";

export interface ReachGround extends ControlGround {
  cluster: Cluster;
}

/** How long a port of another node may take to answer, ms. */
const silenceMs = 2000;

type Told = Pick<Reach, "result" | "detail">;

const told = (result: Reach["result"], detail: SafeText): Told => ({ result, detail });

/** Tries ports of other machines from this one. */
export async function reachesFrom(
  { link, clock, cluster }: ReachGround,
  asked: readonly ReachAsked[],
  within: Deadline,
): Promise<readonly Reach[]> {
  if (asked.length === 0) return [];
  const all = asked.map((one) => ({ ...one, ...tried(one, cluster) }));
  const waits = all.some((one) => one.result === "silent") ? Math.min(silenceMs, within.ms) : 0;
  const answered = await call(link, clock, text`ports of other nodes`, within, async () => {
    await pass(clock, waits);
    return good(undefined);
  });
  if (answered.ok) return all;
  return asked.map((one) => ({ ...one, ...told("unknown", text`it could not be tried`) }));
}

function tried({ protocol, address, port }: ReachAsked, cluster: Cluster): Told {
  const machine = [...cluster.machines.values()].find((one) => one.address === address);
  if (machine === undefined || !machine.reachable || isBlocked(machine, protocol, port)) return silent[protocol];
  const listens = socketsOf(machine).some(
    (one) => one.protocol === protocol && one.port === port && ["0.0.0.0", "::", address].includes(one.address),
  );
  if (!listens) return told("answered", text`nothing listens, and the machine says so`);
  return protocol === "tcp" ? told("answered", text`something listens`) : silent.udp;
}

const silent: Readonly<Record<"tcp" | "udp", Told>> = {
  tcp: told("silent", text`no answer within ${silenceMs / 1000} s`),
  udp: told("silent", text`nothing came back; a port that listens may be silent too`),
};

/** Whether a firewall of the machine drops what comes for the port. */
function isBlocked({ hindrances }: Machine, protocol: "tcp" | "udp", port: number): boolean {
  if (hindrances.has("gossip-blocked") && port === gossipPort) return true;
  return hindrances.has("vxlan-blocked") && protocol === "udp" && port === vxlanPort;
}
