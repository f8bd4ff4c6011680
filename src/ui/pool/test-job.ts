import { wordsOf } from "../../domain/command-line.ts";
import type { PoolAds } from "../../domain/condor/ads.ts";
import { type Home, homeFinder } from "../../domain/condor/members.ts";
import { commandProblem, isAccount, submitDescription, type TestJob } from "../../domain/condor/test-job.ts";
import type { Asked } from "../../domain/operate/menu.ts";
import { clean, compareNames, type SafeText, text } from "../../domain/text.ts";
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
import { type AskedFields, answersOf, begun } from "../actions/fields.ts";
import { box, type Dialog, innerWidth, keyed, wrapped } from "../dialogs/dialog.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import type { Size } from "../screen/layout.ts";

/** How far a test job is on the screen. What is submitted is what the question showed. */
export type TestPhase =
  | { at: "fields"; home: Home; fields: AskedFields; problem: SafeText | undefined }
  | { at: "confirm"; home: Home; fields: AskedFields; test: TestJob; top: number }
  | { at: "run"; run: TestJobRun }
  | { at: "remove"; run: TestJobRun };

const anywhere = "any slot";
const elsewhere = "another machine";

/** What a test job has to be told, answered so that it proves most: a job that another machine than its queue's runs. */
export function testFields(ads: PoolAds, home: Home): AskedFields {
  const own = machineOf(ads, home);
  const machines = [...new Set(ads.slots.map((slot) => slot.machine))].sort(compareNames);
  const others = machines.filter((one) => one !== own);
  const options = [
    ...(others.length > 0 && own !== undefined ? [{ value: elsewhere, label: text`another machine than ${own}` }] : []),
    ...machines.map((one) => ({ value: String(one), label: one })),
    { value: anywhere, label: text`any slot` },
  ];
  const asked: Asked[] = [
    { id: "command", label: text`command`, kind: "text", value: "sleep 5", hint: text`a program and its arguments` },
    { id: "user", label: text`as user`, kind: "text", value: "nobody", hint: text`an account in ${home.name}` },
    { id: "where", label: text`runs on`, kind: "choice", options },
  ];
  return begun(asked);
}

/** What the schedd's machine calls itself. */
function machineOf(ads: PoolAds, home: Home): SafeText | undefined {
  const homeOf = homeFinder([home]);
  return ads.daemons.find((one) => one.kind === "schedd" && homeOf(one) !== undefined)?.machine;
}

/** The job that the fields ask for, or what is wrong with them. */
export function testFrom(
  fields: AskedFields,
  ads: PoolAds,
  home: Home,
): { ok: true; test: TestJob } | { ok: false; problem: SafeText } {
  const { command: line = "", user = "", where = anywhere } = answersOf(fields);
  const command = wordsOf(line);
  const wrong = commandProblem(command);
  if (wrong !== undefined || command === undefined) return { ok: false, problem: text`command: ${wrong ?? text`?`}` };
  if (!isAccount(user.trim())) {
    return { ok: false, problem: text`as user: an account that is not root; HTCondor takes no jobs of root` };
  }
  const machine = machineOf(ads, home);
  const at: TestJob["where"] =
    where === elsewhere && machine !== undefined
      ? { on: "another-machine", than: machine }
      : where === anywhere
        ? { on: "any" }
        : { on: "machine", machine: clean(where) };
  return { ok: true, test: { command, user: user.trim(), where: at } };
}

/** The dialog of a phase. */
export function testDialog(size: Size, phase: TestPhase, now: Instant): Dialog {
  switch (phase.at) {
    case "fields":
      return fieldsDialog(size, phase);
    case "confirm":
      return confirmDialog(size, phase);
    case "run":
      return runDialog(size, phase.run, now);
    case "remove":
      return removeDialog(size, phase.run);
  }
}

function fieldsDialog(size: Size, { home, fields, problem }: Extract<TestPhase, { at: "fields" }>): Dialog {
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

function confirmDialog(size: Size, { home, test, top }: Extract<TestPhase, { at: "confirm" }>): Dialog {
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

function runDialog(size: Size, run: TestJobRun, now: Instant): Dialog {
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
    ...[...stateLines(run, now), ...removalLines(removal, state)].flatMap(({ words, style }) =>
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
export function stateLines({ home, state: held }: Pick<TestJobRun, "home" | "state">, now: Instant): Words[] {
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
      return doneLines(state);
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

function doneLines({ job, slot, exitCode, ms }: Extract<TestJobState, { state: "done" }>): Words[] {
  const where = slot === undefined ? text`on a slot that was not told` : text`on ${slot}`;
  if (exitCode === 0) {
    return [
      { words: text`job ${job} ran ${where} and came back, ${age(ms)} after it was submitted`, style: "good" },
      { words: text`The pool works: queue, negotiator and slot.`, style: "strong" },
    ];
  }
  const code = exitCode === undefined ? text`was ended by a signal` : text`ended with code ${exitCode}`;
  const missing = exitCode === 127 ? text` There is no such program on the slot's machine.` : text``;
  return [
    { words: text`job ${job} ran ${where}, and its command ${code}.${missing}`, style: "warn" },
    { words: text`The pool itself works: queue, negotiator and slot.`, style: "strong" },
  ];
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
