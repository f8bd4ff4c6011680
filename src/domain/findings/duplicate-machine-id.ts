import { joined, text } from "../text.ts";
import { type Check, knownFacts, namesOf, sharing } from "./check.ts";

/** The mark of a cloned machine: what hangs on the id (DHCP leases, journals, addresses made of it) is shared as well. */
export const duplicateMachineId: Check = {
  id: "duplicate-machine-id",
  find: (seen) =>
    sharing(knownFacts(seen), ({ value }) => (value.machineId === "" ? undefined : value.machineId)).map((same) => ({
      severity: "warning",
      title: text`${joined(namesOf(same))} are clones: they have the same machine-id`,
      node: undefined,
      evidence: same.map(({ node, value }) => text`${node.name}: /etc/machine-id ${value.machineId}`),
      remedy: text`On all but one run "rm /etc/machine-id /var/lib/dbus/machine-id; systemd-machine-id-setup" and reboot.`,
    })),
};
