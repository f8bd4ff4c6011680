import type { SwarmNode } from "../domain/engine.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Instant } from "../domain/time.ts";
import { good, type Outcome } from "../domain/trouble.ts";
import type { Chance } from "./chance.ts";
import type { Machine } from "./machine.ts";
import { refused } from "./refusal.ts";
import { SharedNetworks } from "./shared-networks.ts";

export const managerPort = 2377;

/** One node of a swarm, as its managers have it. */
export interface SwarmMember {
  readonly id: SafeText;
  readonly machine: Machine;
  readonly swarm: Swarm;
  /** As it was advertised. */
  readonly address: SafeText;
  role: "manager" | "worker";
  availability: "active" | "pause" | "drain";
  /** It left by itself, and the managers know. */
  hasLeft: boolean;
}

/** A swarm: its nodes, its networks, and what lets others in. */
export class Swarm {
  readonly id: SafeText;
  /** Secrets. */
  readonly tokens: Readonly<Record<"worker" | "manager", string>>;
  readonly networks: SharedNetworks;
  readonly #members = new Map<string, SwarmMember>();
  readonly #chance: Chance;

  constructor(chance: Chance, createdAt: Instant) {
    this.#chance = chance;
    this.id = clean(chance.digits(25, 36));
    const authority = chance.digits(50, 36);
    const token = () => `SWMTKN-1-${authority}-${chance.digits(25, 36)}`;
    this.tokens = { worker: token(), manager: token() };
    this.networks = new SharedNetworks("swarm", chance);
    this.networks.createIngress(createdAt);
  }

  admit(machine: Machine, role: SwarmMember["role"], address: SafeText): SwarmMember {
    const id = clean(this.#chance.digits(25, 36));
    const member: SwarmMember = {
      ...{ id, machine, swarm: this, address, role },
      ...{ availability: "active", hasLeft: false },
    };
    this.#members.set(id, member);
    return member;
  }

  managers(): SwarmMember[] {
    return [...this.#members.values()].filter((one) => one.role === "manager" && !one.hasLeft);
  }

  /** The manager that leads; undefined without a majority of them. */
  get leader(): SwarmMember | undefined {
    const managers = this.managers();
    const up = managers.filter(isUp);
    return up.length * 2 > managers.length ? up[0] : undefined;
  }

  /** `GET /nodes`, of a manager. */
  nodes(): Outcome<readonly SwarmNode[]> {
    const { leader } = this;
    if (leader === undefined) return noLeader;
    return good([...this.#members.values()].map((one) => rowOf(one, one === leader)));
  }

  /** `docker node rm`, in the words of swarmkit (manager/controlapi/node.go). */
  forget(id: string, force: boolean): Outcome<void> {
    const member = this.#members.get(id);
    if (this.leader === undefined) return noLeader;
    if (member === undefined) return noSuchNode(id);
    if (member.role === "manager") {
      return failedPrecondition(
        text`node ${member.id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
      );
    }
    if (!force && isUp(member)) return failedPrecondition(text`node ${member.id} is not down and can't be removed`);
    this.#members.delete(id);
    return good(undefined);
  }

  /** `docker node update`. */
  update(id: string, to: Partial<Pick<SwarmMember, "role" | "availability">>): Outcome<void> {
    const member = this.#members.get(id);
    if (this.leader === undefined) return noLeader;
    if (member === undefined) return noSuchNode(id);
    if (to.role === "worker" && member.role === "manager" && this.managers().length === 1) {
      return failedPrecondition(text`attempting to demote the last manager of the swarm`);
    }
    if (to.role !== undefined) member.role = to.role;
    if (to.availability !== undefined) member.availability = to.availability;
    return good(undefined);
  }
}

/** moby daemon/cluster/errors.go. */
export const noLeader = refused(
  503,
  text`The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.`,
);

const noSuchNode = (id: string) => refused(404, text`node ${clean(id)} not found`);

const failedPrecondition = (why: SafeText) => refused(400, text`rpc error: code = FailedPrecondition desc = ${why}`);

const isUp = ({ machine, hasLeft }: SwarmMember): boolean =>
  !hasLeft && machine.reachable && machine.engine !== undefined;

function rowOf(member: SwarmMember, leads: boolean): SwarmNode {
  const { id, machine, address, role, availability } = member;
  const up = isUp(member);
  return {
    ...{ id, hostname: machine.hostname, address, role, availability },
    state: up ? "ready" : "down",
    manager:
      role === "manager"
        ? { leader: leads, reachability: up ? "reachable" : "unreachable", address: text`${address}:${managerPort}` }
        : undefined,
  };
}
