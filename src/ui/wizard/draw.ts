import { type SafeText, text } from "../../domain/text.ts";
import type { Question } from "../../ports/prompter.ts";
import { box, innerWidth, keyed, questionDialog, wrapped } from "../dialogs/dialog.ts";
import { drawField } from "../dialogs/draw-field.ts";
import type { Field } from "../dialogs/text-field.ts";
import { spread } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { type Page, pageView } from "../form/page.ts";
import type { View } from "../screen/view.ts";
import type { ApplyQuestion } from "./before-apply.ts";
import { type Picker, pickerDialog } from "./picker.ts";

/** Everything that a frame of the set-up is drawn from. */
export interface WizardScene extends Omit<Page, "header" | "dialog"> {
  /** The names of all pages, and which one is shown. */
  steps: readonly SafeText[];
  step: number;
  demo: boolean;
  question: Question | undefined;
  answer: Field;
  over: Picker | ApplyQuestion | undefined;
}

/** The frame of a scene of the set-up. */
export const wizardView = (scene: WizardScene, paint: Painter): View =>
  pageView({ ...scene, header: headerOf(scene), dialog: dialogOf(scene) }, paint);

function headerOf({ steps, step, size, demo }: WizardScene): Line {
  // All pages have to fit 80 columns, with the sign of the demo behind them.
  const between = size.columns < 100 ? text`›` : text` › `;
  const left: Line = [
    span(text` ovl-tui`, "focus"),
    span(text`  set-up  `, "strong"),
    ...steps.flatMap(
      (name, index): Line => [
        span(index === 0 ? text`` : between, "muted"),
        span(name, index === step ? "cursor" : index < step ? "plain" : "muted"),
      ],
    ),
  ];
  return spread(left, demo ? [span(text`DEMO `, "accent")] : [], size.columns);
}

function dialogOf(scene: WizardScene) {
  const { size, over, question } = scene;
  if (question !== undefined) return questionDialog(size, question, scene.answer);
  if (over === undefined) return undefined;
  const width = innerWidth(size);
  switch (over.kind) {
    case "picker":
      return pickerDialog(over, size);
    case "confirm":
      return box(size, text`Apply this plan?`, [
        ...over.words.flatMap((words) => wrapped(words, width)),
        [],
        keyed("y", text`apply`),
        keyed("enter", text`no, back to the plan`),
      ]);
    case "accept":
      return box(size, text`Apply with an open port?`, [
        ...over.words.flatMap((words) => wrapped(words, width, "warn")),
        [],
        [span(text`> `, "accent"), ...drawField(over.field, width - 2, false)],
        [],
        keyed("enter", text`apply, once the word insecure stands there`),
        keyed("esc", text`no, back to the plan`),
      ]);
  }
}
