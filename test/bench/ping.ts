import { Lab } from "../lab/lab.ts";
import { openScreen } from "../lab/on-screen.ts";
import { type Figure, spread } from "./figure.ts";

const runs = 7;
const firstRounds = 20;
/** With the two of the classic procedure twelve altogether, four on each host. */
const more = { node103: 3, node104: 3, node105: 4 } as const;
const ways = 12 * 11;

/** From the key to the last cell: twelve containers on three real hosts, both directions, by address and name, small and full-size. */
export async function pingFigures(): Promise<Figure[]> {
  const lab = await Lab.up({ name: "bench-ping", flavour: "classic", nodes: 3 });
  try {
    for (const [node, count] of Object.entries(more)) {
      for (let number = 1; number <= count; number++) {
        const name = `on-${node.slice(-1)}-${number}`;
        await lab.node(node).docker("run", "-d", "--name", name, "--network", "ov_net1", "busybox", "sleep", "100000");
      }
    }
    return [{ what: `full matrix of 12 containers on 3 hosts: ${ways} directions`, ...(await timed(lab)) }];
  } finally {
    await lab.down();
  }
}

async function timed(lab: Lab): Promise<Pick<Figure, "measured" | "bound">> {
  const screen = openScreen(lab, { columns: 160, rows: 45 });
  try {
    await screen.shows(/ 3\/3 nodes live /, 30);
    await screen.shows(/on-5-4 +node105/, 30);
    screen.press("3", "p");
    await screen.shows(/round 1 took/, 30);
    let rounds = 1;
    const again = async (): Promise<number> => {
      const began = performance.now();
      screen.press("R");
      rounds += 1;
      await screen.shows(new RegExp(`round ${rounds} took`), 30);
      return performance.now() - began;
    };
    const isWell = (): boolean => screen.text().includes(`${ways} of ${ways} well`);
    // The first rounds teach engines where each other's containers are.
    while (rounds < firstRounds && !isWell()) await again();
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      times.push(await again());
      if (!isWell()) throw new Error(`not all is well:\n${screen.text()}`);
    }
    return { measured: spread(times), bound: "3 s" };
  } finally {
    await screen.close();
  }
}
