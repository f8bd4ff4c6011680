import type { Container, EngineInfo, EngineNetwork } from "../engine.ts";
import { explain } from "../explain.ts";
import type { Finding } from "../finding.ts";
import type { HostFacts } from "../host.ts";
import type { NodeName } from "../ids.ts";
import { isUp } from "../link.ts";
import { type Part, troubleOf } from "../part.ts";
import type { NodeSnapshot, Snapshot } from "../snapshot.ts";
import type { Spec } from "../spec/spec.ts";
import { type SafeText, text } from "../text.ts";
import type { Trouble } from "../trouble.ts";
import { type Advertise, advertiseOf } from "./advertise.ts";
import type { NodeSurvey, Survey } from "./survey.ts";

/** One node of the cluster with everything that planning needs of it; a node of which any of it is missing cannot be planned for. */
export interface Site {
  name: NodeName;
  seen: NodeSnapshot;
  engine: EngineInfo;
  facts: HostFacts;
  containers: readonly Container[];
  networks: readonly EngineNetwork[];
  survey: NodeSurvey;
  advertise: Advertise;
}

/** The nodes of the spec, in its order, as far as they can be planned for; of each other one, why not. */
export function sitesOf(spec: Spec, seen: Snapshot, survey: Survey): { sites: Site[]; obstacles: Finding[] } {
  const sites: Site[] = [];
  const obstacles: Finding[] = [];
  for (const node of spec.nodes) {
    const site = siteOf(node.name, seen, survey);
    if ("id" in site) obstacles.push(site);
    else sites.push(site);
  }
  return { sites, obstacles };
}

/** The node `name` as a site, or what keeps it from being one. */
export function siteOf(name: NodeName, seen: Snapshot, survey: Survey): Site | Finding {
  const node = seen.nodes.get(name);
  const surveyed = survey.get(name);
  if (node === undefined || !isUp(node.link)) return notLive(name, node);
  const { engine, facts, containers, networks } = node;
  if (engine.state !== "fresh") return unread(name, "engine-not-answering", text`its engine`, engine);
  if (facts.state !== "fresh") return unread(name, "node-not-seen", text`its machine`, facts);
  if (containers.state !== "fresh") return unread(name, "node-not-seen", text`its containers`, containers);
  if (networks.state !== "fresh") return unread(name, "node-not-seen", text`its networks`, networks);
  if (surveyed === undefined) {
    return obstacleOn(name, "node-not-surveyed", text`${name} was not looked at yet`, {
      remedy: text`Ask for the plan again: every node is looked at before anything is planned.`,
    });
  }
  if (!surveyed.ok) return notSurveyed(name, surveyed.trouble);
  const advertise = advertiseOf(node, facts.value);
  if (advertise === undefined) return noAdvertise(name, node, facts.value);
  return {
    name,
    seen: node,
    engine: engine.value,
    facts: facts.value,
    containers: [...containers.value.values()],
    networks: networks.value,
    survey: surveyed.value,
    advertise,
  };
}

/** An obstacle that forbids the plan, on one node. */
export const obstacleOn = (
  node: NodeName | undefined,
  id: string,
  title: SafeText,
  { evidence = [], remedy }: { evidence?: readonly SafeText[]; remedy: SafeText },
): Finding => ({ id, severity: "error", title, node, evidence, remedy });

function notLive(name: NodeName, node: NodeSnapshot | undefined): Finding {
  const link = node?.link;
  const trouble = link?.state === "lost" || link?.state === "refused" ? link.trouble : undefined;
  const said = trouble === undefined ? undefined : explain(trouble, name);
  return obstacleOn(name, "node-not-live", text`${name} cannot be reached`, {
    evidence: said === undefined ? [] : [said.what],
    remedy: said?.remedy ?? text`Wait until ${name} is live, or take it out of ovl.yaml; then ask for the plan again.`,
  });
}

function unread<T>(name: NodeName, id: string, what: SafeText, part: Part<T>): Finding {
  const trouble = troubleOf(part);
  const said = trouble === undefined ? undefined : explain(trouble, name);
  return obstacleOn(name, id, text`${name} does not tell about ${what}`, {
    evidence: said === undefined ? [] : [said.what],
    remedy: said?.remedy ?? text`${name} was asked and has not answered yet; ask for the plan again.`,
  });
}

/** Changing a node takes root, so that is what most often keeps it from being looked at. */
function notSurveyed(name: NodeName, trouble: Trouble): Finding {
  const { what, remedy } = explain(trouble, name);
  const id = trouble.kind === "sudo-refused" ? "no-root" : "node-not-surveyed";
  const title = id === "no-root" ? text`No root on ${name}` : text`${name} cannot be looked at`;
  return obstacleOn(name, id, title, { evidence: [what], remedy });
}

function noAdvertise(name: NodeName, { advertise }: NodeSnapshot, facts: HostFacts): Finding {
  const own = facts.interfaces.flatMap((link) =>
    link.name === "lo" ? [] : [text`${link.name} ${link.addresses[0] ?? text`without address`}`],
  );
  return advertise === undefined
    ? obstacleOn(name, "advertise-missing", text`Nothing tells which interface of ${name} carries the cluster`, {
        evidence: own,
        remedy: text`Add "advertise: INTERFACE" to ${name} in ovl.yaml: it has no default route that would tell.`,
      })
    : obstacleOn(name, "advertise-missing", text`${name} has no interface or address ${advertise}, or it has no IPv4`, {
        evidence: own,
        remedy: text`Correct advertise of ${name} in ovl.yaml to one of its interfaces that has an address.`,
      });
}
