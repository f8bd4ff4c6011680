import type { CondorSpec } from "../spec/spec.ts";
import type { SpecValues } from "../spec/write.ts";
import type { ContainerDraft, Draft } from "./draft.ts";

/** What a container does in the HTCondor pool; one that does nothing is no member. */
export interface PoolRoles {
  /** Collector and negotiator: one member's. */
  manages: boolean;
  /** A schedd: jobs are queued there. */
  submits: boolean;
  /** A startd: jobs run there. */
  executes: boolean;
}

/** The pool as it was typed; its members say so themselves. */
export interface PoolDraft {
  /** "none": the file has no pool. */
  security: "none" | CondorSpec["security"];
  /** Empty: the cluster's name. */
  domain: string;
  /** The file that was opened has one. */
  known: boolean;
}

export const noRoles: PoolRoles = { manages: false, submits: false, executes: false };

export const noPool: PoolDraft = { security: "none", domain: "", known: false };

/** Whether the container takes part in the pool. */
export const isMember = ({ roles }: Pick<ContainerDraft, "roles">): boolean =>
  roles.manages || roles.submits || roles.executes;

/** The roles of the container of that name in a file's pool. Where nobody is said to submit, the manager does. */
export function rolesOf(condor: CondorSpec | undefined, name: string): PoolRoles {
  if (condor === undefined) return noRoles;
  const has = (names: readonly string[]): boolean => names.includes(name);
  const manages = condor.manager === name;
  return {
    manages,
    submits: condor.submit.length === 0 ? manages : has(condor.submit),
    executes: has(condor.execute),
  };
}

/** Containers of hosts that stay: those that can be members. */
export const poolContainers = ({ hosts, containers }: Draft): readonly ContainerDraft[] => {
  const leaving = new Set(hosts.filter((host) => host.leaving).map((host) => host.id));
  return containers.filter((one) => !leaving.has(one.host));
};

/** The member that manages; undefined while none does. */
export const managerOf = (draft: Draft): ContainerDraft | undefined =>
  poolContainers(draft).find((one) => one.roles.manages);

/**
 * The draft with that security. The first pool of a cluster is as in the classic procedure: the first container on a
 * network manages it and has its queue, and every container of that network and image runs jobs: what else is there has
 * other work, and no HTCondor most likely.
 */
export function withSecurity(draft: Draft, security: PoolDraft["security"]): Draft {
  const made = { ...draft, pool: { ...draft.pool, security } };
  const candidates = poolContainers(draft);
  if (security === "none" || candidates.some(isMember)) return made;
  const first = candidates.find((one) => one.network !== undefined);
  if (first === undefined) return made;
  return {
    ...made,
    containers: draft.containers.map((one) => {
      const isLike = one.network === first.network && one.image === first.image;
      if (!candidates.includes(one) || !isLike) return one;
      return { ...one, roles: { manages: one === first, submits: one === first, executes: true } };
    }),
  };
}

/** The draft with a role given to the container at that place, or taken from it; two never manage. */
export function withRole(draft: Draft, at: number, role: keyof PoolRoles, has: boolean): Draft {
  return {
    ...draft,
    containers: draft.containers.map((one, index) => {
      if (index === at) return { ...one, roles: { ...one.roles, [role]: has } };
      return role === "manages" && has ? { ...one, roles: { ...one.roles, manages: false } } : one;
    }),
  };
}

/** The draft with the container at that place in the pool, to run jobs, or out of it. */
export function withMember(draft: Draft, at: number, isIn: boolean): Draft {
  const roles = { ...noRoles, executes: isIn };
  return { ...draft, containers: draft.containers.map((one, index) => (index === at ? { ...one, roles } : one)) };
}

/** What the file shall say of the pool; undefined: it has none. */
export function poolValues(draft: Draft): SpecValues["condor"] {
  const { security, domain } = draft.pool;
  if (security === "none") return undefined;
  const all = poolContainers(draft).filter((one) => one.name !== "");
  const named = (role: keyof PoolRoles): string[] => all.filter((one) => one.roles[role]).map((one) => one.name);
  return {
    ...{ security, manager: managerOf(draft)?.name, submit: named("submits"), execute: named("executes") },
    domain: domain === "" ? undefined : domain,
  };
}
