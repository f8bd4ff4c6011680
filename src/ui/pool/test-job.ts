import type { Home } from "../../domain/condor/members.ts";
import { reachOf, submitDescription, type TestJob } from "../../domain/condor/test-job.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { age, type Instant } from "../../domain/time.ts";
import {
  canRemove,
  isOver,
  type Removal,
  removeCommand,
  submitCommand,
  type TestJobRun,
  type TestJobState,
} from "../../services/pool/test-job.ts";
import { fieldLines } from "../actions/draw-fields.ts";
import { box, type Dialog, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import type { Size } from "../screen/layout.ts";
import type { TestForm, TestGround } from "./test-form.ts";

/** How far a test job is on the screen. What is submitted is what the question showed. */
export type TestPhase =
  | { at: "fields"; form: TestForm; problem: SafeText | undefined }
  | { at: "confirm"; form: TestForm; test: TestJob; top: number }
  | { at: "run"; run: TestJobRun }
  | { at: "remove"; run: TestJobRun };

/** The dialog of a phase. */
export function testDialog(size: Size, phase: TestPhase, ground: TestGround, now: Instant): Dialog {
  switch (phase.at) {
    case "fields":
      return fieldsDialog(size, phase);
    case "confirm":
      return confirmDialog(size, phase);
    case "run":
      return runDialog(size, phase.run, ground, now);
    case "remove":
      return removeDialog(size, phase.run);
  }
}

function fieldsDialog(size: Size, { form, problem }: Extract<TestPhase, { at: "fields" }>): Dialog {
  const { home, fields } = form;
  const width = innerWidth(size);
  return box(size, text`Test job from ${home.name} on ${home.node}`, [
    ...fieldLines(fields, width),
    [],
    ...(problem === undefined ? [[]] : wrapped(problem, width, "bad")),
    [],
    keyed("enter", text`preview`),
    keyed("← →", text`other answers; ↑ ↓ other fields`),
  ]);
}

function confirmDialog(size: Size, { form, test, top }: Extract<TestPhase, { at: "confirm" }>): Dialog {
  const { home } = form;
  const width = innerWidth(size);
  const lines: Line[] = [
    ...wrapped(text`Submits one job in ${home.name} on ${home.node}, as ${clean(test.user)}:`, width, "strong"),
    ...wrapped(submitCommand(test, home), width, "accent"),
    [],
    ...submitDescription(test)
      .trimEnd()
      .split("\n")
      .flatMap((line) => wrapped(clean(line), width, "muted")),
  ];
  const foot = [[], keyed("y", text`submit`), keyed("enter", text`no`)];
  const height = Math.max(1, Math.min(lines.length, size.rows - 6 - foot.length));
  const from = Math.max(0, Math.min(top, lines.length - height));
  const position: Line =
    lines.length > height ? [span(text` ${from + 1}-${from + height} of ${lines.length} `, "muted")] : [];
  return box(size, text`Submit?`, [...lines.slice(from, from + height), ...foot], width + 4, position);
}

function runDialog(size: Size, run: TestJobRun, ground: TestGround, now: Instant): Dialog {
  const width = innerWidth(size);
  const state = run.state.get();
  const unseen = run.unseen.get();
  const removal = run.removal.get();
  return box(size, text`Test job`, [
    ...wrapped(
      text`${clean(run.test.command.join(" "))}, as ${clean(run.test.user)}, from ${run.home.name}`,
      width,
      "muted",
    ),
    [],
    ...[...stateLines(run, ground, now), ...removalLines(removal, state)].flatMap(({ words, style }) =>
      wrapped(words, width, style),
    ),
    ...(unseen === undefined ? [] : wrapped(text`not seen just now: ${unseen}`, width, "warn")),
    [],
    keyed("esc", text`back to the pool${isFollowed(state) ? text`; the job goes on` : text``}`),
    ...(canRemove(state, removal) ? [keyed("x", text`take it out of the queue`)] : []),
  ]);
}

/** What became of taking it out, until the job's own state tells it. */
function removalLines(removal: Removal, state: TestJobState): Words[] {
  if (!("job" in state) || state.state === "removed") return [];
  switch (removal.state) {
    case "none":
      return [];
    case "asking":
      return [{ words: text`taking it out of the queue …`, style: "busy" }];
    case "asked":
      return isOver(state) ? [] : [{ words: text`condor_rm has marked it: it is on its way out`, style: "busy" }];
    case "failed":
      return [
        { words: text`it could not be taken out: ${removal.error}`, style: "bad" },
        ...(removal.remedy === undefined ? [] : [{ words: removal.remedy, style: "muted" as const }]),
      ];
  }
}

function removeDialog(size: Size, run: TestJobRun): Dialog {
  const width = innerWidth(size);
  const state = run.state.get();
  const job = "job" in state ? state.job : text`it`;
  return box(size, text`Take job ${job} out?`, [
    ...wrapped(text`Removes job ${job} from the queue in ${run.home.name} on ${run.home.node}:`, width, "strong"),
    ...wrapped(removeCommand(run.test, run.home, job), width, "accent"),
    [],
    keyed("y", text`take it out`),
    keyed("enter", text`no`),
  ]);
}

const isFollowed = ({ state }: TestJobState): boolean =>
  state === "submitting" || state === "waiting" || state === "running";

/** A job that nobody takes for so long wants a look at why, ms. */
const longWaitMs = 60_000;

interface Words {
  words: SafeText;
  style: Style;
}

/** Where the job is, and what it proves. */
export function stateLines(
  { home, state: held }: Pick<TestJobRun, "home" | "state">,
  ground: TestGround,
  now: Instant,
): Words[] {
  const state = held.get();
  switch (state.state) {
    case "submitting":
      return [{ words: text`submitting it …`, style: "busy" }];
    case "refused":
      return [{ words: state.error, style: "warn" }];
    case "not-submitted":
      return [
        { words: state.error, style: "bad" },
        { words: state.remedy, style: "muted" },
      ];
    case "waiting": {
      const waited = now - state.since;
      const words: Words = { words: text`job ${state.job} waits for a slot, ${age(waited)}`, style: "busy" };
      if (waited < longWaitMs) return [words];
      const command = text`docker exec ${home.name} condor_q -better-analyze ${state.job}`;
      return [words, { words: text`On ${home.node}, "${command}" tells why no slot takes it.`, style: "muted" }];
    }
    case "running":
      return [
        {
          words: text`job ${state.job} runs on ${state.slot ?? text`a slot`}, ${age(now - state.since)}`,
          style: "good",
        },
      ];
    case "done":
      return doneLines(state, home, ground);
    case "held":
      return [
        { words: text`job ${state.job} is held:`, style: "bad" },
        { words: state.reason, style: "strong" },
      ];
    case "removed":
      return [
        {
          words: text`job ${state.job} was removed${state.reason === undefined ? text`` : text`: ${state.reason}`}`,
          style: "warn",
        },
      ];
    case "left": {
      const ran = state.slot === undefined ? text`` : text` after it was seen to run on ${state.slot}`;
      return [
        { words: text`job ${state.job} left the queue${ran}`, style: "warn" },
        { words: text`${home.name} keeps no history (HISTORY) that tells how it ended.`, style: "muted" },
      ];
    }
  }
}

function doneLines(
  { job, slot, exitCode, ms }: Extract<TestJobState, { state: "done" }>,
  home: Home,
  ground: TestGround,
): Words[] {
  const where = slot === undefined ? text`on a slot that was not told` : text`on ${slot}`;
  const proof = proofOf(slot, home, ground);
  if (exitCode === 0) {
    const words = text`job ${job} ran ${where} and came back, ${age(ms)} after it was submitted`;
    return [{ words, style: "good" }, proof];
  }
  const code = exitCode === undefined ? text`was ended by a signal` : text`ended with code ${exitCode}`;
  const missing = exitCode === 127 ? text` There is no such program on the slot's machine.` : text``;
  return [{ words: text`job ${job} ran ${where}, and its command ${code}.${missing}`, style: "warn" }, proof];
}

/** What it proves of the pool that a job of `from` ran there: of a way that it did not go, nothing. */
function proofOf(slot: SafeText | undefined, from: Home, { ads, homes }: TestGround): Words {
  if (slot === undefined) {
    return { words: text`Queue and negotiator work; which machine ran it is not known.`, style: "strong" };
  }
  const reach = reachOf(slot, from, ads, homes);
  switch (reach.to) {
    case "another-node": {
      const way = text`from ${from.name} on ${from.node} to ${reach.home.name} on ${reach.home.node}`;
      return { words: text`The pool works: queue, negotiator and slot, ${way}.`, style: "strong" };
    }
    case "another-container": {
      const way = text`from ${from.name} to ${reach.home.name}, both on ${from.node}`;
      return { words: text`The pool works ${way}; that other nodes take jobs is not proven by it.`, style: "strong" };
    }
    case "itself": {
      const unproven = text`that it works between containers is not proven by it`;
      return { words: text`The pool works inside ${from.name}, where its queue is; ${unproven}.`, style: "strong" };
    }
    case "stranger": {
      const machine = text`${reach.machine}, which is no container of this cluster`;
      return {
        words: text`The pool works: queue, negotiator and slot, from ${from.name} to ${machine}.`,
        style: "strong",
      };
    }
  }
}

/** One sentence for the footer once it is over. */
export function endWords(state: TestJobState): Words {
  switch (state.state) {
    case "done":
      return {
        words: text`test job ${state.job} ran on ${state.slot ?? text`a slot`}${state.exitCode === 0 ? text`` : text`; its command failed`}`,
        style: state.exitCode === 0 ? "good" : "warn",
      };
    case "held":
      return { words: text`test job ${state.job} is held: ${state.reason}`, style: "bad" };
    case "removed":
      return { words: text`test job ${state.job} was removed`, style: "warn" };
    case "left":
      return { words: text`test job ${state.job} left the queue; nothing tells how it ended`, style: "warn" };
    case "refused":
    case "not-submitted":
      return { words: text`no test job: ${state.error}`, style: "bad" };
    default:
      return { words: text`the test job goes on`, style: "busy" };
  }
}
