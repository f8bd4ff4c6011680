import { describe, expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import { parseStory, type Story } from "../../src/demo/story.ts";
import { ManualClock } from "../manual-clock.ts";

const cast = { nodes: ["node103", "node104"], containers: ["consul", "node2", "web-1", "node1", "web-2"] };

function problems(content: string): string[] {
  const parsed = parseStory(content, cast);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.line}:${one.column}: ${one.message}`);
}

function told(...entries: string[]): Story {
  const parsed = parseStory(`story:\n${entries.map((one) => `  - { ${one} }`).join("\n")}\n`, cast);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.story;
}

describe("a story", () => {
  test("says at which second what befalls whom", () => {
    const story = told(
      "at: 5, fault: node-down, node: node104",
      "at: 20-30, mend: node-down, node: node104",
      "at: 7.5, die: web-1",
      "at: 8, fault: store-without-leader",
      "at: 9, run: job-1, node: any",
      "at: 10, remove: job-1",
      "at: 11, engine: restart, node: node103",
    );
    expect(story).toEqual([
      { line: 2, from: 5, to: 5, happening: { what: "fault", fault: "node-down", node: "node104" } },
      { line: 3, from: 20, to: 30, happening: { what: "mend", fault: "node-down", node: "node104" } },
      { line: 4, from: 7.5, to: 7.5, happening: { what: "die", container: "web-1", node: undefined } },
      { line: 5, from: 8, to: 8, happening: { what: "fault", fault: "store-without-leader", node: "any" } },
      { line: 6, from: 9, to: 9, happening: { what: "run", container: "job-1", node: "any" } },
      { line: 7, from: 10, to: 10, happening: { what: "remove", container: "job-1", node: undefined } },
      { line: 8, from: 11, to: 11, happening: { what: "engine", to: "restart", node: "node103" } },
    ]);
  });

  test.each([
    ["", [/^1:1: there is no "story:" with a list/]],
    ["- { at: 1 }\n", [/^1:1: there is no "story:"/]],
    ["story:\n  - at: 1\n    fault: node-down\n   node: node104\n", [/^4:/]],
    ["story:\n  - { at: 1 }\n", [/^2:5: nothing happens here; expected one of: fault, mend, die/]],
    ["story:\n  - now\n", [/^2:5: expected "at:" and what happens then/]],
    ["story:\n  - { at: 1, die: web-1, stop: web-2 }\n", [/^2:5: more than one thing happens here/]],
    ["story:\n  - at: 1\n    fault: nod-down\n", [/^3:12: fault is "nod-down"; expected node-down, slow-node/]],
    ["story:\n  - at: soon\n    die: web-1\n", [/^2:9: at is "soon"; expected seconds from the beginning/]],
    ["story:\n  - { at: 9-3, die: web-1 }\n", [/^2:11: at is "9-3"/]],
    ["story:\n  - { die: web-1 }\n", [/^2:5: at is missing/]],
    [
      "story:\n  - { at: 1, die: web-1, code: 3 }\n",
      [/^2:\d+: unknown key "code" beside die; expected: at, die, node/],
    ],
    [
      "story:\n  - at: 1\n    fault: slow-node\n    node: node109\n",
      [/^4:11: the demo has no node109; it has node103/],
    ],
    ["story:\n  - { at: 1, die: web-9 }\n", [/^2:19: the demo has no container web-9 by then/]],
    ["story:\n  - { at: 1, mend: slow-node }\n", [/^2:20: mend needs the node that slow-node is on/]],
    ["story: []\nplot: thin\n", [/^2:1: unknown key "plot"/]],
    ["story:\n  - { at: 1 }\n  - { at: x, die: web-1 }\n", [/^2:5: /, /^3:11: /]],
  ])("that is wrong is told with line and column: %j", (content, expected) => {
    expect(problems(content)).toEqual(expected.map((one) => expect.stringMatching(one)));
  });

  test("moves no cursor of the terminal by what is written in it", () => {
    const [problem] = problems('story:\n  - { at: 1, die: "\\e[2Jx" }\n');
    expect(problem).toMatch(/^2:19: die is /);
    expect(problem).not.toContain("\u001b");
  });
});

describe("a story that is played", () => {
  /** What the demo's engines said in its first minute. */
  async function heard(story: Story, seed = 1): Promise<string[]> {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 2, seed, clock });
    const said: string[] = [];
    const prompter = { ask: async () => ({ kind: "refuse" }) as const };
    const nodes = demo.spec.nodes.map((node) => demo.node(node, demo.spec, prompter));
    await clock.advance(1000);
    const began = clock.now();
    const say = (words: string): void => {
      said.push(`${clock.now() - began} ${words}`);
    };
    for (const { engine, link } of nodes) {
      engine.events(undefined, {
        opened: () => {},
        event: (event) => say(`${link.node} ${event.action} ${event.name}`),
        ended: (trouble) => say(`${link.node} ${trouble.kind}`),
      });
    }
    await clock.advance(1000);
    demo.play(story);
    await clock.advance(60_000);
    await Promise.all(nodes.map(({ link }) => link.close()));
    return said;
  }

  const open = told("at: 5-50, die: any, node: any", "at: 5-50, die: any, node: any", "at: 1-59, run: x, node: any");

  test("is the same for the same seed, and another for another", async () => {
    const [first, again, other] = [await heard(open, 7), await heard(open, 7), await heard(open, 8)];
    expect(first.length).toBeGreaterThan(5);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("lets containers die: one comes back as its restart policy says, one that was run with --rm is gone", async () => {
    const said = await heard(told("at: 5, die: web-1", "at: 6, die: node1"));
    const of = (name: string) => said.filter((one) => one.endsWith(` ${name}`)).map((one) => one.split(" ")[2]);
    expect(of("web-1")).toEqual(expect.arrayContaining(["die", "start"]));
    expect(of("node1")).toEqual(expect.arrayContaining(["die", "destroy"]));
    expect(of("node1")).not.toContain("start");
  });

  test("kills containers, and their restart policy does not bring those back", async () => {
    const said = await heard(told("at: 5, kill: web-1"));
    const of = said.filter((one) => one.endsWith(" web-1")).map((one) => one.split(" ")[2]);
    expect(of).toEqual(expect.arrayContaining(["kill", "die"]));
    expect(of).not.toContain("start");
  });

  test("passes over what cannot be any more", async () => {
    const said = await heard(told("at: 2, engine: stop, node: node104", "at: 3, die: web-2", "at: 4, stop: node1"));
    expect(said.filter((one) => / (?:web-2|node1)$/.test(one))).toEqual([]);
    expect(said[0]).toMatch(/node104 connection-lost$/);
  });

  test.each([
    ["without a leader of the store", told("at: 2, fault: store-without-leader", "at: 3, run: job, node: node104")],
    ["without the store's node", told("at: 2, fault: node-down, node: node103", "at: 3, run: job, node: node104")],
    [
      "under a name that is taken on the overlay",
      told("at: 2, run: job, node: node103", "at: 3, run: job, node: node104"),
    ],
  ])("runs no container %s, and goes on", async (_, story) => {
    const said = await heard([...story, ...told("at: 5, kill: web-1", "at: 5, kill: web-2")]);
    expect(said.filter((one) => / node104 start job$/.test(one))).toEqual([]);
    expect(said.some((one) => / die web-2$/.test(one))).toBe(true);
  });

  test("runs no container where the overlay was not made yet", async () => {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 1, clock, bare: true });
    demo.play(told("at: 1, run: job, node: node103"));
    await clock.advance(3000);
    const [node] = demo.spec.nodes;
    if (node === undefined) throw new Error("the demo has two nodes");
    const { engine } = demo.node(node, demo.spec, { ask: async () => ({ kind: "refuse" }) });
    await clock.advance(1000);
    const listed = engine.containers({ ms: 5000 });
    await clock.advance(1000);
    const outcome = await listed;
    expect(outcome.ok && outcome.value.map((one) => [one.name, one.state])).toEqual([["job", "created"]]);
  });

  test("breaks and mends", async () => {
    const clock = new ManualClock();
    const demo = createDemo({ nodes: 2, containersPerNode: 2, seed: 1, clock });
    const [, second] = demo.spec.nodes;
    if (second === undefined) throw new Error("the demo has two nodes");
    const isNarrow = () => demo.faults.isOn("small-mtu", second.name);
    demo.play(told("at: 5, fault: small-mtu, node: node104", "at: 9, mend: small-mtu, node: node104"));
    expect(isNarrow()).toBe(false);
    await clock.advance(6000);
    expect(isNarrow()).toBe(true);
    await clock.advance(6000);
    expect(isNarrow()).toBe(false);
  });
});
