import type { Finding } from "../../finding.ts";
import type { NodeName } from "../../ids.ts";
import { clean, joined, text } from "../../text.ts";
import { obstacleOn, type Site } from "../site.ts";
import type { Reach } from "../survey.ts";
import type { Preflight } from "./ahead.ts";

interface Tried extends Reach {
  from: NodeName;
}

/** What the nodes could not reach of each other: whole addresses, else single ports. */
export const portsBlocked: Preflight = ({ sites }) => {
  const tried = sites.flatMap((site) => site.survey.reach.map((one): Tried => ({ ...one, from: site.name })));
  return sites.flatMap((site) => {
    const told = tried.filter((one) => one.node === site.name && one.result !== "unknown");
    const lost = told.filter((one) => isLost(one, site));
    if (lost.length === 0) return [];
    // A machine that answers nobody at all is not a matter of ports.
    if (lost.length === told.length && told.length > 1) return [unreachable(site, lost)];
    return [...Map.groupBy(lost, (one) => `${one.protocol} ${one.port}`).values()].flatMap((same) =>
      blocked(site, same),
    );
  });
};

/** UDP that is taken in says nothing; only where nobody listens does the kernel answer (RFC 1122, 4.1.3.1), and silence tells. */
function isLost({ result, protocol, port }: Tried, { survey }: Site): boolean {
  if (result === "rejected") return true;
  if (result !== "silent") return false;
  return protocol === "tcp" || !survey.listening.some((one) => one.protocol === "udp" && one.port === port);
}

const evidence = (lost: readonly Tried[]) =>
  lost.map(
    ({ from, address, port, protocol, result, detail }) =>
      text`${from} to ${clean(address)}:${port}/${clean(protocol)}: ${clean(result)}${detail === "" ? text`` : text` (${detail})`}`,
  );

const unreachable = (site: Site, lost: readonly Tried[]): Finding =>
  obstacleOn(
    site.name,
    "advertise-not-routable",
    text`No other node reaches ${site.name} at ${site.advertise.address}`,
    {
      evidence: evidence(lost),
      remedy: text`Is ${site.advertise.said} the interface that the nodes share? Correct advertise of ${site.name} in ovl.yaml, or open 7946/tcp+udp, 4789/udp and the store's port between the nodes.`,
    },
  );

function blocked(site: Site, lost: readonly Tried[]): Finding[] {
  const [first] = lost;
  if (first === undefined) return [];
  const port = text`${first.port}/${clean(first.protocol)}`;
  const from = joined([...new Set(lost.map((one) => one.from))]);
  const found = obstacleOn(site.name, "port-blocked", text`${port} of ${site.name} is not reached from ${from}`, {
    evidence: evidence(lost),
    remedy: text`Open ${port} between the nodes: in the firewall of ${site.name} ("iptables -L INPUT -n", "firewall-cmd --list-all") and in whatever filters between them.`,
  });
  // Nothing but silence was heard of UDP, which a busy or careful machine may keep as well.
  return [first.protocol === "udp" ? { ...found, severity: "warning" } : found];
}
