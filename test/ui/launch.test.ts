import { describe, expect, test } from "vitest";
import type { LaunchSurvey } from "../../src/domain/launch/ground.ts";
import type { LaunchFrom } from "../../src/domain/launch/prefill.ts";
import type { ContainerDefinition } from "../../src/domain/plan/change.ts";
import type { Snapshot } from "../../src/domain/snapshot.ts";
import type { ContainerSpec } from "../../src/domain/spec/spec.ts";
import { clean, type SafeText, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import type { LaunchState } from "../../src/services/launch/launch-state.ts";
import { PromptQueue } from "../../src/services/prompts.ts";
import { Holder } from "../../src/services/state.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { LaunchStage } from "../../src/ui/launch/launch.ts";
import { classicSpec, surveyed } from "../launching.ts";
import { ManualClock } from "../manual-clock.ts";
import { container, node103, node104 } from "../snapshots.ts";
import { clusterAfter, containersOn, hostile, inOverlay, node1, node2 } from "./clusters.ts";
import { StageDriver } from "./stage-driver.ts";

const small = { columns: 80, rows: 24 };

/** The form of new containers in 80 columns, its cluster and its launches in the hands of a test. */
class Operator {
  readonly clock = new ManualClock();
  readonly seen: Holder<Snapshot>;
  readonly survey = new Holder<LaunchSurvey>(surveyed);
  readonly readOnly = new Holder(false);
  readonly told: SafeText[] = [];
  readonly followed: string[] = [];
  readonly copied: string[] = [];
  launched: readonly ContainerSpec[] | undefined;
  saved: readonly ContainerSpec[] | undefined;
  cancelled = 0;
  left = 0;
  busy = 0;
  fileProblems: readonly SafeText[] = [];
  run = new Holder<LaunchState>({ phase: "checking", containers: [] });
  readonly #ended = Promise.withResolvers<void>();
  readonly screen: StageDriver;

  constructor(
    from: Partial<LaunchFrom> = { container: node1.id },
    options: { seen?: Snapshot; definition?: ContainerDefinition; demo?: boolean } = {},
  ) {
    this.seen = new Holder(options.seen ?? clusterAfter());
    const stage = new LaunchStage(
      {
        ...{ clock: this.clock, prompts: new PromptQueue(), readOnly: this.readOnly, demo: options.demo ?? false },
        ...{ spec: classicSpec, seen: this.seen },
        from: { nodes: [], network: undefined, container: undefined, ...from },
        look: { state: this.survey, start: () => () => undefined, follow: (network) => this.followed.push(network) },
        definition: () => Promise.resolve(options.definition),
        file: options.demo
          ? undefined
          : {
              name: text`ovl.yaml`,
              problems: () => this.fileProblems,
              save: async (containers) => {
                this.saved = containers;
                return good(undefined);
              },
            },
        start: (containers) => {
          this.launched = containers;
          this.run.set({
            phase: "checking",
            containers: containers.map((one) => ({ container: one, now: { state: "waits" } })),
          });
          return { state: this.run, cancel: () => this.cancelled++, ended: this.#ended.promise };
        },
        copy: (words) => this.copied.push(words),
        back: () => this.left++,
        tell: (words) => this.told.push(words),
        running: () => {
          this.busy += 1;
          return () => {
            this.busy -= 1;
          };
        },
      },
      painter(false),
      small,
      () => undefined,
    );
    stage.start();
    this.screen = new StageDriver(() => stage, small);
  }

  /** Types into the field `label`, in the place of what stands there. */
  async fills(label: string, value: string): Promise<void> {
    await this.goesTo(label);
    await this.screen.press("ctrl-u", value);
  }

  async goesTo(label: string): Promise<void> {
    const at = async () => /▸ (\S+(?: \S+)*)/.exec(await this.screen.text())?.[1]?.split(/ {2}/)[0];
    for (let i = 0; i < 20 && (await at()) !== label; i++) await this.screen.press("up");
    for (let i = 0; i < 20 && (await at()) !== label; i++) await this.screen.press("down");
    expect(await at()).toBe(label);
  }

  async ends(...states: readonly LaunchState["containers"][number]["now"][]): Promise<void> {
    const { containers } = this.run.get();
    this.run.set({
      phase: "ended",
      containers: containers.map((one, at) => ({ ...one, now: states[at] ?? { state: "skipped" } })),
    });
    this.#ended.resolve();
    await this.screen.text();
  }
}

describe("the form of new containers", () => {
  test("is filled like the container under the cursor, with a name and an address that are free", async () => {
    const { screen, followed } = new Operator();
    const shown = await screen.text();
    expect(shown).toMatch(/image +big_computing +there/);
    expect(shown).toMatch(/node +node104 +1 running, load 0\.42 of 2 CPUs/);
    expect(shown).toMatch(/network +ov_net1 +overlay, 251 addresses free/);
    expect(shown).toMatch(/▸ name +node3 +node3: free/);
    expect(shown).toMatch(/address +.*next free: 10\.10\.10\.4/);
    expect(shown).toMatch(/privileged +\( \) no {2}\(•\) yes/);
    expect(shown).toMatch(/command +\/usr\/sbin\/init/);
    expect(followed).toEqual(["ov_net1"]);
  });

  test("says while one types whose a name is, and goes on to the review with none that is taken", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.fills("name", "node2");
    expect(await screen.text()).toContain("node2 is taken: runs on node103");
    await screen.press("ctrl-n");
    expect(await screen.text()).toContain("first: node2 is taken");
    expect(await screen.text()).toContain("New container");
    await screen.press("x");
    expect(await screen.text()).toContain("node2x: free");
    await screen.press("ctrl-n");
    expect(await screen.text()).toContain("┌ Review");
  });

  test("hears of a name that is taken while the form is open", async () => {
    const operator = new Operator();
    operator.seen.set(clusterAfter(containersOn(node103, [node2, container("node3", node103)])));
    expect(await operator.screen.text()).toContain("node3 is taken: runs on node103");
  });

  test("shows what there is to pick from: images with sizes, nodes with their load, networks with what is free", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.goesTo("image");
    await screen.press("ctrl-o");
    expect(await screen.text()).toMatch(/big_computing +400\.0 MB +on every node/);
    expect(await screen.text()).toMatch(/consul:1\.8\.7 +150\.0 MB +on node103/);
    await screen.press("j", "enter");
    expect(await screen.text()).toMatch(/image +consul:1\.8\.7/);
    expect(await screen.text()).toContain("copied from node103 to node104, 150 MB");
    await operator.goesTo("network");
    await screen.press("ctrl-o");
    expect(await screen.text()).toMatch(/ov_net1 +overlay +10\.10\.10\.0\/24 +251 free/);
    await screen.press("esc");
    await operator.goesTo("address");
    await screen.press("ctrl-o", "j", "enter");
    expect(await screen.text()).toMatch(/address +10\.10\.10\.5/);
  });

  test("takes several nodes that are marked where they are picked", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.goesTo("node");
    await screen.press("ctrl-o");
    expect(await screen.text()).toMatch(/\[ \] node103 +live +1 running/);
    expect(await screen.text()).toMatch(/\[x\] node104 +live +1 running +load 0\.42 of 2 CPUs +5\.0 of 8\.0 GB free/);
    await screen.press("k", "space", "enter");
    expect(await screen.text()).toMatch(/node +node103 node104/);
    expect(operator.followed).toEqual(["ov_net1"]);
  });

  test("keeps what was typed when the engine tells what the container under the cursor was made of", async () => {
    const web = container("web", node104, { image: clean("big_computing"), attachments: inOverlay("10.10.10.9") });
    const definition: ContainerDefinition = {
      ...{ name: "web", image: "big_computing", hostname: "web", network: "ov_net1", address: undefined, labels: {} },
      ...{ privileged: false, remove: true, terminal: true, stopSignal: undefined, restart: undefined },
      ...{ command: ["sleep", "9"], environment: {}, mounts: ["data:/data"] },
    };
    const seen = clusterAfter(containersOn(node104, [node1, web]));
    const { screen } = new Operator({ container: web.id }, { seen, definition });
    expect(await screen.text()).toMatch(/command +sleep 9/);
    expect(await screen.text()).toMatch(/mounts +data:\/data/);
    expect(await screen.text()).toMatch(/remove +\( \) no {2}\(•\) yes/);
  });

  test("covers the value of a secret while the cursor is elsewhere, and in the command", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.fills("environment", "POOL_PASSWORD=hunter2 A=1");
    await operator.goesTo("name");
    expect(await screen.text()).not.toContain("hunter2");
    expect(await screen.text()).toContain("POOL_PASSWORD=*** A=1");
    await screen.press("ctrl-n");
    const review = await screen.text();
    expect(review).not.toContain("hunter2");
    expect(review).toMatch(/-e\s+POOL_PASSWORD/);
    expect(review).toContain("The values of POOL_PASSWORD are set as typed");
    await screen.press("enter", "y");
    expect(operator.launched?.[0]?.environment).toEqual({ POOL_PASSWORD: "hunter2", A: "1" });
  });

  test("lets no name, image or network from outside move the cursor or colour the screen", async () => {
    const images = hostile.map((tag) => ({ id: "sha256:0", tags: [tag], bytes: 1 }));
    const { screen, survey } = new Operator();
    survey.set({ ...surveyed, images: new Map([[node104, images]]) });
    await screen.press("up", "up", "up", "ctrl-o");
    const rows = await screen.rows();
    expect(rows).toHaveLength(24);
    expect(rows.at(-1)).toContain("take it");
    expect(rows[0]).toContain("new container");
  });
});

describe("the review of a launch", () => {
  test("is the whole docker run line, quoted for a shell", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.fills("command", `sh -c 'echo "$HOME"; sleep 9'`);
    await screen.press("ctrl-n");
    const line = (await screen.rows())
      .slice(1, -3)
      .map((row) => row.slice(2, -2).trim())
      .join(" ");
    expect(line).toContain(
      `$ docker run -itd --privileged --name node3 --hostname node3 --network ov_net1 --rm big_computing sh -c 'echo "$HOME"; sleep 9'`,
    );
    expect(line).toContain("Nothing is written to a file");
  });

  test("is copied as it stands, without the values of secrets; of several a comment names the node", async () => {
    const one = new Operator();
    await one.fills("environment", "TOKEN=hunter2");
    await one.fills("command", `sh -c "echo 'a b'"`);
    await one.screen.press("ctrl-n", "y");
    expect(one.copied).toEqual([
      [
        "docker run -itd --privileged --name node3 --hostname node3 --network ov_net1 --rm -e TOKEN big_computing",
        String.raw`sh -c 'echo '\''a b'\'''`,
      ].join(" "),
    ]);
    expect(await one.screen.text()).toContain("the command was copied");
    expect(one.launched).toBeUndefined();
    const two = new Operator({ nodes: ["node103", "node104"] });
    await two.screen.press("ctrl-n", "y");
    expect(two.copied[0]?.split("\n")).toEqual([
      "# on node103",
      expect.stringContaining("docker run -itd --privileged --name node3 "),
      "# on node104",
      expect.stringContaining("docker run -itd --privileged --name node4 "),
    ]);
  });

  test("shows each of several with its node, and what is copied first", async () => {
    const operator = new Operator({ nodes: ["node103", "node104"] });
    const { screen } = operator;
    await operator.fills("image", "consul:1.8.7");
    await operator.fills("address", "10.10.10.20");
    await screen.press("ctrl-n");
    const shown = await screen.text();
    expect(shown).toContain("node3 on node103");
    expect(shown).toContain("node4 on node104");
    expect(shown).toContain("--ip 10.10.10.20");
    expect(shown).toContain("--ip 10.10.10.21");
    expect(shown).toContain("First consul:1.8.7 is copied from node103 to node104, 150.0 MB.");
  });
});

describe("launching", () => {
  test("asks first, naming node and container; enter means no", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await screen.press("ctrl-n", "enter");
    expect(await screen.text()).toContain("Launch?");
    expect(await screen.text()).toContain("node3 on node104");
    await screen.press("enter");
    expect(operator.launched).toBeUndefined();
    expect(await screen.text()).not.toContain("Launch?");
    await screen.press("a", "y");
    expect(operator.launched?.map((one) => `${one.name} ${one.node}`)).toEqual(["node3 node104"]);
    expect(operator.busy).toBe(1);
  });

  test("launches what was reviewed, whatever the rows show by then", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.fills("name", "web-{n}");
    await screen.press("ctrl-n");
    operator.seen.set(clusterAfter(containersOn(node103, [node2, container("web-1", node103)])));
    await screen.press("enter", "y");
    expect(operator.launched?.[0]?.name).toBe("web-1");
  });

  test("is refused while changes are", async () => {
    const operator = new Operator();
    operator.readOnly.set(true);
    await operator.screen.press("ctrl-n", "enter");
    expect(await operator.screen.text()).toContain("read-only: every change is refused");
    expect(await operator.screen.text()).toContain("READ-ONLY");
    await operator.screen.press("y");
    expect(operator.launched).toBeUndefined();
  });

  test("shows each one's end, none hidden by another's, and tells the panes", async () => {
    const operator = new Operator({ nodes: ["node103", "node104"] });
    const { screen } = operator;
    await operator.fills("how many", "3");
    await screen.press("ctrl-n", "enter", "y");
    expect(await screen.text()).toContain("asking every node");
    await operator.ends(
      { state: "up", ms: 1200, id: undefined, address: clean("10.10.10.4") },
      { state: "not-made", error: text`no space left on device`, remedy: text`Make room.` },
      { state: "unknown", error: text`the link is down`, remedy: text`Wait.`, stands: text`nobody knows` },
    );
    const shown = await screen.text();
    expect(shown).toMatch(/up +1\.2 s +node3 on node103, 10\.10\.10\.4/);
    expect(shown).toMatch(/not made +node4 on node104\s+│\n│ +no space left on device/);
    expect(shown).toMatch(/unknown +node5 on node103/);
    expect(shown).toContain("what stands: nobody knows");
    expect(operator.told).toEqual(["2 of 3 containers did not come up"]);
    expect(operator.busy).toBe(0);
    await screen.press("enter");
    expect(operator.left).toBe(1);
  });

  test("says why nothing was touched", async () => {
    const operator = new Operator();
    await operator.screen.press("ctrl-n", "enter", "y");
    const { containers } = operator.run.get();
    const refusal = { why: [text`node3 is taken: runs on node103`], remedy: text`Go back.` };
    operator.run.set({ phase: "refused", containers, refusal });
    expect(await operator.screen.text()).toContain("Nothing was touched.");
    expect(await operator.screen.text()).toContain("node3 is taken: runs on node103");
    await operator.screen.press("esc");
    expect(await operator.screen.text()).toContain("New container");
  });

  test("can be followed by the next of the series", async () => {
    const operator = new Operator();
    const { screen } = operator;
    await operator.fills("address", "10.10.10.9");
    await screen.press("ctrl-n", "enter", "y");
    await operator.ends({ state: "up", ms: 1, id: undefined, address: undefined });
    const node3 = container("node3", node104, { attachments: inOverlay("10.10.10.9") });
    operator.seen.set(clusterAfter(containersOn(node104, [node1, node3])));
    await screen.press("esc");
    expect(await screen.text()).toMatch(/▸ name +node4 +node4: free/);
    expect(await screen.text()).toMatch(/address +.*next free: 10\.10\.10\.4/);
  });

  test("goes on when one leaves it, and can be told to begin no more", async () => {
    const operator = new Operator();
    await operator.screen.press("ctrl-n", "enter", "y", "c");
    expect(operator.cancelled).toBe(1);
    await operator.screen.press("esc");
    expect(operator.left).toBe(1);
    expect(operator.busy).toBe(1);
    await operator.ends({ state: "up", ms: 1, id: undefined, address: undefined });
    expect(operator.told).toEqual(["node3 is up on node104"]);
  });
});

describe("saving what was launched", () => {
  test("writes those that came up, once they did", async () => {
    const operator = new Operator({ nodes: ["node103", "node104"] });
    const { screen } = operator;
    await operator.goesTo("save");
    await screen.press("space", "ctrl-n");
    expect(await screen.text()).toContain("saved to ovl.yaml");
    await screen.press("enter", "y");
    expect(operator.saved).toBeUndefined();
    await operator.ends(
      { state: "up", ms: 1, id: undefined, address: undefined },
      { state: "not-made", error: text`no`, remedy: text`no` },
    );
    expect(operator.saved?.map((one) => one.name)).toEqual(["node3"]);
    expect(await screen.text()).toContain("Saved to ovl.yaml.");
  });

  test("is refused before the launch when the file would be wrong", async () => {
    const operator = new Operator();
    operator.fileProblems = [text`line 9: there is no network "x"`];
    await operator.goesTo("save");
    await operator.screen.press("space", "ctrl-n");
    expect(await operator.screen.text()).toContain("the file would be wrong: line 9");
    expect(await operator.screen.text()).toContain("New container");
  });

  test("is not offered where there is no file", async () => {
    const { screen } = new Operator({}, { demo: true });
    expect(await screen.text()).not.toMatch(/^│ +save/m);
    expect(await screen.text()).toContain("DEMO");
  });
});
