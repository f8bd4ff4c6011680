import type { Snapshot } from "../domain/snapshot.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { text } from "../domain/text.ts";
import { containerRows } from "../domain/views/containers.ts";
import { PoolCheckup } from "../services/pool/pool-checkup.ts";
import { type PoolSubject, PoolWatch } from "../services/pool/pool-watch.ts";
import { startTestJob } from "../services/pool/test-job.ts";
import type { ClusterWatch } from "../services/watch/cluster-watch.ts";
import type { Opening } from "../ui/opening.ts";
import { PoolStage } from "../ui/pool/pool.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageParts } from "./stages.ts";

/** The pool of the file; without one, that which the container under the cursor knows. */
export function poolStage({ container }: Extract<Opening, { stage: "pool" }>, parts: StageParts): Stage {
  const { tools, world, watch, spec, prompts, readOnly, audit, demo, panes, back, tell, running } = parts;
  const { clock } = world;
  const subject = subjectOf(spec, container, watch.state.get());
  if (subject === undefined) {
    const words = text`the file has no pool ("condor:"); c on a container that has HTCondor shows the one it knows`;
    tell(words, "warn");
    return panes;
  }
  const pool = watchOf(watch, subject, () => new PoolWatch({ watch, clock, subject }));
  const context = { access: watch.access, readOnly, audit, clock };
  return new PoolStage(
    {
      ...{ clock, prompts, demo, back, tell, running, seen: watch.state, manager: subject.name },
      ...{ readOnly: readOnly.state, toggleReadOnly: () => readOnly.toggle() },
      condor: spec.condor,
      pool,
      checkup: new PoolCheckup({ watch, clock, spec, pool: pool.state }),
      setUp: () => parts.open({ stage: "set-up" }),
      submit: (test, home) => startTestJob(test, home, context),
    },
    tools.paint,
    tools.size,
    tools.onTerminal,
  );
}

function subjectOf(spec: Spec, container: string | undefined, seen: Snapshot): PoolSubject | undefined {
  if (spec.condor !== undefined) {
    const { manager } = spec.condor;
    return { name: manager, node: spec.containers.find((one) => one.name === manager)?.node };
  }
  const row = containerRows(seen).find((one) => one.key === container);
  return row === undefined ? undefined : { name: row.container.name, node: row.container.node };
}

/** A pool that was looked at is known when somebody comes back to it, with what changed before. */
const known = new WeakMap<ClusterWatch, Map<string, PoolWatch>>();

function watchOf(watch: ClusterWatch, { name, node }: PoolSubject, make: () => PoolWatch): PoolWatch {
  const here = known.get(watch) ?? new Map<string, PoolWatch>();
  known.set(watch, here);
  const key = `${node ?? ""}/${name}`;
  const pool = here.get(key) ?? make();
  here.set(key, pool);
  return pool;
}
