import type { SafeText } from "../../domain/text.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled, spaces, widthOf, wrap } from "../draw/width.ts";

/** One thing that is known: what it is, and what it is worth. */
export interface Fact {
  label: SafeText;
  value: SafeText;
  style?: Style;
}

/** A heading over facts. Facts of which nothing is known are left out by the caller. */
export interface FactGroup {
  heading: SafeText;
  facts: readonly Fact[];
}

const labelGap = 2;

/** Facts as lines of at most `width` columns: labels in one column, long values wrapped beside it. */
export function factLines(groups: readonly FactGroup[], width: number): Line[] {
  const shown = groups.filter((group) => group.facts.length > 0);
  const labelWidth = Math.max(0, ...shown.flatMap((group) => group.facts.map((fact) => widthOf(fact.label))));
  const room = Math.max(10, width - labelWidth - labelGap - 2);
  return shown.flatMap((group, index): Line[] => [
    ...(index === 0 ? [] : [[]]),
    [span(spaces(1)), span(group.heading, "strong")],
    ...group.facts.flatMap(({ label, value, style = "plain" }) =>
      wrap(value, room).map(
        (row, at): Line => [
          span(spaces(1)),
          span(filled(at === 0 ? label : spaces(0), labelWidth), "muted"),
          span(spaces(labelGap)),
          span(row, style),
        ],
      ),
    ),
  ]);
}

/** A fact of which nothing may be known: then none. */
export const maybe = (label: SafeText, value: SafeText | undefined, style?: Style): Fact[] =>
  value === undefined || value === "" ? [] : [{ label, value, ...(style === undefined ? {} : { style }) }];

/** One paragraph, wrapped, with a blank at its left. */
export const paragraph = (value: SafeText, width: number, style: Style): Line[] =>
  wrap(value, Math.max(10, width - 2)).map((row) => [span(spaces(1)), span(row, style)]);
