import type { Severity } from "../finding.ts";
import { lastSeen } from "../part.ts";
import type { NodeSnapshot } from "../snapshot.ts";
import { joined, type SafeText, text } from "../text.ts";
import { canTell, configuredAdvertise, interfaceOf, withoutPort } from "./advertised.ts";
import { type Check, type Found, nodesOf } from "./check.ts";

/**
 * What the node advertises is not on it: the address changed since dockerd read it, the interface has another name, or
 * a public address was given where the overlay needs a local one (libnetwork overlay driver validateSelf).
 */
export const advertiseNotLocal: Check = {
  id: "advertise-not-local",
  find: (seen) => nodesOf(seen).flatMap((node) => firstWrong(node)),
};

function firstWrong(node: NodeSnapshot): Found[] {
  const links = lastSeen(node.facts)?.interfaces ?? [];
  const engine = lastSeen(node.engine);
  const sayings: { severity: Severity; who: SafeText; said: SafeText | undefined; remedy: SafeText }[] = [
    {
      severity: "error",
      who: text`its engine advertises`,
      said: engine?.advertise,
      remedy: text`Set cluster-advertise on ${node.name} to what it has, then "systemctl restart docker" there: a reload is not enough to move it.`,
    },
    {
      severity: "error",
      who: text`its dockerd is told to advertise`,
      said: configuredAdvertise(node),
      remedy: text`Correct cluster-advertise on ${node.name}: dockerd does not start with an interface that the machine lacks.`,
    },
    {
      severity: "warning",
      who: text`the swarm knows it as`,
      said: engine?.swarm.nodeAddress,
      remedy: text`If the address of ${node.name} changed, "docker swarm leave" and join again with --advertise-addr; behind address translation this may be meant.`,
    },
    {
      severity: "warning",
      who: text`ovl.yaml says advertise:`,
      said: node.advertise,
      remedy: text`Correct advertise of ${node.name} in ovl.yaml.`,
    },
  ];
  const wrong = sayings.find(({ said }) => said !== undefined && said !== "" && isElsewhere(node, withoutPort(said)));
  if (wrong === undefined) return [];
  const said = withoutPort(wrong.said ?? text``);
  const own = links.flatMap((link) => (link.name === "lo" ? [] : [joined([link.name, ...link.addresses], " ")]));
  return [
    {
      severity: wrong.severity,
      title: text`${node.name} has no ${said}, yet ${wrong.who} ${said}`,
      node: node.name,
      evidence: own,
      remedy: wrong.remedy,
    },
  ];
}

function isElsewhere(node: NodeSnapshot, said: SafeText): boolean {
  const links = lastSeen(node.facts)?.interfaces ?? [];
  return canTell(links, said) && interfaceOf(links, said) === undefined;
}
