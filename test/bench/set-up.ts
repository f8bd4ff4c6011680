/**
 * `npm run bench:set-up`: from bare hosts to containers that ping each other with `ovl-tui apply --yes`, Consul included,
 * images loaded; the same for three hosts; and a plan on the finished cluster. A table, no judgement: machines differ.
 */
import path from "node:path";
import { textTable } from "../../src/cli/text-table.ts";
import { node1, node2, Program } from "../lab/applied.ts";
import { bareAgain } from "../lab/bare-again.ts";
import { done } from "../lab/command.ts";
import { Lab, labObstacle } from "../lab/lab.ts";
import { percentile } from "./spread.ts";

const runs = 3;
const root = path.resolve(import.meta.dirname, "../..");
const all = ["node103", "node104", "node105"];
const node3 = { ...node1, name: "node3", hostname: "node3", node: "node105" };

const obstacle = labObstacle();
if (obstacle !== undefined) {
  process.stderr.write(`${obstacle}\n`);
  process.exit(2);
}
await done(["npm", "run", "--silent", "--prefix", root, "build"]);

const lab = await Lab.up({ name: "bench-set-up", flavour: "classic", nodes: 3, joined: false });
const program = new Program(lab);
try {
  const daemonJson = await lab.node("node103").must("cat /etc/docker/daemon.json");
  const [two, three, plans]: [number[], number[], number[]] = [[], [], []];
  // Two and three hosts in turn, so that whatever else the machine does falls on both.
  for (let run = 0; run < runs; run++) {
    program.wants();
    two.push(await timed("apply"));
    plans.push(await timed("plan"));
    await bareAgain(lab, all, daemonJson);
    program.wants({ nodes: all, containers: [node2, node1, node3] });
    three.push(await timed("apply"));
    await bareAgain(lab, all, daemonJson);
  }
  const seconds = (times: readonly number[]) =>
    `${(percentile(times, 50) / 1000).toFixed(1)} s (${times.map((ms) => (ms / 1000).toFixed(1)).join(", ")})`;
  const ratio = percentile(three, 50) / percentile(two, 50);
  process.stdout.write(
    `${textTable([
      [`median of ${runs} runs`, "measured", "bound"],
      ["two bare hosts to a verified ping, Consul included", seconds(two), "15 s"],
      ["three bare hosts to the same", `${seconds(three)}, ${ratio.toFixed(2)} times two`, "1.3 times two"],
      ["a plan on the finished cluster: no steps", seconds(plans), "1 s"],
    ])}\n`,
  );
} finally {
  program.close();
  await lab.down();
}

/** Milliseconds from the start of the program to its end; it must have succeeded. */
async function timed(command: "apply" | "plan"): Promise<number> {
  const began = performance.now();
  const answer = await program[command]();
  const ms = performance.now() - began;
  if (answer.code !== 0) throw new Error(`${command} ended with ${answer.code}: ${answer.said}`);
  return ms;
}
