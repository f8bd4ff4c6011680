import type { CondorSpec, ContainerSpec, Spec } from "../spec/spec.ts";
import { clean, joined, type SafeText } from "../text.ts";
import { type DaemonKind, daemonKinds } from "./ads.ts";
import { wantedDaemons } from "./members.ts";

/** One container of the file that is to be a member of its pool. */
export interface Role {
  container: ContainerSpec;
  manages: boolean;
  /** In the order of `daemonKinds`. */
  daemons: readonly DaemonKind[];
}

/** The members that the file wants, the manager first; none without a pool. */
export function rolesIn({ condor, containers }: Pick<Spec, "condor" | "containers">): Role[] {
  if (condor === undefined) return [];
  const wanted = wantedDaemons(condor);
  return containers
    .flatMap((container): Role[] => {
      const kinds = wanted.get(container.name);
      if (kinds === undefined) return [];
      const daemons = daemonKinds.filter((kind) => kinds.has(kind));
      return [{ container, manages: isManager(condor, container.name), daemons }];
    })
    .sort((a, b) => Number(b.manages) - Number(a.manages));
}

const isManager = ({ manager }: CondorSpec, name: SafeText): boolean => manager === name;

/** The value of DAEMON_LIST; condor_shared_port comes by itself. */
export const daemonList = (daemons: readonly DaemonKind[]): string =>
  ["MASTER", ...daemons.map((kind) => kind.toUpperCase())].join(" ");

/** "collector, negotiator, schedd" */
export const daemonNames = (daemons: readonly DaemonKind[]): SafeText => joined(daemons.map((kind) => clean(kind)));
