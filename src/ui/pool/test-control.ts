import type { Home } from "../../domain/condor/members.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { canRemove, isOver, type TestJobRun } from "../../services/pool/test-job.ts";
import { type AskedFields, keyed, pastedInto, toField } from "../actions/fields.ts";
import type { Style } from "../draw/style.ts";
import { stepOf } from "../form/moving.ts";
import type { ActionId, Place } from "../keymap/keymap.ts";
import type { KeyName } from "../keymap/keys.ts";
import type { PoolServices } from "./services.ts";
import { type TestGround, testForm, testFrom, withFields } from "./test-form.ts";
import { endWords, type TestPhase } from "./test-job.ts";

/** What the dialogs of a test job need. */
export type TestServices = Pick<PoolServices, "submit" | "running" | "tell" | "readOnly"> & {
  /** The pool as it was seen last. */
  ground: () => TestGround;
  /** Says it in the pool's own footer. */
  say: (words: SafeText, style: Style) => void;
  changed: () => void;
  /** The job is over: the pool is another one now. */
  over: () => void;
};

const places = {
  fields: "pool-fields",
  confirm: "pool-confirm",
  run: "pool-job",
  remove: "pool-remove",
} as const satisfies Record<TestPhase["at"], Place>;

/** The dialogs of a test job, from what it asks to its end. */
export class TestControl {
  readonly #services: TestServices;
  #phase: TestPhase | undefined;

  constructor(services: TestServices) {
    this.#services = services;
  }

  get phase(): TestPhase | undefined {
    return this.#phase;
  }

  get place(): Place | undefined {
    return this.#phase === undefined ? undefined : places[this.#phase.at];
  }

  /** Something that leaving would interrupt. */
  get isFollowing(): boolean {
    return this.#phase !== undefined && "run" in this.#phase && !isOver(this.#phase.run.state.get());
  }

  get canRemove(): boolean {
    return this.#phase?.at === "run" && canRemove(this.#phase.run.state.get(), this.#phase.run.removal.get());
  }

  /** Asks what to submit in one of `schedds`; says why not, where it cannot be done. */
  begin(schedds: readonly Home[]): void {
    const { readOnly, say, ground } = this.#services;
    const [home] = schedds;
    if (readOnly.get()) say(text`read-only: every change is refused`, "warn");
    else if (home === undefined) say(text`no container of the cluster has a queue (a schedd) to submit to`, "warn");
    else this.#phase = { at: "fields", form: testForm(ground(), schedds, home), problem: undefined };
  }

  act(id: ActionId): void {
    const phase = this.#phase;
    if (phase?.at === "fields") {
      const { form } = phase;
      if (id === "form.next-field") this.#phase = { ...phase, form: { ...form, fields: toField(form.fields, 1) } };
      else if (id === "form.previous-field") {
        this.#phase = { ...phase, form: { ...form, fields: toField(form.fields, -1) } };
      } else if (id === "pool.preview") this.#preview(phase);
    } else if (phase?.at === "confirm") {
      if (id === "pool.submit") this.#submit(phase);
      else this.#phase = { ...phase, top: Math.max(0, Math.min(40, phase.top + (stepOf(id, 10) ?? 0))) };
    } else if (phase?.at === "run" && id === "pool.remove") {
      if (this.canRemove) this.#phase = { at: "remove", run: phase.run };
    } else if (phase?.at === "remove" && id === "pool.remove-now") {
      void phase.run.remove();
      this.#phase = { at: "run", run: phase.run };
    }
  }

  /** One step back; false when there is no dialog. */
  back(): boolean {
    const phase = this.#phase;
    if (phase === undefined) return false;
    if (phase.at === "confirm") this.#phase = { at: "fields", form: phase.form, problem: undefined };
    else this.#phase = phase.at === "remove" ? { at: "run", run: phase.run } : undefined;
    return true;
  }

  type(key: KeyName): void {
    this.#change((fields) => keyed(fields, key));
  }

  /** False when nothing takes text here. */
  paste(content: string): boolean {
    return this.#change((fields) => pastedInto(fields, content));
  }

  #change(change: (fields: AskedFields) => AskedFields): boolean {
    const phase = this.#phase;
    if (phase?.at !== "fields") return false;
    const form = withFields(phase.form, change(phase.form.fields), this.#services.ground());
    this.#phase = { ...phase, form };
    return true;
  }

  #preview(phase: Extract<TestPhase, { at: "fields" }>): void {
    const made = testFrom(phase.form, this.#services.ground());
    this.#phase = made.ok
      ? { at: "confirm", form: phase.form, test: made.test, top: 0 }
      : { ...phase, problem: made.problem };
  }

  #submit({ test, form }: Extract<TestPhase, { at: "confirm" }>): void {
    const { submit, running, changed } = this.#services;
    const { home } = form;
    const over = running(text`test job in ${home.name}`);
    const run = submit(test, home);
    this.#phase = { at: "run", run };
    run.state.listen(changed);
    run.unseen.listen(changed);
    run.removal.listen(changed);
    void run.ended.then(() => {
      over();
      this.#ended(run);
    });
  }

  #ended(run: TestJobRun): void {
    const { tell, say, over } = this.#services;
    const { words, style } = endWords(run.state.get());
    tell(words, style);
    say(words, style);
    over();
  }
}
