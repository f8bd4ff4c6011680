import { isAddress } from "../../domain/subnets.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import type { SwarmChanges } from "../../ports/engine-control.ts";
import { swarmRefusal } from "../dockerd.ts";
import { notManager } from "../engine.ts";
import { interfaceName, type Machine } from "../machine.ts";
import { refused } from "../refusal.ts";
import { managerPort, noLeader, Swarm, type SwarmMember } from "../swarm-model.ts";
import { engineChange, engineQuestion } from "./change.ts";
import type { ReachGround } from "./reach.ts";

const initMs = 700;
const joinMs = 1600;
const leaveMs = 500;
const updateMs = 60;
/** The managers notice that a node has left within this. */
const noticeMs = 2000;

/** The swarm, as `docker swarm` and `docker node` change it; refusals in the words of moby daemon/cluster/errors.go. */
export function swarmChanges(on: ReachGround): SwarmChanges {
  const { link, clock, cluster } = on;
  const { machine } = link;
  const enter = (member: SwarmMember): void => {
    machine.swarm = member;
    machine.networks.needGwbridge();
    machine.changed();
  };
  return {
    initSwarm: (advertise, within) =>
      engineChange(on, within, initMs, () => {
        const mine = entry(machine, advertise);
        if (!mine.ok) return mine;
        const swarm = new Swarm(machine.nextDraw("swarm"), clock.now());
        enter(swarm.admit(machine, "manager", mine.value));
        return good(undefined);
      }),
    joinSwarm: (manager, token, advertise, within) =>
      engineChange(on, within, joinMs, () => {
        const mine = entry(machine, advertise);
        if (!mine.ok) return mine;
        const other = managerAt(manager, cluster.machines.values());
        if (other === undefined || !other.machine.reachable || !machine.reachable) {
          return refused(
            503,
            text`Timeout was reached before node joined. The attempt to join the swarm will continue in the background. Use the "docker info" command to see the current swarm status of your node.`,
          );
        }
        const { swarm } = other;
        const role = (["manager", "worker"] as const).find((one) => swarm.tokens[one] === token.secret);
        if (role === undefined) {
          return refused(
            400,
            text`rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster`,
          );
        }
        if (swarm.leader === undefined) return noLeader;
        enter(swarm.admit(machine, role, mine.value));
        return good(undefined);
      }),
    swarmTokens: (within) =>
      engineQuestion(on, within, () => {
        const { swarm } = machine;
        if (swarm?.role !== "manager") return notManager;
        if (swarm.swarm.leader === undefined) return noLeader;
        const { worker, manager } = swarm.swarm.tokens;
        return good({ worker: { secret: worker }, manager: { secret: manager } });
      }),
    leaveSwarm: (force, within) =>
      engineChange(on, within, leaveMs, () => {
        const member = machine.swarm;
        if (member === undefined) return good(undefined);
        if (member.role === "manager" && !force) return stillManages(member);
        machine.swarm = undefined;
        machine.changed();
        clock.after(noticeMs, () => {
          member.hasLeft = true;
          machine.changed();
        });
        return good(undefined);
      }),
    updateSwarmNode: (id, to, within) => ofManager(on, within, ({ swarm }) => swarm.update(id, to)),
    removeSwarmNode: (id, force, within) =>
      ofManager(on, within, ({ swarm }) => {
        const forgotten = swarm.forget(id, force);
        const gone = !forgotten.ok && forgotten.trouble.kind === "engine-refused" && forgotten.trouble.status === 404;
        return gone ? good(undefined) : forgotten;
      }),
  };
}

function ofManager(
  on: ReachGround,
  within: Parameters<SwarmChanges["initSwarm"]>[1],
  work: (member: SwarmMember) => Outcome<void>,
): Promise<Outcome<void>> {
  const { machine } = on.link;
  return engineChange(on, within, updateMs, () => {
    const outcome = machine.swarm?.role === "manager" ? work(machine.swarm) : notManager;
    machine.changed();
    return outcome;
  });
}

/** The address under which the machine may enter a swarm, or why it may not. */
function entry(machine: Machine, advertise: string): Outcome<SafeText> {
  if (machine.swarm !== undefined) {
    return refused(
      503,
      text`This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.`,
    );
  }
  const refusal = machine.engine === undefined ? undefined : swarmRefusal(machine.engine.config);
  if (refusal !== undefined) return refused(500, clean(refusal));
  const host = advertise.replace(/:\d+$/, "");
  const address = isAddress(host) ? clean(host) : host === interfaceName ? machine.address : undefined;
  return address === undefined
    ? refused(
        400,
        text`advertise address must be a non-zero IP address or network interface (with optional port number)`,
      )
    : good(address);
}

/** The manager that listens on `address` (host:port). */
function managerAt(address: string, machines: Iterable<Machine>): SwarmMember | undefined {
  for (const { swarm, address: own, engine } of machines) {
    if (swarm?.role === "manager" && engine !== undefined && `${own}:${managerPort}` === address) return swarm;
  }
  return undefined;
}

function stillManages({ swarm }: SwarmMember) {
  const begin = text`You are attempting to leave the swarm on a node that is participating as a manager.`;
  if (swarm.managers().length === 1) {
    return refused(
      503,
      text`${begin} Removing the last manager erases all current state of the swarm. Use \`--force\` to ignore this message.`,
    );
  }
  return refused(
    503,
    text`${begin} The only way to restore a swarm that has lost consensus is to reinitialize it with \`--force-new-cluster\`. Use \`--force\` to suppress this message.`,
  );
}
