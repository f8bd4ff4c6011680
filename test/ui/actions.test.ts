import { describe, expect, test } from "vitest";
import { createDemo } from "../../src/demo/demo.ts";
import { containerMenu, type MenuItem } from "../../src/domain/operate/menu.ts";
import type { Operation } from "../../src/domain/operate/operation.ts";
import { type Answers, proposeOnContainers } from "../../src/domain/operate/proposal.ts";
import { clean, type SafeText, text } from "../../src/domain/text.ts";
import type { OperationProgress } from "../../src/services/operate/operate.ts";
import { Holder } from "../../src/services/state.ts";
import { Actions } from "../../src/ui/actions/actions.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { shortcuts } from "../../src/ui/keymap/keymap.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { ManualClock } from "../manual-clock.ts";
import { container, node103, node104 } from "../snapshots.ts";
import { clusterAfter, containersOn, hostile, node1, node2 } from "./clusters.ts";
import { FakeServices } from "./screen-driver.tsx";
import { StageDriver } from "./stage-driver.ts";

const small = { columns: 80, rows: 24 };
const { spec } = createDemo({ nodes: 2, containersPerNode: 1, seed: 1, clock: new ManualClock() });

/** The actions on some containers over the panes, their runs in the hands of a test. */
class ActionsDriver extends StageDriver {
  readonly started: Operation[][] = [];
  readonly results = new Holder<readonly OperationProgress[]>([]);
  readonly told: string[] = [];
  readonly services: FakeServices;
  closed = 0;
  cancelled = 0;
  #end: () => void = () => {};

  constructor(names: readonly string[], size = small, snapshot = clusterAfter()) {
    let stage: Actions | undefined;
    super(() => stage ?? panes, size);
    this.services = new FakeServices({ snapshot });
    const panes = new Screen(this.services, painter(false), size, () => {});
    const selected = [...snapshot.nodes.values()].flatMap((node) =>
      node.containers.state === "fresh"
        ? [...node.containers.value.values()].filter((one) => names.includes(one.name))
        : [],
    );
    stage = new Actions(
      {
        panes,
        title: () => clean(names.join(" ")),
        menu: () => containerMenu(selected, snapshot),
        shortcuts: () => shortcuts,
        propose: (item: MenuItem, answers: Answers) =>
          proposeOnContainers(item.action, answers, selected, snapshot, spec),
        readOnly: this.services.readOnly.state,
        start: (operations) => {
          this.started.push([...operations]);
          this.results.set(operations.map((operation) => ({ operation, now: { state: "waiting" } })));
          const ended = new Promise<void>((resolve) => {
            this.#end = resolve;
          });
          return { state: this.results, ended, cancel: () => (this.cancelled += 1) };
        },
        close: () => {
          this.closed += 1;
        },
        tell: (words: SafeText) => this.told.push(words),
        running: () => () => {},
      },
      painter(false),
      size,
      () => {},
    );
    stage.start();
  }

  ends(...states: readonly OperationProgress["now"][]): void {
    this.results.set(this.results.get().map((one, at) => ({ ...one, now: states[at] ?? one.now })));
    this.#end();
  }
}

const downTo = (label: string, menu: readonly string[]): string[] =>
  Array.from({ length: menu.indexOf(label) }, () => "j");
const labels = [
  "start",
  "stop",
  "restart",
  "pause",
  "resume",
  "send a signal",
  "remove",
  "connect",
  "disconnect",
  "rename",
];

describe("the actions at 80x24", () => {
  test("name the container and its node, show each action, and why one is not to be had", async () => {
    const driver = new ActionsDriver(["node1"]);
    const shown = await driver.text();
    expect(shown).toContain("Actions: node1");
    expect(shown).toMatch(/start +runs already/);
    expect(shown).toMatch(/copy its image to a node …/);
    expect(shown).toMatch(/enter choose {2}esc back/);
  });

  test("do nothing before the question was answered with y", async () => {
    const driver = new ActionsDriver(["node1"]);
    await driver.press(...downTo("stop", labels), "enter");
    const asked = await driver.text();
    expect(asked).toContain("Stop?");
    expect(asked).toContain("stop node1 on node104");
    expect(asked).toContain("docker stop -t 10 node1");
    await driver.press("enter");
    expect(driver.started).toEqual([]);
    expect(await driver.text()).toContain("Actions: node1");
    await driver.press("enter", "y");
    expect(driver.started).toMatchObject([[{ kind: "stop", node: node104, id: node1.id }]]);
  });

  test("take a second y for nothing: what runs is not begun again", async () => {
    const driver = new ActionsDriver(["node1"]);
    await driver.press("j", "enter", "y", "y", "y");
    expect(driver.started).toHaveLength(1);
  });

  test("want the word typed that takes down containers of two nodes", async () => {
    const driver = new ActionsDriver(["node1", "node2"]);
    await driver.press("j", "enter");
    expect(await driver.text()).toContain('Type "stop 2" to do it');
    await driver.press("y", "enter");
    expect(driver.started).toEqual([]);
    await driver.press("backspace", "stop 2", "enter");
    expect(driver.started).toMatchObject([[{ name: "node2" }, { name: "node1" }]]);
  });

  test("ask for what an action needs, and say what is wrong with it before anything else", async () => {
    const driver = new ActionsDriver(["node1"]);
    await driver.press(...downTo("rename", labels), "enter");
    await driver.press("ctrl-u", "node2", "enter");
    expect(await driver.text()).toContain("node2 is taken on node103");
    await driver.press("ctrl-u", "worker-9", "enter");
    expect(await driver.text()).toContain("docker rename node1 worker-9");
    await driver.press("y");
    expect(driver.started).toMatchObject([[{ kind: "rename", to: "worker-9" }]]);
  });

  test("choose a signal by the arrows or by its first letters", async () => {
    const driver = new ActionsDriver(["node1"]);
    await driver.press(...downTo("send a signal", labels), "enter", "right", "enter");
    expect(await driver.text()).toContain("docker kill -s SIGHUP node1");
    await driver.press("esc", "left", "enter");
    expect(await driver.text()).toContain("docker kill -s SIGTERM node1");
  });

  test("tell each result by itself, and what to do about those that failed", async () => {
    const driver = new ActionsDriver(["node1", "node2"]);
    await driver.press("j", "enter", "stop 2", "enter");
    driver.ends(
      { state: "done", ms: 1200 },
      {
        state: "unknown",
        error: text`sent, and then: connection lost`,
        remedy: text`Its row shows what became of it.`,
      },
    );
    const shown = await driver.text();
    expect(shown).toMatch(/✓ stop node2 on node103 +1\.2 s/);
    expect(shown).toMatch(/\? stop node1 on node104/);
    expect(shown).toContain("connection lost");
    expect(driver.told).toEqual(["1 of 2 not done; stop node1 on node104: sent, and then: connection lost"]);
    await driver.press("enter");
    expect(driver.closed).toBe(1);
  });

  test("are refused while the program is read-only", async () => {
    const driver = new ActionsDriver(["node1"]);
    driver.services.readOnly.toggle();
    await driver.press("j", "enter");
    expect(await driver.text()).toContain("read-only refuses every change");
    expect(driver.started).toEqual([]);
  });

  test("hand the keys of the panes on, so that everything is in one menu", async () => {
    const driver = new ActionsDriver(["node1"]);
    await driver.press("G");
    // The menu scrolls; its last entries are the keys of the panes.
    for (const one of shortcuts) expect(await driver.text()).toContain(one.label);
  });

  test("show many containers in a part that scrolls, and every one of them can be seen", async () => {
    const many = Array.from({ length: 30 }, (_, index) => container(`web-${index}`, node104));
    const driver = new ActionsDriver(
      many.map((one) => one.name),
      small,
      clusterAfter(containersOn(node104, many)),
    );
    await driver.press("j", "enter");
    const seen = new Set<string>();
    for (let step = 0; step < 60; step++) {
      for (const line of await driver.rows())
        for (const [name] of line.matchAll(/web-\d+(?= on node104)/g)) seen.add(name);
      await driver.press("j");
    }
    expect(seen.size).toBe(30);
  });

  test("are a whole frame whatever the container is called", async () => {
    for (const name of hostile) {
      const one = container("x", node103, { name: clean(name) });
      const driver = new ActionsDriver([one.name], small, clusterAfter(containersOn(node103, [node2, one])));
      await driver.press("j", "enter");
      const rows = await driver.rows();
      expect(rows.find((row) => row.includes("┌ Stop?"))).toMatch(/┌ Stop\? ─+┐[│ ]*$/);
      expect(rows.at(-1)).toContain("do it");
    }
  });
});
