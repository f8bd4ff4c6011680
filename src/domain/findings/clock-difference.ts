import type { HostFacts } from "../host.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { type SafeText, text } from "../text.ts";
import { type Check, type Found, nodesOf } from "./check.ts";

const worthSayingMs = 1000;
/** Leases, certificates, TTLs in the store and HTCondor's tokens go wrong around here. */
const harmfulMs = 60_000;

/** Clocks that are not together. A difference that all nodes share is this machine's own, and harms nothing in the cluster. */
export const clockDifference: Check = {
  id: "clock-difference",
  find: (seen) => {
    const measured = nodesOf(seen).flatMap((node) =>
      node.facts.state === "fresh" ? [{ node, facts: node.facts.value, ms: node.facts.value.clockDifferenceMs }] : [],
    );
    const off = measured.filter(({ facts }) => certainMs(facts) > worthSayingMs);
    if (off.length === measured.length && off.length > 1 && areTogether(measured)) {
      const ms = measured[0]?.ms ?? 0;
      return [
        {
          severity: "info",
          title: text`The clock of this machine is ${spelled(-ms)}: all nodes agree on another time`,
          node: undefined,
          evidence: measured.map(({ node, ms: difference }) => text`${node.name}: ${spelled(difference)}`),
          remedy: text`Set the clock here ("timedatectl set-ntp true"); the nodes' own are together.`,
        },
      ];
    }
    return off.map(({ node, facts }) => found(node, facts));
  },
};

/** What is beyond doubt of the difference: without the half round trip that the measurement may be wrong by. */
const certainMs = ({ clockDifferenceMs, clockUncertaintyMs }: HostFacts): number =>
  Math.abs(clockDifferenceMs) - clockUncertaintyMs;

function areTogether(measured: readonly { facts: HostFacts; ms: number }[]): boolean {
  const all = measured.map(({ ms }) => ms);
  const doubt = Math.max(...measured.map(({ facts }) => facts.clockUncertaintyMs));
  return Math.max(...all) - Math.min(...all) <= worthSayingMs + 2 * doubt;
}

function found(node: NodeSnapshot, facts: HostFacts): Found {
  const harmful = certainMs(facts) > harmfulMs;
  return {
    severity: harmful ? "error" : "warning",
    title: text`The clock of ${node.name} is ${spelled(facts.clockDifferenceMs)}`,
    node: node.name,
    evidence: [text`measured over SSH, give or take ${facts.clockUncertaintyMs} ms`],
    remedy: text`Run "timedatectl" on ${node.name}: "timedatectl set-ntp true" switches synchronisation on; a virtual machine may lag after a pause until then.`,
  };
}

function spelled(ms: number): SafeText {
  const seconds = Math.round(Math.abs(ms) / 100) / 10;
  return ms < 0 ? text`${seconds} s behind` : text`${seconds} s ahead`;
}
