import type { EngineInfo } from "../../domain/engine.ts";
import { explain } from "../../domain/explain.ts";
import type { HostFacts } from "../../domain/host.ts";
import { lastSeen, troubleOf } from "../../domain/part.ts";
import type { NodeSnapshot } from "../../domain/snapshot.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { condition } from "../../domain/views/condition.ts";
import type { Line } from "../draw/style.ts";
import { retryWords } from "../panes/nodes.ts";
import { ago, bytes, counted, seenAgo } from "../panes/seen.ts";
import { type Fact, factLines, maybe } from "./facts.ts";

/** The node's connection, engine and machine, with every trouble and the way out of it. */
export function nodeOverview(node: NodeSnapshot, now: Instant, width: number): Line[] {
  const engine = lastSeen(node.engine);
  const facts = lastSeen(node.facts);
  return factLines(
    [
      { heading: text`Connection`, facts: connection(node, now) },
      { heading: old(text`Engine`, node.engine, now), facts: engine === undefined ? [] : engineFacts(engine) },
      { heading: old(text`Host`, node.facts, now), facts: hostFacts(node, facts, now) },
    ],
    width,
  );
}

/** A heading that says how old what stands under it is. */
function old(heading: SafeText, part: { state: string; at?: Instant }, now: Instant): SafeText {
  return part.state === "stale" && part.at !== undefined ? text`${heading} (${seenAgo(part.at, now)})` : heading;
}

function connection(node: NodeSnapshot, now: Instant): Fact[] {
  const { trouble, tone, since, word, retryAt } = condition(node);
  const next = retryAt === undefined ? text`` : text`, ${retryWords(retryAt, now)}`;
  const { link } = node;
  const explained = trouble === undefined ? undefined : explain(trouble, node.name);
  return [
    { label: text`state`, value: text`${word} for ${ago(since, now)}${next}`, style: tone },
    ...maybe(text`last error`, explained?.what, "bad"),
    ...maybe(text`way out`, explained?.remedy),
    { label: text`address`, value: node.address },
    ...maybe(text`advertise`, node.advertise),
    ...(link.state === "live" || link.state === "slow"
      ? [{ label: text`round trip`, value: text`${Math.round(link.roundTripMs)} ms` }]
      : []),
  ];
}

function engineFacts(engine: EngineInfo): Fact[] {
  return [
    { label: text`version`, value: text`${productWords(engine)}${engine.version}, API ${engine.apiVersion}` },
    ...maybe(
      text`rootless`,
      engine.rootless ? text`yes: an ordinary user's, without overlay networks` : undefined,
      "warn",
    ),
    { label: text`mode`, value: modeWords(engine) },
    ...maybe(text`store`, engine.store),
    ...maybe(text`advertises`, engine.swarm.nodeAddress ?? engine.advertise),
    ...maybe(text`swarm error`, engine.swarm.error, "bad"),
    { label: text`live restore`, value: engine.liveRestore ? text`on` : text`off: a restart stops its containers` },
    {
      label: text`contents`,
      value: text`${counted(engine.containersRunning, "container", "containers")} running, ${counted(engine.images, "image", "images")}`,
    },
    { label: text`machine`, value: text`${counted(engine.cpus, "cpu", "cpus")}, ${bytes(engine.memoryBytes)}` },
    { label: text`id`, value: engine.engineId },
    ...engine.warnings.map((warning): Fact => ({ label: text`warning`, value: warning, style: "warn" })),
  ];
}

const productWords = ({ product }: EngineInfo): SafeText => (product === "podman" ? text`Podman ` : text``);

function modeWords(engine: EngineInfo): SafeText {
  if (engine.mode !== "swarm") return clean(engine.mode);
  const role = engine.swarm.manager ? text`manager` : text`worker`;
  return text`swarm ${role}, ${clean(engine.swarm.state)}`;
}

/** Above this the clocks disagree enough to confuse logs, certificates and gossip, ms. */
const clockTolerance = 2000;

function hostFacts(node: NodeSnapshot, facts: HostFacts | undefined, now: Instant): Fact[] {
  const trouble = troubleOf(node.facts);
  const explained = trouble === undefined ? undefined : explain(trouble, node.name);
  const problem = maybe(text`last error`, explained?.what, "bad");
  if (facts === undefined) return problem;
  const difference = Math.round(facts.clockDifferenceMs);
  const uncertain = Math.ceil(facts.clockUncertaintyMs);
  return [
    ...problem,
    { label: text`hostname`, value: facts.hostname },
    { label: text`system`, value: text`${facts.os}, kernel ${facts.kernel}` },
    { label: text`machine id`, value: facts.machineId },
    {
      label: text`clock`,
      value: clockWords(difference, uncertain),
      ...(Math.abs(difference) > clockTolerance + uncertain ? { style: "warn" as const } : {}),
    },
    { label: text`docker unit`, value: facts.dockerUnit },
    ...(facts.dockerd === undefined
      ? []
      : [
          {
            label: text`dockerd`,
            value: text`process ${facts.dockerd.pid}, started ${ago(facts.dockerd.startedAt, now)} ago`,
          },
        ]),
    ...(facts.missingTools.length === 0
      ? []
      : [{ label: text`missing tools`, value: joined(facts.missingTools), style: "warn" as const }]),
    { label: text`routes`, value: joined(facts.routes.map((one) => text`${one.destination} on ${one.device}`)) },
  ];
}

function clockWords(difference: number, uncertain: number): SafeText {
  if (Math.abs(difference) <= uncertain) return text`the same as here, within ${uncertain} ms`;
  const side = difference > 0 ? text`ahead of` : text`behind`;
  return text`${Math.abs(difference)} ms ${side} this machine's, give or take ${uncertain} ms`;
}
