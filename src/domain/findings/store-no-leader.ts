import { clean, joined, text } from "../text.ts";
import type { Check } from "./check.ts";

/** Servers without a majority elect no leader, and every write to the store fails. */
export const storeNoLeader: Check = {
  id: "store-no-leader",
  find: ({ membership }) => {
    if (membership?.state !== "fresh" || membership.value.leader !== undefined) return [];
    const { kind, members, endpoint } = membership.value;
    const servers = members.filter((member) => member.role === "server");
    const alive = servers.filter((member) => ["leader", "follower", "alive"].includes(member.state));
    return [
      {
        severity: "error",
        title: text`${clean(kind)} has no leader`,
        node: undefined,
        evidence: [
          text`asked at ${endpoint}`,
          text`${alive.length} of ${servers.length} servers alive`,
          ...(servers.length === 0 ? [] : [joined(servers.map((one) => text`${one.name} ${clean(one.state)}`))]),
        ],
        remedy: text`Bring back servers until more than half of them run; what a server's log says about elections tells why it does not take part.`,
      },
    ];
  },
};
