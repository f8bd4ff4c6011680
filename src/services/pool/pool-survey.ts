import {
  type Installed,
  type MemberState,
  noPoolSurvey,
  type Ping,
  type PoolSurvey,
} from "../../domain/condor/member-state.ts";
import { homesIn } from "../../domain/condor/members.ts";
import { rolesIn } from "../../domain/condor/roles.ts";
import { isAbsent } from "../../domain/condor/wrong.ts";
import type { NodeName } from "../../domain/ids.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import type { CondorSpec, Spec } from "../../domain/spec/spec.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { NodeAccess } from "../../ports/world.ts";

/**
 * What planning and diagnosing need of the file's pool: each running member looked at, the collector asked, and from
 * members that it does not know as it should, condor_ping.
 */
export async function takePoolSurvey(
  spec: Pick<Spec, "condor" | "containers" | "networks">,
  seen: Snapshot,
  access: ReadonlyMap<NodeName, NodeAccess>,
  within: Deadline,
): Promise<PoolSurvey> {
  const { condor } = spec;
  if (condor === undefined) return noPoolSurvey;
  const homes = homesIn(seen);
  const running = rolesIn(spec).flatMap((role) => {
    const { name, node } = role.container;
    const home = homes.find((one) => one.name === name && one.node === node);
    const control = access.get(node)?.control;
    return home === undefined || control === undefined ? [] : [{ role, name, home, control }];
  });
  const manager = running.find((one) => one.role.manages);
  const [looks, ads] = await Promise.all([
    Promise.all(
      running.map(
        async ({ name, home, control }): Promise<[SafeText, Outcome<MemberState>]> => [
          name,
          await control.poolSetup.look(home.container, condor.manager, within),
        ],
      ),
    ),
    manager?.control.condor.status(manager.home.container, within),
  ]);
  const members = new Map(looks);
  const ground = { spec, seen, pool: { members, ads, pings: new Map() } };
  const absent = running.filter(({ role, name }) => {
    const state = members.get(name);
    return state?.ok === true && state.value.installed && canPing(state.value, condor) && isAbsent(ground, role);
  });
  const pings = await Promise.all(
    absent.map(
      async ({ name, home, control }): Promise<[SafeText, Outcome<Ping>]> => [
        name,
        await control.poolSetup.ping(home.container, within),
      ],
    ),
  );
  return { members, ads, pings: new Map(pings) };
}

/** Where nothing nearer keeps it from its collector: condor_ping waits long for a name that nobody knows. */
const canPing = ({ master, effective, managerAddresses }: Installed, { manager }: CondorSpec): boolean =>
  master !== undefined && managerAddresses.length > 0 && effective.get("CONDOR_HOST")?.value === manager;
