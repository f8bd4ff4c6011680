import { node1, node2, Program } from "../lab/applied.ts";
import { bareAgain } from "../lab/bare-again.ts";
import { Lab } from "../lab/lab.ts";
import { openScreen } from "../lab/on-screen.ts";
import { type Figure, spread } from "./figure.ts";

const runs = 3;
const all = ["node103", "node104"];
const slot = /slot1@node1 +node1 +node104 +Unclaimed/;

/** What is process 1 in the containers. */
const inits = {
  systemd: [node2, node1],
  "no systemd": [node2, node1].map((one) => ({ ...one, command: ["sleep", "infinity"] })),
} as const;

/**
 * The procedure's pool from `ovl-tui apply --yes` on two bare hosts to `slot1@node1` in the pool view of a screen that
 * was open before; and the same where the containers run already and only HTCondor is to be set up. With both kinds of
 * security, and with systemd in the containers and without.
 */
export async function poolFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-pool", flavour: "classic", joined: false });
  const program = new Program(lab);
  try {
    const daemonJson = await lab.node("node103").must("cat /etc/docker/daemon.json");
    const figures: Figure[] = [];
    for (const [init, containers] of Object.entries(inits)) {
      for (const security of ["password", "open"]) {
        const condor = { manager: "node2", execute: ["node1"], security };
        const [bare, standing]: [number[], number[]] = [[], []];
        for (let run = 0; run < runs; run++) {
          program.wants({ containers, condor });
          bare.push(await toTheSlot(lab, program));
          await bareAgain(lab, all, daemonJson);
          program.wants({ containers });
          await carriedOut(program);
          program.wants({ containers, condor });
          standing.push(await toTheSlot(lab, program));
          await bareAgain(lab, all, daemonJson);
        }
        const how = `${security}, ${init}`;
        figures.push(
          { what: `two bare hosts to a slot in the pool view, ${how}`, measured: spread(bare), bound: "60 s" },
          { what: `running containers to the same, ${how}`, measured: spread(standing), bound: "" },
        );
      }
    }
    return figures;
  } finally {
    program.close();
    await lab.down();
  }
}

async function carriedOut(program: Program): Promise<void> {
  const answer = await program.apply();
  if (answer.code !== 0) throw new Error(`apply ended with ${answer.code}: ${answer.said}`);
}

/** Milliseconds from the start of `apply` to the slot on the screen, whichever of the two is done last. */
async function toTheSlot(lab: Lab, program: Program): Promise<number> {
  const screen = openScreen(lab, { args: ["--config", program.file], columns: 80, rows: 24 });
  try {
    await screen.shows(/2\/2 nodes live/, 30);
    screen.press("c");
    await screen.shows(/5 Findings/, 30);
    const began = performance.now();
    await Promise.all([carriedOut(program), screen.shows(slot, 120)]);
    return performance.now() - began;
  } finally {
    await screen.close();
  }
}
