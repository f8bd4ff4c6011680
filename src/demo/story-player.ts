import type { Clock } from "../ports/clock.ts";
import type { Faults } from "../ports/faults.ts";
import { type Chance, chance } from "./chance.ts";
import type { Cluster } from "./cluster.ts";
import type { Machine } from "./machine.ts";
import { storeProcess } from "./store-process.ts";
import { any, type Happening, type Story } from "./story.ts";

/** How a process ends that was killed for its memory. */
const diesWith = { code: 137, words: ["Killed"] };

interface Ground {
  cluster: Cluster;
  faults: Faults;
  clock: Clock;
}

/**
 * Lets the story happen from now on; the result ends it. What the story leaves open is drawn by the seed, each entry for
 * itself. What cannot be by then, since the operator was there first or an earlier fault is in its way, is passed over.
 */
export function playStory(story: Story, on: Ground): () => void {
  const cancels = story.map(({ line, from, to, happening }) => {
    const draw = chance(on.cluster.seed, `story line ${line}`);
    const seconds = from + draw.fraction() * (to - from);
    return on.clock.after(seconds * 1000, () => happen(happening, draw, on));
  });
  return () => {
    for (const cancel of cancels) cancel();
  };
}

function happen(happening: Happening, draw: Chance, { cluster, faults }: Ground): void {
  const machines = [...cluster.machines.values()];
  const at = (node: string): Machine | undefined => machineOf(node, machines, draw);
  switch (happening.what) {
    case "fault":
    case "mend": {
      const node = at(happening.node)?.spec.name;
      if (node !== undefined) faults.set(happening.fault, node, happening.what === "fault");
      return;
    }
    case "engine": {
      const machine = at(happening.node);
      if (happening.to !== "start") machine?.stopEngine();
      if (happening.to !== "stop") machine?.startEngine();
      return;
    }
    case "run": {
      const machine = at(happening.node);
      if (machine?.engine !== undefined) cluster.runContainer(machine.hostname, happening.container);
      return;
    }
    default: {
      const { node } = happening;
      const machine = node === undefined ? undefined : at(node);
      befall(happening, machine === undefined ? machines : [machine], draw);
    }
  }
}

/** The machine of that name, or one that is drawn. */
function machineOf(node: string, machines: readonly Machine[], draw: Chance): Machine | undefined {
  return node === any ? machines[draw.between(0, machines.length - 1)] : machines.find((one) => one.hostname === node);
}

type ToContainer = Extract<Happening, { what: "die" | "kill" | "stop" | "start" | "remove" }>;

/** Befalls the container of that name on one of the machines, or one that is drawn, if it can. */
function befall({ what, container: name }: ToContainer, machines: readonly Machine[], draw: Chance): void {
  const there = machines
    .filter((machine) => machine.engine !== undefined)
    .flatMap((machine) => [...machine.containers.values()].map((container) => ({ machine, container })))
    // A store that dies by chance would be another story.
    .filter(({ container }) => (name === any ? storeProcess(container) === undefined : container.name === name))
    .filter(({ container }) => what === "remove" || (container.run.state === "running") === (what !== "start"));
  const chosen = there[draw.between(0, Math.max(0, there.length - 1))];
  if (chosen === undefined) return;
  const { runtime } = chosen.machine;
  switch (what) {
    case "die":
      runtime.fall(chosen.container, diesWith);
      return;
    case "kill":
      runtime.kill(chosen.container, diesWith.code);
      return;
    case "stop":
      runtime.stop(chosen.container, 0);
      return;
    case "remove":
      runtime.remove(chosen.container);
      return;
    case "start":
      runtime.start(chosen.container);
  }
}
