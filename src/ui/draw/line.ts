import type { SafeText } from "../../domain/text.ts";
import { type Line, type Span, type Style, span } from "./style.ts";
import { cut, spaces, steady, widthOf } from "./width.ts";

/** Columns that the line takes. */
export const lineWidth = (line: Line): number => line.reduce((sum, one) => sum + widthOf(steady(one.text)), 0);

/** Exactly `width` columns of the line: cut at the end with an ellipsis, or filled with spaces. */
export function fitLine(line: Line, width: number): Line {
  const fitted: Span[] = [];
  let left = width;
  for (const one of line) {
    const whole = steady(one.text);
    const wide = widthOf(whole);
    if (wide > left) {
      const short = cut(whole, left);
      fitted.push({ ...one, text: short });
      left -= widthOf(short);
      break;
    }
    fitted.push({ ...one, text: whole });
    left -= wide;
  }
  if (left > 0) fitted.push(span(spaces(left)));
  return fitted;
}

/** `left` and `right` at the two ends of `width` columns; the left one gives way. */
export function spread(left: Line, right: Line, width: number): Line {
  const room = width - lineWidth(right);
  return room < 1 ? fitLine(right, width) : [...fitLine(left, room), ...right];
}

/** The same line in one style, as a cursor or a stale row needs it. */
export const inStyle = (line: Line, style: Style): Line => line.map((one) => ({ ...one, style }));

/** Lines with `between` in the middle. */
export function joinLines(lines: readonly Line[], between: SafeText): Line {
  return lines.flatMap((line, index) => (index === 0 ? line : [span(between), ...line]));
}
