import type { Home } from "../../domain/condor/members.ts";
import type { JobSight, TestJob } from "../../domain/condor/test-job.ts";
import { explain } from "../../domain/explain.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Outcome } from "../../domain/trouble.ts";
import type { Condor } from "../../ports/condor.ts";
import { isUnknown, pause } from "../apply/executor.ts";
import type { ChangeContext } from "../change-context.ts";
import { Holder, type State } from "../state.ts";

/** Where a test job is. */
export type TestJobState =
  | { state: "submitting"; since: Instant }
  /** Nothing was sent. */
  | { state: "refused"; error: SafeText }
  /** It was not taken; after a broken connection the queue tells whether it was. */
  | { state: "not-submitted"; error: SafeText; remedy: SafeText }
  | { state: "waiting"; job: SafeText; since: Instant }
  | { state: "running"; job: SafeText; slot: SafeText | undefined; since: Instant }
  | { state: "done"; job: SafeText; slot: SafeText | undefined; exitCode: number | undefined; ms: number }
  | { state: "held"; job: SafeText; reason: SafeText }
  | { state: "removed"; job: SafeText; reason: SafeText | undefined }
  /** It left the queue, and no history is kept that tells how; `slot` is where it was seen to run. */
  | { state: "left"; job: SafeText; slot: SafeText | undefined };

/** What became of the operator's wish to have it out of the queue. */
export type Removal =
  | { state: "none" }
  | { state: "asking" }
  /** `condor_rm` took it: the job's own state tells when it is gone. */
  | { state: "asked" }
  | { state: "failed"; error: SafeText; remedy: SafeText | undefined };

export interface TestJobRun {
  test: TestJob;
  home: Home;
  state: State<TestJobState>;
  /** Why it could not be seen when it was last looked for; it is looked for again. */
  unseen: State<SafeText | undefined>;
  removal: State<Removal>;
  ended: Promise<void>;
  /** `condor_rm`: the way out when it waits for ever, or is held. */
  remove(): Promise<void>;
  /** Follows it no more; the job stays. */
  leave(): void;
}

const answerMs = 20_000;
const lookEveryMs = 1000;

/** Whether nothing will happen to it any more by itself. */
export const isOver = ({ state }: TestJobState): boolean =>
  ["refused", "not-submitted", "done", "held", "removed", "left"].includes(state);

/** Whether the queue has it, as far as is known, and nobody asked for it to be taken out. */
export const canRemove = ({ state }: TestJobState, removal: Removal): boolean =>
  ["waiting", "running", "held"].includes(state) && (removal.state === "none" || removal.state === "failed");

/** The command that does the same by hand. */
export const submitCommand = ({ user }: TestJob, home: Home): SafeText =>
  text`docker exec -i -u ${clean(user)} ${home.name} condor_submit -terse`;

/** The command that takes it out again. */
export const removeCommand = ({ user }: TestJob, home: Home, job: SafeText): SafeText =>
  text`docker exec -u ${clean(user)} ${home.name} condor_rm ${job}`;

/** Submits the job in `home` and follows it until it is done, held or removed. */
export function startTestJob(test: TestJob, home: Home, context: ChangeContext): TestJobRun {
  const { clock } = context;
  const state = new Holder<TestJobState>({ state: "submitting", since: clock.now() });
  const unseen = new Holder<SafeText | undefined>(undefined);
  const removal = new Holder<Removal>({ state: "none" });
  const leaving = new AbortController();
  const condor = context.access.get(home.node)?.control.condor;
  const ended = run(test, home, condor, context, { state, unseen, leaving });
  return {
    ...{ test, home, state, unseen, removal, ended },
    async remove() {
      const now = state.get();
      if (condor === undefined || !canRemove(now, removal.get()) || !("job" in now)) return;
      removal.set({ state: "asking" });
      const outcome = await audited(context, home, text`condor_rm ${now.job} in ${home.name}`, () =>
        condor.remove(home.container, now.job, test.user, { ms: answerMs }),
      );
      removal.set(outcome.ok ? { state: "asked" } : { state: "failed", error: outcome.error, remedy: outcome.remedy });
      // What is held is followed no more: nobody else would tell that it is gone.
      if (outcome.ok && now.state === "held") state.set({ state: "removed", job: now.job, reason: undefined });
    },
    leave: () => leaving.abort(),
  };
}

async function run(
  test: TestJob,
  home: Home,
  condor: Condor | undefined,
  context: ChangeContext,
  {
    state,
    unseen,
    leaving,
  }: { state: Holder<TestJobState>; unseen: Holder<SafeText | undefined>; leaving: AbortController },
): Promise<void> {
  const { clock } = context;
  if (condor === undefined) {
    state.set({ state: "refused", error: text`${home.node} cannot be changed from here` });
    return;
  }
  const title = text`condor_submit in ${home.name} as ${clean(test.user)}: ${clean(test.command.join(" "), 200)}`;
  const submitted = await audited(context, home, title, () => condor.submit(home.container, test, { ms: answerMs }));
  if (!submitted.ok) {
    const { error, remedy } = submitted;
    state.set(remedy === undefined ? { state: "refused", error } : { state: "not-submitted", error, remedy });
    return;
  }
  const job = submitted.value;
  const since = clock.now();
  state.set({ state: "waiting", job, since });
  while (!isOver(state.get()) && !leaving.signal.aborted) {
    const sight = await condor.sight(home.container, job, { ms: answerMs, signal: leaving.signal });
    if (leaving.signal.aborted) return;
    unseen.set(sight.ok ? undefined : explain(sight.trouble, home.node).what);
    const next = sight.ok ? stateAfter(sight.value, state.get(), job, clock.now(), since) : state.get();
    if (next !== state.get()) state.set(next);
    if (!isOver(next)) await pause(clock, lookEveryMs);
  }
}

function stateAfter(
  sight: JobSight,
  before: TestJobState,
  job: SafeText,
  now: Instant,
  submittedAt: Instant,
): TestJobState {
  if (sight.at === "nowhere") return before;
  if (sight.at === "untold") return { state: "left", job, slot: before.state === "running" ? before.slot : undefined };
  if (sight.at === "history") {
    return sight.state === "completed"
      ? { state: "done", job, slot: sight.slot, exitCode: sight.exitCode, ms: now - submittedAt }
      : { state: "removed", job, reason: sight.reason };
  }
  switch (sight.state) {
    case "held":
      return { state: "held", job, reason: sight.holdReason ?? text`no reason told` };
    case "running":
    case "transferring":
    case "suspended":
      return before.state === "running" && before.slot === sight.slot
        ? before
        : { state: "running", job, slot: sight.slot, since: now };
    default:
      return before.state === "waiting" ? before : { state: "waiting", job, since: now };
  }
}

type Audited<T> = { ok: true; value: T } | { ok: false; error: SafeText; remedy: SafeText | undefined };

/** One change, if changes are allowed, with a line in the record before and after it. */
async function audited<T>(
  { readOnly, audit }: ChangeContext,
  home: Home,
  title: SafeText,
  change: () => Promise<Outcome<T>>,
): Promise<Audited<T>> {
  if (readOnly.state.get()) return { ok: false, error: text`read-only refuses every change`, remedy: undefined };
  const line = { node: home.node, step: "test-job", title };
  await audit.write({ ...line, event: "begun" });
  const outcome = await change();
  if (outcome.ok) {
    await audit.write({ ...line, event: "done" });
    return outcome;
  }
  const { what, remedy } = explain(outcome.trouble, home.node);
  await audit.write({ ...line, event: "failed", error: what });
  if (isUnknown(outcome.trouble)) {
    return { ok: false, error: text`sent, and then: ${what}`, remedy: text`The queue shows what became of it.` };
  }
  return { ok: false, error: what, remedy };
}
