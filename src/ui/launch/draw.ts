import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import { box, type Dialog, innerWidth, keyed, questionDialog, wrapped } from "../dialogs/dialog.ts";
import type { Field } from "../dialogs/text-field.ts";
import { fitLine, spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { type Page, pageView } from "../form/page.ts";
import type { View } from "../screen/view.ts";
import type { Offer } from "./pick.ts";

/** What lies over the page: things to pick from, or the question before a launch. */
export type LaunchOver =
  | { kind: "pick"; title: SafeText; offers: readonly Offer[]; index: number; many: boolean; nothing: SafeText }
  | { kind: "confirm"; words: readonly SafeText[] };

/** Everything that a frame of launching is drawn from. */
export interface LaunchScene extends Omit<Page, "header" | "dialog"> {
  step: number;
  cluster: SafeText;
  demo: boolean;
  readOnly: boolean;
  question: Question | undefined;
  answer: Field;
  over: LaunchOver | undefined;
}

const steps = [text`Form`, text`Review`, text`Launch`];

/** The frame of a scene of launching. */
export const launchView = (scene: LaunchScene, paint: Painter): View =>
  pageView({ ...scene, header: headerOf(scene), dialog: dialogOf(scene) }, paint);

function headerOf({ step, size, cluster, demo, readOnly }: LaunchScene): Line {
  const left: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  ${cluster}`, "strong"),
    span(text`  new container  `, "strong"),
    ...steps.flatMap(
      (name, index): Line => [
        span(index === 0 ? text`` : text` › `, "muted"),
        span(name, index === step ? "cursor" : index < step ? "plain" : "muted"),
      ],
    ),
  ];
  const right: Line = [
    ...(demo ? [span(text`DEMO `, "accent")] : []),
    ...(readOnly ? [span(text`READ-ONLY `, "warn")] : []),
  ];
  return spread(left, right, size.columns);
}

function dialogOf({ size, over, question, answer }: LaunchScene): Dialog | undefined {
  if (question !== undefined) return questionDialog(size, question, answer);
  if (over === undefined) return undefined;
  const width = innerWidth(size);
  if (over.kind === "confirm") {
    return box(size, text`Launch?`, [
      ...over.words.flatMap((words) => wrapped(words, width)),
      [],
      keyed("y", text`launch`),
      keyed("enter", text`no, back to the review`),
    ]);
  }
  const { offers, index, many, nothing, title } = over;
  const rows = Math.max(3, size.rows - 10);
  const top = Math.max(0, Math.min(offers.length - rows, index - Math.floor(rows / 2)));
  const lines = offers.slice(top, top + rows).map((offer, row): Line => {
    const mark = many ? span(offer.isPicked ? text`[x] ` : text`[ ] `) : span(offer.isPicked ? text`• ` : text`  `);
    const line = fitLine([mark, ...offer.line], width);
    return row + top === index ? line.map((one) => ({ ...one, style: "cursor" as const })) : line;
  });
  const foot =
    offers.length > rows
      ? [span(clean(` ${top + 1}-${Math.min(offers.length, top + rows)} of ${offers.length} `), "muted")]
      : [];
  return box(size, title, lines.length === 0 ? wrapped(nothing, width, "muted") : lines, width + 4, foot);
}
