import { type SafeText, text } from "../../domain/text.ts";
import type { Dialog } from "../dialogs/dialog.ts";
import { frame, thumbOf } from "../draw/frame.ts";
import { fitLine } from "../draw/line.ts";
import { type Line, type Painter, span } from "../draw/style.ts";
import { spaces } from "../draw/width.ts";
import { footerLine } from "../keymap/footer.ts";
import { type Binding, inPlace, type Place } from "../keymap/keymap.ts";
import type { Size } from "../screen/layout.ts";
import { painted, type View } from "../screen/view.ts";
import { type FormBody, formLines, formTop } from "./draw.ts";

/** What is inside the frame of a page: fields, or lines that are scrolled. */
export type PageBody =
  | ({ kind: "form" } & FormBody)
  | { kind: "lines"; lines: readonly Line[]; top: number; foot: Line };

/** A page that has the whole screen: a header, one frame, a line of help and the footer. */
export interface Page {
  size: Size;
  header: Line;
  title: SafeText;
  body: PageBody;
  /** One line on what the field under the cursor is for. */
  help: SafeText;
  message: Line;
  /** Bindings that do something now. */
  offered: readonly Binding[];
  dialog: Dialog | undefined;
}

/** Rows for the body of a page: the frame, header, help and footer taken off. */
export const bodyRows = (size: Size): number => Math.max(1, size.rows - 5);
/** Columns for the body of a page: the frame and a blank at either side taken off. */
export const bodyWidth = (size: Size): number => size.columns - 4;

/** The frame of a page. */
export function pageView(page: Page, paint: Painter): View {
  const { size, body, dialog } = page;
  const rows = bodyRows(size);
  const width = bodyWidth(size);
  const all = body.kind === "form" ? formLines(body, width) : { lines: body.lines, at: -1 };
  const top =
    body.kind === "form"
      ? formTop(all.lines.length, all.at, rows)
      : Math.max(0, Math.min(body.top, all.lines.length - rows));
  const shown = all.lines.slice(top, top + rows);
  const framed = frame(
    shown.map((line): Line => [span(spaces(1)), ...fitLine(line, width), span(spaces(1))]),
    size.columns,
    size.rows - 3,
    {
      title: [span(text` ${page.title} `, "focus")],
      foot: body.kind === "lines" ? body.foot : [],
      focused: true,
      thumb: thumbOf(all.lines.length, top, rows, rows),
    },
  );
  return {
    size,
    top: [paint(page.header)],
    bands: [[painted(framed, paint, "cut")]],
    bottom: [
      paint(fitLine([span(spaces(1)), span(page.help, "muted")], size.columns)),
      paint(footerLine(page.offered, page.message, size.columns)),
    ],
    dialog: dialog === undefined ? undefined : { ...dialog, frame: painted(dialog.frame, paint, "kept") },
  };
}

/** What is bound in a place, without what does nothing now. */
export const offeredIn = (place: Place, without: readonly Binding["id"][]): readonly Binding[] =>
  inPlace(place).filter((one) => !without.includes(one.id));
