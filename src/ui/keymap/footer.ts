import { clean } from "../../domain/text.ts";
import { fitLine, lineWidth } from "../draw/line.ts";
import { type Line, span } from "../draw/style.ts";
import { spaces } from "../draw/width.ts";
import type { Binding } from "./keymap.ts";
import { keyText } from "./keys.ts";

const between = 2;

/** The footer's keys of `bindings` in at most `width` columns: those with the highest numbers give way. */
export function footerKeys(bindings: readonly Binding[], width: number): readonly Binding[] {
  let shown = bindings.filter((one) => one.footer !== undefined);
  while (shown.length > 0 && lineWidth(keyLine(shown)) > width) {
    const last = Math.max(...shown.map((one) => one.footer ?? 0));
    const gone = shown.findLastIndex((one) => one.footer === last);
    shown = shown.filter((_, index) => index !== gone);
  }
  return shown;
}

/** The footer, with a message of the program at its right end; the message comes first when both do not fit. */
export function footerLine(bindings: readonly Binding[], message: Line, width: number): Line {
  const wide = lineWidth(message);
  if (wide >= width - 2) return fitLine([span(spaces(1)), ...message], width);
  const keys = footerKeys(bindings, width - (wide === 0 ? 0 : wide + between) - 1);
  const left = keyLine(keys);
  return [...left, span(spaces(width - lineWidth(left) - wide - 1)), ...message, span(spaces(1))];
}

function keyLine(bindings: readonly Binding[]): Line {
  return bindings.flatMap(
    (one, index): Line => [
      span(spaces(index === 0 ? 1 : between)),
      span(clean(keyText(one.keys[0] ?? "")), "accent"),
      span(clean(` ${one.label}`), "muted"),
    ],
  );
}
