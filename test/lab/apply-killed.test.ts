import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Program, pings } from "./applied.ts";
import { bareAgain } from "./bare-again.ts";
import { begin } from "./interrupted-program.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";

const nodes = ["node103", "node104"];

/** Ten moments of a run: after a line of its progress, and some milliseconds more. */
const moments: readonly (readonly [line: RegExp, ms: number])[] = [
  [/begun .*run consul/, 30],
  [/begun .*run consul/, 400],
  [/begun .*wait for a leader/, 100],
  [/begun .*daemon\.json on node103/, 20],
  [/begun .*daemon\.json on node103/, 300],
  [/begun .*daemon\.json on node104/, 60],
  [/begun .*daemon\.json on node104/, 500],
  [/begun .*create the overlay/, 20],
  [/begun .*run node2/, 100],
  [/begun .*run node1/, 700],
];

onRealHosts("a program that is killed while it applies a plan", () => {
  let lab: Lab;
  let program: Program;
  let daemonJson: string;
  let undisturbed: string[];

  /** How hosts stand, ids and times aside. */
  const states = () =>
    Promise.all(
      nodes.map((node) =>
        lab.node(node).must(`
          cat /etc/docker/daemon.json
          docker ps -a --format '{{.Names}} {{.Image}} {{.State}} {{.Networks}}' | sort
          docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}' | sort
          docker volume ls --format '{{.Name}}' | sort
          docker info --format '{{.ClusterStore}} {{.ClusterAdvertise}}'
          ls -A /etc/docker | grep -v 'daemon.json.ovl-tui-' | sort`),
      ),
    );

  beforeAll(async () => {
    lab = await Lab.up({ name: "apply-killed", flavour: "classic", nodes: 2, joined: false });
    program = new Program(lab);
    daemonJson = await lab.node("node103").must("cat /etc/docker/daemon.json");
    program.wants();
    expect(await program.apply()).toMatchObject({ code: 0, ok: true });
    undisturbed = await states();
  });
  afterAll(async () => {
    program?.close();
    await lab?.down();
  });

  test.each(moments)("at %s and %i ms leaves what a second run finishes, to the same state", async (line, ms) => {
    await bareAgain(lab, nodes, daemonJson);
    const run = begin(program.argv("apply", "--yes"));
    await run.says(line);
    await wait(ms);
    run.kill();
    const { code, stderr } = await run.ended;
    expect(code, `it had ended by itself:\n${stderr}`).toBeNull();
    const again = await program.apply();
    expect(again, again.said).toMatchObject({ code: 0, ok: true });
    expect(await states()).toEqual(undisturbed);
    expect(await pings(lab, "node104", "node1", "node2")).toBe(true);
  });
});
