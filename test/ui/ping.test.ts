import { afterEach, describe, expect, test } from "vitest";
import { createDemo, type Demo } from "../../src/demo/demo.ts";
import { placesOn } from "../../src/domain/ping/place.ts";
import { text } from "../../src/domain/text.ts";
import { PingRounds } from "../../src/services/ping/ping-rounds.ts";
import { PromptQueue, refuseAll } from "../../src/services/prompts.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { painter } from "../../src/ui/draw/style.ts";
import type { Opening } from "../../src/ui/opening.ts";
import { PingStage } from "../../src/ui/ping/ping.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { ManualClock } from "../manual-clock.ts";
import { clusterAfter, node1, node2 } from "./clusters.ts";
import { FakeServices } from "./screen-driver.tsx";
import { StageDriver } from "./stage-driver.ts";

const small = { columns: 80, rows: 24 };
const network = text`ov_net1`;

/** The ping matrix on the demo, whose clock a test moves. */
class PingDriver extends StageDriver {
  readonly demo: Demo;
  readonly clock: ManualClock;
  readonly watch: ClusterWatch;
  readonly rounds: PingRounds;
  left = 0;
  readonly copied: string[] = [];
  #stop: () => void = () => {};

  static async open(
    how: { nodes?: number; containersPerNode?: number; on?: readonly string[]; size?: typeof small } = {},
  ): Promise<PingDriver> {
    const clock = new ManualClock();
    const { nodes = 3, containersPerNode = 2 } = how;
    const demo = createDemo({ nodes, containersPerNode, seed: 1, clock });
    const watch = new ClusterWatch(demo.spec, demo, refuseAll);
    await clock.advance(5000);
    return new PingDriver(demo, clock, watch, how.on ?? [], how.size ?? small);
  }

  private constructor(
    demo: Demo,
    clock: ManualClock,
    watch: ClusterWatch,
    names: readonly string[],
    size: typeof small,
  ) {
    let stage: PingStage | undefined;
    super(() => {
      if (stage === undefined) throw new Error("not yet");
      return stage;
    }, size);
    this.demo = demo;
    this.clock = clock;
    this.watch = watch;
    const on = placesOn(network, watch.state.get())
      .filter((place) => names.includes(place.name))
      .map((place) => place.container);
    const only = on.length > 1 ? on : undefined;
    this.rounds = new PingRounds({ seen: watch.state, access: watch.access, clock }, network, only);
    const back = () => {
      this.left += 1;
    };
    const prompts = new PromptQueue();
    const copy = (words: string) => this.copied.push(words);
    const services = { copy, clock, prompts, cluster: text`demo`, demo: true, rounds: this.rounds, on, back };
    stage = new PingStage(services, painter(false), size, () => {});
    this.#stop = stage.start();
  }

  /** The row of cells of a container, its name left out. */
  async cells(name: string): Promise<string[]> {
    const row = (await this.rows()).find((line) => line.startsWith(`│ ${name} `)) ?? "";
    return row.replace(/[│┃]/g, " ").trim().split(/\s+/).slice(1);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.watch.stop();
  }
}

describe("the ping matrix at 80x24", () => {
  let driver: PingDriver;
  afterEach(() => driver.close());

  test("has a cell for each direction between containers, empty until it is told", async () => {
    driver = await PingDriver.open();
    expect(await driver.cells("node1")).toContain("…");
    await driver.clock.advance(3000);
    const cells = await driver.cells("node1");
    expect(cells).toHaveLength(6);
    expect(cells.filter((cell) => /^0\.\d\d$/.test(cell))).toHaveLength(5);
    expect(cells.filter((cell) => cell === "-")).toHaveLength(1);
    expect(await driver.text()).toContain("30 of 30 well");
    expect(await driver.text()).toMatch(/enter both directions {2}esc back {2}R again {2}w watch/);
  });

  test("tells which way is lost where 4789/udp is dropped, and says so in words", async () => {
    driver = await PingDriver.open();
    driver.demo.hinder("node104", "vxlan-blocked");
    await driver.clock.advance(20_000);
    const shown = await driver.text();
    expect(shown).toMatch(/lost→/);
    expect(shown).toMatch(/lost←/);
    expect(shown).toMatch(/4789\/udp/);
    driver.demo.unhinder("node104", "vxlan-blocked");
    await driver.press("R");
    await driver.clock.advance(5000);
    expect(await driver.text()).toContain("30 of 30 well");
  });

  test("says mtu where large packets are lost, and which node takes less", async () => {
    driver = await PingDriver.open({ nodes: 2 });
    driver.demo.hinder("node104", "narrow-interface");
    await driver.clock.advance(10_000);
    expect((await driver.cells("node2")).filter((cell) => cell === "mtu")).toHaveLength(2);
    expect((await driver.text()).replace(/\s*[│┃]\n│\s*/g, " ")).toMatch(
      /need 1500 bytes .*node104 has an MTU of 1400/,
    );
  });

  test("shows on enter both directions, with addresses, nodes, the wire and what ping printed", async () => {
    driver = await PingDriver.open({ size: { columns: 80, rows: 60 } });
    await driver.clock.advance(3000);
    await driver.press("right", "enter");
    const shown = await driver.text();
    expect(shown).toContain("Both directions");
    expect(shown.match(/^│ from .* 10\.10\.10\.\d+ {2}on node10\d/gm)).toHaveLength(2);
    expect(shown).toMatch(/full size +1450 bytes/);
    expect(shown).toMatch(/name +right/);
    expect(shown).toMatch(/the wire: node10\d → node10\d 192\.168\.44\.10\d/);
    expect(shown).toMatch(/3 packets transmitted, 3 received/);
    await driver.press("esc");
    expect(await driver.text()).toContain("From container to container");
    expect(driver.left).toBe(0);
    await driver.press("esc");
    expect(driver.left).toBe(1);
  });

  test("refreshes its cells in place while it is watched, and keeps what was known until then", async () => {
    driver = await PingDriver.open();
    await driver.press("w");
    await driver.clock.advance(3000);
    const before = await driver.cells("node1");
    await driver.clock.advance(60_000);
    const after = await driver.cells("node1");
    expect(driver.rounds.state.get().rounds).toBeGreaterThan(5);
    expect(after).not.toEqual(before);
    expect(after.filter((cell) => cell === "…")).toEqual([]);
    await driver.press("w");
    await driver.clock.advance(5000);
    const { rounds } = driver.rounds.state.get();
    await driver.clock.advance(60_000);
    expect(driver.rounds.state.get().rounds).toBe(rounds);
  });

  test("shows the nodes themselves on tab, and a wire that is down in the cells of its containers", async () => {
    driver = await PingDriver.open();
    await driver.clock.advance(3000);
    await driver.press("tab");
    expect(await driver.text()).toContain("From node to node");
    expect((await driver.cells("node103")).filter((cell) => /^0\.\d\d$/.test(cell))).toHaveLength(2);
    driver.demo.breakNode("node104", "link-down");
    await driver.press("R");
    await driver.clock.advance(120_000);
    expect(await driver.cells("node103")).toContain("lost");
    await driver.press("tab");
    expect(await driver.cells("node2")).toContain("wire");
  });

  test("tries a TCP port when one is typed, and takes nothing that is no port", async () => {
    driver = await PingDriver.open();
    await driver.clock.advance(3000);
    await driver.press("t", "9", "9", "9", "9", "9", "enter");
    expect(await driver.text()).toContain('"99999" is no port');
    await driver.press("backspace", "enter");
    await driver.clock.advance(3000);
    expect(driver.rounds.state.get().port).toBe(9999);
    expect(await driver.text()).toContain("tcp 9999");
    expect(await driver.cells("node1")).toContain("port");
  });

  test("copies what sends the same by hand, from the container that sends, by its id", async () => {
    driver = await PingDriver.open();
    await driver.clock.advance(3000);
    await driver.press("y");
    const [first] = driver.rounds.state.get().places;
    expect(driver.copied[0]?.split("\n")).toEqual([
      `# as root on node103, in ${first?.name}`,
      expect.stringMatching(
        `nsenter -t "\\$\\(docker inspect .* ${first?.container}\\)" -n ping -n -c 3 10\\.10\\.10\\.\\d+$`,
      ),
      expect.stringMatching(/ -n ping -n -c 3 -M do -s 1422 10\.10\.10\.\d+$/),
    ]);
    await driver.press("tab", "y");
    expect(driver.copied[1]).toMatch(/^# on node103\nping -n -c 3 192\.168\.44\.104\nping .* -s 1472 /);
  });

  test("pings only between containers that were marked", async () => {
    driver = await PingDriver.open({ on: ["node1", "web-1"] });
    await driver.clock.advance(3000);
    expect(await driver.text()).toContain("2 of 2 well");
  });

  test("pings a sample of many containers, says what is left out, and all of them on f", async () => {
    driver = await PingDriver.open({ containersPerNode: 21 });
    await driver.clock.advance(3000);
    expect(await driver.text()).toMatch(/well, \d+ left out/);
    const { asked } = driver.rounds.state.get();
    expect(asked.size).toBeLessThan((63 * 62) / 5);
    await driver.press("f");
    await driver.clock.advance(3000);
    expect(await driver.text()).toContain(`${63 * 62} of ${63 * 62} well`);
  });

  test("keeps the cursor on its containers when others come and go", async () => {
    driver = await PingDriver.open();
    await driver.clock.advance(3000);
    await driver.press("G", "right", "right");
    const about = (await driver.text()).match(/\S+ → \S+ 10\.10\.10\.\d+/)?.[0];
    driver.demo.startContainer("node103", "aaa");
    await driver.clock.advance(2000);
    await driver.press("R");
    await driver.clock.advance(3000);
    expect(await driver.cells("aaa")).toHaveLength(7);
    expect(await driver.text()).toContain(about);
  });
});

describe("p in the panes", () => {
  /** What the keys open on the two nodes with a container each. */
  function opened(...keys: readonly string[]): Opening | undefined {
    let opening: Opening | undefined;
    const services = new FakeServices({ snapshot: clusterAfter() });
    const open = (one: Opening): void => {
      opening = one;
    };
    const screen = new Screen({ ...services, open }, painter(false), { columns: 160, rows: 45 }, () => {});
    screen.start();
    screen.press(keys);
    return opening;
  }

  test("pings on the network under the cursor", () => {
    expect(opened("3", "p")).toEqual({ stage: "ping", network: "ov_net1", on: [] });
  });

  test("pings on the network of the container under the cursor, which the matrix then begins at", () => {
    expect(opened("4", "p")).toEqual({ stage: "ping", network: "ov_net1", on: [node2.id] });
  });

  test("pings between the containers that are marked", () => {
    expect(opened("4", "space", "space", "p")).toEqual({ stage: "ping", network: "ov_net1", on: [node2.id, node1.id] });
  });

  test("pings on the first network that joins nodes where nothing says which", () => {
    expect(opened("1", "p")).toEqual({ stage: "ping", network: undefined, on: [] });
  });
});
