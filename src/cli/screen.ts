import { randomUUID } from "node:crypto";
import path from "node:path";
import { loopback } from "../adapters/operator/loopback.ts";
import { operatorName } from "../adapters/operator/operator.ts";
import { findingsByCheck } from "../domain/findings/index.ts";
import type { Spec } from "../domain/spec/spec.ts";
import { clean, type SafeText, text } from "../domain/text.ts";
import type { Faults } from "../ports/faults.ts";
import type { World } from "../ports/world.ts";
import { Audit } from "../services/audit.ts";
import { Forwards } from "../services/forward/forwards.ts";
import { PromptQueue } from "../services/prompts.ts";
import { ReadOnly } from "../services/read-only.ts";
import { Holder } from "../services/state.ts";
import { Timeline } from "../services/timeline/timeline.ts";
import { ClusterWatch } from "../services/watch/cluster-watch.ts";
import type { News } from "../ui/app-props.ts";
import type { Style } from "../ui/draw/style.ts";
import { type Opening, stageNames } from "../ui/opening.ts";
import type { Stage } from "../ui/stage.ts";
import type { StageTools } from "../ui/start.ts";
import type { Wizard } from "../ui/wizard/wizard.ts";
import { type ExitCode, UsageError } from "./exit.ts";
import { interruptWords, onInterrupt } from "./interrupts.ts";
import { operatorSide } from "./operator-side.ts";
import type { SpecFile } from "./set-up.ts";
import type { StageParts } from "./stages.ts";
import type { WizardParts } from "./wizard-stage.ts";

type Ui = typeof import("../ui/start.ts");
type SetUp = typeof import("./wizard-stage.ts");

/** The screen on the cluster of the file; without a file, the set-up. */
export async function screen(options: { config: string | undefined; readOnly: boolean }): Promise<ExitCode> {
  mustBeTerminal();
  // The screen's own code is the largest part of the start: it loads while the file is read.
  const ui = import("../ui/start.ts");
  const [{ findSpec }, { createWorld }] = await Promise.all([import("./spec-file.ts"), import("../adapters/world.ts")]);
  const found = findSpec(options.config);
  const file: SpecFile = {
    path: found?.path ?? path.resolve(options.config ?? "ovl.yaml"),
    content: found?.content,
    kept: "on disk",
  };
  const readOnly = options.readOnly || (found?.spec.readOnly ?? false);
  return show(found?.spec, createWorld(), { readOnly, demo: false, file, side: operatorSide(), begins: {} }, ui);
}

/** What kind of a program it is. */
export interface How extends Pick<WizardParts, "demo" | "file" | "side" | "begins"> {
  readOnly: boolean;
  /** Only the demo has any. */
  faults?: Faults;
}

/** Shows the cluster, or the set-up while there is none, until the operator quits; connections are closed before this returns. */
export async function show(spec: Spec | undefined, world: World, how: How, ui: Promise<Ui>): Promise<ExitCode> {
  const loaded = await ui;
  // Node would print its warnings over the frame.
  process.removeAllListeners("warning");
  const program = new Program(world, how, loaded);
  try {
    // Its code is large, and few need it: it is loaded when it is.
    const setUp = spec === undefined ? await import("./wizard-stage.ts") : undefined;
    return await loaded.startScreen((tools) => program.begin(spec, tools, setUp));
  } finally {
    await program.stop();
  }
}

/** What is shown, and the way from one stage to another. */
class Program {
  readonly #world: World;
  readonly #how: How;
  readonly #ui: Ui;
  readonly #prompts = new PromptQueue();
  readonly #readOnly: ReadOnly;
  #watch: ClusterWatch | undefined;
  #forwards: Forwards | undefined;
  #setUp: Wizard | undefined;
  #tools: StageTools | undefined;
  readonly #news = new Holder<News | undefined>(undefined);

  constructor(world: World, how: How, ui: Ui) {
    this.#world = world;
    this.#how = how;
    this.#ui = ui;
    this.#readOnly = new ReadOnly(how.readOnly);
  }

  begin(spec: Spec | undefined, tools: StageTools, setUp: SetUp | undefined): Stage {
    this.#tools = tools;
    if (spec !== undefined) return this.#cluster(spec, tools);
    if (setUp === undefined) throw new Error("there is neither a cluster nor its set-up to show");
    this.#setUp = setUp.wizardStage(undefined, this.#parts(tools));
    return this.#setUp;
  }

  /** Ends what is still under way, whatever ended the screen, and closes every connection. */
  async stop(): Promise<void> {
    this.#forwards?.closeAll();
    await Promise.all([this.#watch?.stop(), this.#stopSetUp()]);
  }

  async #stopSetUp(): Promise<void> {
    if (this.#setUp?.isApplying !== true) return this.#setUp?.stop();
    const say = (words: string): void => void process.stderr.write(`${words}\n`);
    say(interruptWords.first);
    const unlisten = onInterrupt(() => say(interruptWords.again));
    try {
      await this.#setUp.stop();
    } finally {
      unlisten();
    }
  }

  #cluster(spec: Spec, tools: StageTools): Stage {
    const watch = new ClusterWatch(spec, this.#world, this.#prompts);
    this.#watch = watch;
    // What was said to other panes is not said again to these.
    this.#news.set(undefined);
    const running = new Holder<readonly SafeText[]>([]);
    const timeline = new Timeline([...watch.access.keys()], this.#world.clock);
    watch.listen((heard) => timeline.hear(heard));
    const audit = this.#audit(spec.cluster);
    const forwards = new Forwards(watch.access, loopback, audit);
    this.#forwards?.closeAll();
    this.#forwards = forwards;
    const screen: Stage = new this.#ui.Screen(
      {
        watch,
        prompts: this.#prompts,
        readOnly: this.#readOnly,
        clock: this.#world.clock,
        findings: function* (snapshot, now) {
          const found = yield* findingsByCheck(snapshot, now);
          timeline.see(found, now);
          return found;
        },
        storeKind: spec.store === undefined ? undefined : clean(spec.store.kind),
        specFile: spec.file === undefined ? undefined : clean(spec.file),
        demo: this.#how.demo,
        open: (opening) => parts.open(opening),
        stages: new Set(stageNames.filter((one) => one !== "faults" || this.#how.faults !== undefined)),
        news: this.#news,
        running,
      },
      tools.paint,
      tools.size,
      tools.onTerminal,
    );
    /** Stages leave as the panes do: these ask first while something runs. */
    const onTerminal: StageTools["onTerminal"] = (effect) => {
      if (effect !== "quit" || running.get().length === 0) {
        tools.onTerminal(effect);
        return;
      }
      tools.show(screen);
      screen.press(["ctrl-c"]);
    };
    const parts: StageParts = {
      tools: { ...tools, onTerminal },
      world: this.#world,
      watch,
      spec,
      prompts: this.#prompts,
      readOnly: this.#readOnly,
      ...{ audit, forwards, timeline },
      demo: this.#how.demo,
      file: this.#how.file,
      faults: this.#how.faults,
      saved: (now) => {
        parts.spec = now;
      },
      panes: screen,
      open: (opening) => void this.#open(opening, parts),
      back: () => tools.show(screen),
      tell: this.#tell,
      running: (words) => {
        running.set([...running.get(), words]);
        return () => running.set(running.get().filter((one) => one !== words));
      },
    };
    return screen;
  }

  readonly #tell = (words: SafeText, style: Style): void => this.#news.set({ words, style });

  #audit(cluster: SafeText): Audit {
    const { clock } = this.#world;
    const failed = (error: Error) => this.#tell(text`changes are not recorded: ${clean(error.message, 200)}`, "bad");
    return new Audit(this.#how.side.journal(failed), clock, { operator: operatorName(), cluster, run: randomUUID() });
  }

  async #open(opening: Opening, parts: StageParts): Promise<void> {
    if (opening.stage === "set-up") return this.#openSetUp(parts.spec);
    const { stageOf } = await import("./stages.ts");
    parts.tools.show(await stageOf(opening, parts));
  }

  /** The set-up looks at hosts by itself, so the cluster is let go meanwhile. */
  async #openSetUp(spec: Spec): Promise<void> {
    const { wizardStage } = await import("./wizard-stage.ts");
    this.#forwards?.closeAll();
    void this.#watch?.stop();
    this.#watch = undefined;
    if (this.#tools === undefined) return;
    this.#setUp = wizardStage(spec, this.#parts(this.#tools));
    this.#tools.show(this.#setUp);
  }

  #parts(tools: StageTools): WizardParts {
    return {
      tools,
      world: this.#world,
      prompts: this.#prompts,
      ...this.#how,
      readOnly: this.#readOnly,
      shown: (spec) => this.#shown(spec),
    };
  }

  #shown(spec: Spec): void {
    if (this.#tools !== undefined) this.#tools.show(this.#cluster(spec, this.#tools));
  }
}

/** @throws UsageError where there is no terminal to draw on */
export function mustBeTerminal(): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new UsageError("the screen needs a terminal; `ovl-tui status` gives one snapshot without one");
}
