import { createDemo, type Demo, type DemoOptions } from "../../src/demo/demo.ts";
import type { FaultName } from "../../src/domain/faults.ts";
import { findingsByCheck } from "../../src/domain/findings/index.ts";
import type { NodeName } from "../../src/domain/ids.ts";
import { clean } from "../../src/domain/text.ts";
import { PromptQueue } from "../../src/services/prompts.ts";
import { ReadOnly } from "../../src/services/read-only.ts";
import { ClusterWatch } from "../../src/services/watch/cluster-watch.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { FaultsStage } from "../../src/ui/faults/faults.ts";
import { type Opening, stageNames } from "../../src/ui/opening.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { Stages } from "../../src/ui/stage.ts";
import { ManualClock } from "../manual-clock.ts";
import { StageDriver } from "./stage-driver.ts";

const stepMs = 500;

/** The panes on the demo's cluster as the program watches it, with its faults; time passes when a test says so. */
export class DemoDriver {
  readonly clock = new ManualClock();
  readonly demo: Demo;
  readonly watch: ClusterWatch;
  readonly keys: StageDriver;
  readonly opened: Opening[] = [];
  readonly #stages: Stages;

  constructor(size = { columns: 120, rows: 40 }, options: Partial<DemoOptions> = {}) {
    this.demo = createDemo({ nodes: 3, containersPerNode: 2, seed: 1, clock: this.clock, ...options });
    const prompts = new PromptQueue();
    this.watch = new ClusterWatch(this.demo.spec, this.demo, prompts);
    const paint = painter(false);
    const panes = new Screen(
      {
        ...{ watch: this.watch, prompts, readOnly: new ReadOnly(false), clock: this.clock, findings: findingsByCheck },
        ...{ storeKind: clean("consul"), specFile: undefined, demo: true, stages: new Set(stageNames) },
        open: (opening) => {
          this.opened.push(opening);
          if (opening.stage !== "faults") return;
          const nodes = this.demo.spec.nodes.map((one) => one.name);
          const close = () => this.#stages.show(panes);
          const services = { ...opening, panes, faults: this.demo.faults, nodes, close };
          this.#stages.show(new FaultsStage(services, paint, size, () => {}));
        },
      },
      paint,
      size,
      () => {},
    );
    this.#stages = new Stages(panes, size);
    this.#stages.start();
    this.keys = new StageDriver(() => this.#stages, size);
  }

  node(name: string): NodeName {
    const found = this.demo.spec.nodes.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found.name;
  }

  /** Opens the palette and chooses the fault there, with the cursor on `node` of the panes; switches it. */
  async toggle(fault: string, node: string): Promise<void> {
    await this.keys.press("1", "g", ..."j".repeat(this.demo.spec.nodes.findIndex((one) => one.name === node)));
    await this.keys.press(":", ...`fault ${fault}`, "enter", "enter", "esc");
  }

  isOn(fault: FaultName, node: string): boolean {
    return this.demo.faults.isOn(fault, this.node(node));
  }

  /** Lets time pass until the screen shows it. */
  async shows(pattern: RegExp, seconds = 60): Promise<string> {
    return this.#until((text) => pattern.test(text), `showed ${pattern}`, seconds);
  }

  async hides(pattern: RegExp, seconds = 60): Promise<string> {
    return this.#until((text) => !pattern.test(text), `ceased to show ${pattern}`, seconds);
  }

  async close(): Promise<void> {
    const stopped = this.watch.stop();
    await this.clock.advance(1000);
    await stopped;
  }

  async #until(holds: (text: string) => boolean, what: string, seconds: number): Promise<string> {
    for (let waited = 0; ; waited += stepMs) {
      const text = await this.keys.text();
      if (holds(text)) return text;
      if (waited >= seconds * 1000) throw new Error(`in ${seconds} s the screen never ${what}:\n${text}`);
      await this.clock.advance(stepMs);
    }
  }
}
