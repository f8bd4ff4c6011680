import { clean, text } from "../text.ts";
import type { Check } from "./check.ts";

/** A member that the store itself counts as failed: one more may cost the majority. */
export const storeMemberFailed: Check = {
  id: "store-member-failed",
  find: ({ membership }) => {
    if (membership?.state !== "fresh") return [];
    const { kind, members } = membership.value;
    return members
      .filter((member) => member.state === "failed")
      .map((member) => ({
        severity: "warning",
        title: text`${clean(kind)} ${clean(member.role)} ${member.name} has failed`,
        node: undefined,
        evidence: [text`${member.address}, as the other members see it`],
        remedy:
          kind === "consul"
            ? text`Start it again; if it is gone for good, "consul force-leave ${member.name}" on another member takes it off the list.`
            : text`Start it again, or remove it from the ensemble if it is gone for good.`,
      }));
  },
};
