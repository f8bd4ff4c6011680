import type { NodeName } from "../domain/ids.ts";
import { reachWanted } from "../domain/plan/reach.ts";
import type { NodeSurvey, Reach, Survey } from "../domain/plan/survey.ts";
import type { Snapshot } from "../domain/snapshot.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { text } from "../domain/text.ts";
import { bad, good, type Outcome } from "../domain/trouble.ts";
import type { Deadline } from "../ports/clock.ts";
import type { NodeAccess } from "../ports/world.ts";

/** What planning needs of every node, all asked side by side: one node's trouble is its own entry and delays no other. */
export async function takeSurvey(
  spec: Spec,
  seen: Snapshot,
  access: ReadonlyMap<NodeName, NodeAccess>,
  within: Deadline,
): Promise<Survey> {
  const reach = reachWanted(spec, seen);
  const asked = spec.nodes.map(async ({ name }): Promise<[NodeName, Outcome<NodeSurvey>]> => {
    const control = access.get(name)?.control;
    if (control === undefined) return [name, notInCluster];
    const [survey, images] = await Promise.all([
      control.survey(reach.get(name) ?? [], within),
      control.engine.images(within),
    ]);
    if (!survey.ok) return [name, survey];
    return [name, images.ok ? good({ ...survey.value, images: images.value }) : images];
  });
  const taken = new Map<NodeName, Outcome<NodeSurvey>>(await Promise.all(asked));
  await Promise.all([...taken].map(([name, one]) => lookAgain(name, one)));
  return taken;

  /** Silence of a UDP port that nobody listens on is made sure of: machines are slow to tell of many closed ones. */
  async function lookAgain(name: NodeName, seen: Outcome<NodeSurvey>): Promise<void> {
    const control = access.get(name)?.control;
    if (!seen.ok || control === undefined) return;
    const doubted = seen.value.reach.filter((one) => one.result === "silent" && isClosedUdp(one, taken));
    if (doubted.length === 0) return;
    const again = await control.reaches(doubted, within);
    const better = (one: Reach) => again.find((other) => samePort(one, other) && other.result !== "unknown") ?? one;
    taken.set(name, good({ ...seen.value, reach: seen.value.reach.map(better) }));
  }
}

function isClosedUdp({ node, protocol, port }: Reach, taken: Survey): boolean {
  const peer = taken.get(node);
  const listening = peer?.ok ? peer.value.listening : [];
  return protocol === "udp" && !listening.some((one) => one.protocol === "udp" && one.port === port);
}

const samePort = (one: Reach, other: Reach): boolean =>
  one.protocol === other.protocol && one.address === other.address && one.port === other.port;

const notInCluster = bad({
  kind: "misconfigured",
  detail: text`no connection to this node was begun`,
  remedy: text`plan again`,
});
