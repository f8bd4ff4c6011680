import { node1, node2, Program } from "../lab/applied.ts";
import { bareAgain } from "../lab/bare-again.ts";
import { Lab } from "../lab/lab.ts";
import { type Figure, spread } from "./figure.ts";
import { percentile } from "./spread.ts";

const runs = 3;
/** A plan is short beside what else a machine does now and then. */
const plansPerRun = 3;
const all = ["node103", "node104", "node105"];
const node3 = { ...node1, name: "node3", hostname: "node3", node: "node105" };

/**
 * From bare hosts to containers that ping each other with `ovl-tui apply --yes`, Consul included, images loaded; the same
 * for three hosts; and a plan on the finished cluster.
 */
export async function setUpFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-set-up", flavour: "classic", nodes: 3, joined: false });
  const program = new Program(lab);
  try {
    const daemonJson = await lab.node("node103").must("cat /etc/docker/daemon.json");
    const [two, three, plans]: [number[], number[], number[]] = [[], [], []];
    // Two and three hosts in turn, so that whatever else the machine does falls on both.
    for (let run = 0; run < runs; run++) {
      program.wants();
      two.push(await timed(program, "apply"));
      for (let plan = 0; plan < plansPerRun; plan++) plans.push(await timed(program, "plan"));
      await bareAgain(lab, all, daemonJson);
      program.wants({ nodes: all, containers: [node2, node1, node3] });
      three.push(await timed(program, "apply"));
      await bareAgain(lab, all, daemonJson);
    }
    const ratio = percentile(three, 50) / percentile(two, 50);
    return [
      { what: "two bare hosts to a verified ping, Consul included", measured: spread(two), bound: "15 s" },
      {
        what: "three bare hosts to the same",
        measured: `${spread(three)}, ${ratio.toFixed(2)} times two`,
        bound: "1.3 times two",
      },
      { what: "a plan on the finished cluster: no steps", measured: spread(plans), bound: "1 s" },
    ];
  } finally {
    program.close();
    await lab.down();
  }
}

/** Milliseconds from the start of the program to its end; it must have succeeded, and a plan must have had nothing to do. */
async function timed(program: Program, command: "apply" | "plan"): Promise<number> {
  const began = performance.now();
  const answer = await program[command]();
  const ms = performance.now() - began;
  if (answer.code !== 0) throw new Error(`${command} ended with ${answer.code}: ${answer.said}`);
  return ms;
}
