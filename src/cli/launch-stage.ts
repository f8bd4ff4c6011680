import { isAlive, thisRun } from "../adapters/operator/operator.ts";
import type { ContainerSpec } from "../domain/spec/spec.ts";
import { writeContainers } from "../domain/spec/write.ts";
import { clean, joined, type SafeText, text } from "../domain/text.ts";
import { bad, type Outcome } from "../domain/trouble.ts";
import { containerRows } from "../domain/views/containers.ts";
import { startLaunch } from "../services/launch/launch.ts";
import { LaunchLook } from "../services/launch/launch-look.ts";
import { LaunchStage } from "../ui/launch/launch.ts";
import type { LaunchFile } from "../ui/launch/services.ts";
import type { Opening } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import { contentNow, nameOf, type SpecFile, saveSpec, specIn } from "./set-up.ts";
import type { StageParts } from "./stages.ts";

/** How long the container under the cursor may take to tell what it was made of. */
const definitionMs = 10_000;

/** The form of new containers, filled from where the operator was. */
export function launchStage({ from }: Extract<Opening, { stage: "launch" }>, parts: StageParts): Stage {
  const { tools, world, watch, spec, prompts, readOnly, audit, demo, back, tell, running } = parts;
  const { clock } = world;
  const lock = {
    holder: thisRun(text`launch`),
    isOver: (by: Parameters<typeof isAlive>[0]) => isAlive(by) === false,
    breakLocks: false,
  };
  return new LaunchStage(
    {
      ...{ clock, prompts, readOnly: readOnly.state, demo, spec, from, back, tell, running },
      ...{ seen: watch.state, copy: tools.copy },
      look: new LaunchLook(watch.access, watch.state),
      async definition(container) {
        const row = containerRows(watch.state.get()).find((one) => one.key === container);
        const control = row === undefined ? undefined : watch.access.get(row.container.node)?.control;
        const made = await control?.inspection.definition(container, { ms: definitionMs });
        return made?.ok === true ? made.value : undefined;
      },
      file: fileOf(parts),
      start: (containers) =>
        startLaunch(containers, { ...{ spec, watch, access: watch.access, clock, audit, readOnly }, lock }),
    },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}

/** What somebody else wrote there meanwhile stays: the containers are added to the file as it is now. */
async function addTo(file: SpecFile, containers: readonly ContainerSpec[]): Promise<Outcome<void>> {
  const refused = (detail: SafeText) =>
    bad({ kind: "misconfigured", detail, remedy: text`Mend the file, and add the containers there by hand.` });
  let now: string | undefined;
  try {
    now = await contentNow(file);
  } catch (error) {
    return refused(clean((error as Error).message, 200));
  }
  if (now === undefined) return refused(text`the file is not there any more`);
  const read = specIn(now, file.path);
  if (!read.ok) return refused(text`the file is wrong by now: ${read.problems[0] ?? text`it cannot be read`}`);
  file.content = now;
  return saveSpec(file, writeContainers(now, containers));
}

/** The file that containers can be saved to; none where there is no file. */
function fileOf({ file, audit, saved }: StageParts): LaunchFile | undefined {
  const { content } = file;
  if (content === undefined) return undefined;
  const name = nameOf(file);
  return {
    name,
    problems(containers) {
      const read = specIn(writeContainers(file.content ?? content, containers), file.path);
      return read.ok ? [] : read.problems;
    },
    async save(containers) {
      const names = joined(containers.map((one) => one.name));
      const line = { node: undefined, step: name, title: text`write ${names} to ${name}` };
      await audit.write({ ...line, event: "begun" });
      const outcome = await addTo(file, containers);
      const read = specIn(file.content ?? content, file.path);
      if (outcome.ok && read.ok) saved(read.spec);
      const error = outcome.ok || outcome.trouble.kind !== "misconfigured" ? {} : { error: outcome.trouble.detail };
      await audit.write({ ...line, event: outcome.ok ? "done" : "failed", ...error });
      return outcome;
    },
  };
}
