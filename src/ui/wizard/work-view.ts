import { disturbanceOf } from "../../domain/plan/disturbance.ts";
import { type SafeText, text } from "../../domain/text.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { type Line, span } from "../draw/style.ts";
import { bodyWidth, type PageBody } from "../form/page.ts";
import type { Size } from "../screen/layout.ts";
import type { Reading } from "./reading.ts";
import { type Entry, endLines, progressLines, reviewEntries, unfolded } from "./review.ts";
import type { Work } from "./work.ts";

/** The title of the page of a plan, of its run and of its end. */
export function titleOf(work: Work): SafeText {
  switch (work.state) {
    case "idle":
    case "planning":
      return text`Planning`;
    case "wrong":
      return text`The file would be wrong`;
    case "planned":
      return text`Review`;
    case "applying":
      return text`Applying`;
    case "ended":
      return work.end.kind === "done" ? text`Done` : text`Not done`;
  }
}

/** Below the page: how much the plan does, whom it disturbs, and which `file` says so. */
export function helpOf(work: Work, file: SafeText): SafeText {
  if (work.state !== "planned") return text``;
  const steps = work.rounds.flatMap((round) => round.plan.steps);
  const { isNone, words } = disturbanceOf(steps);
  return text`${steps.length} steps; ${isNone ? text`${words}.` : text`${words}!`} The file: ${file}`;
}

/** Whether there is anything to read in the plan. */
export const hasEntries = (work: Work): boolean =>
  work.state === "planned" && work.rounds.some(({ plan }) => plan.steps.length > 0 || plan.obstacles.length > 0);

/** What a plan consists of; nothing in any other state. */
export const entriesOf = (work: Work, size: Size): Entry[] =>
  work.state === "planned" ? reviewEntries(work.rounds, bodyWidth(size) - 2) : [];

/** The lines of a run, or of its end; none in any other state. */
export function runLines(work: Work, size: Size, now: number): Line[] {
  const width = bodyWidth(size);
  if (work.state !== "applying" && work.state !== "ended") return [];
  return [
    ...(work.state === "ended" ? endLines(work.end, width) : []),
    ...work.notes.flatMap((words) => wrapped(words, width, "warn")),
    ...progressLines(work.runs, width, now),
  ];
}

/** What stands on the page, as far as it is read. */
export function bodyOf(work: Work, reading: Reading, size: Size, now: number): PageBody {
  const lines = (some: readonly Line[], foot: Line = []): PageBody => ({
    kind: "lines",
    lines: some,
    top: reading.top,
    foot,
  });
  switch (work.state) {
    case "idle":
    case "planning":
      return lines([[], [span(text`looking at every host and planning …`, "busy")]]);
    case "wrong":
      return lines([[], ...work.problems.map((one): Line => [span(one, "bad")])]);
    case "planned": {
      const entries = entriesOf(work, size);
      if (entries.length === 0)
        return lines([[], [span(text`Nothing to do: the cluster is as the file says. a writes the file.`, "good")]]);
      const { lines: all } = unfolded(entries, reading.open, reading.cursor);
      return lines(all, [span(text` ${reading.cursor + 1} of ${entries.length} `, "muted")]);
    }
    default:
      return lines(runLines(work, size, now));
  }
}
