import type { NodeName } from "../domain/ids.ts";
import { reachWanted } from "../domain/plan/reach.ts";
import type { NodeSurvey, Survey } from "../domain/plan/survey.ts";
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
    if (control === undefined) return [name, nothingToChange];
    const [survey, images] = await Promise.all([
      control.survey(reach.get(name) ?? [], within),
      control.engine.images(within),
    ]);
    if (!survey.ok) return [name, survey];
    return [name, images.ok ? good({ ...survey.value, images: images.value }) : images];
  });
  return new Map(await Promise.all(asked));
}

const nothingToChange = bad({
  kind: "misconfigured",
  detail: text`this cluster cannot be changed`,
  remedy: text`open a cluster of real hosts`,
});
