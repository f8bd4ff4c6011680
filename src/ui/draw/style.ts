import type { SafeText } from "../../domain/text.ts";
import type { Tone } from "../../domain/views/condition.ts";

/** What a piece of text is, never how it is coloured: the painter decides that. Tones come from the domain. */
export type Style =
  | "plain"
  | "muted"
  | "strong"
  | "heading"
  | "accent"
  | "focus"
  /** The row or the tab that the keys act on. */
  | "cursor"
  | Tone;

export interface Span {
  text: SafeText;
  style: Style;
}

/** One row of the screen, or a part of one. */
export type Line = readonly Span[];

/** A piece of a row in one style. */
export const span = (text: SafeText, style: Style = "plain"): Span => ({ text, style });

/** Turns spans into text with SGR sequences (ECMA-48, 8.3.117). */
export type Painter = (line: Line) => string;

/** Pairs of "on" and "off". Attributes only: they remain when NO_COLOR takes the colours away. */
const attributes: Record<Style, readonly [number, number] | undefined> = {
  plain: undefined,
  muted: [2, 22],
  strong: [1, 22],
  heading: [2, 22],
  accent: undefined,
  focus: [1, 22],
  cursor: [7, 27],
  good: undefined,
  busy: undefined,
  warn: undefined,
  bad: [1, 22],
};

/** The terminal's own sixteen colours, so that its theme and its contrast hold. */
const colours: Partial<Record<Style, number>> = {
  accent: 36,
  focus: 36,
  cursor: 36,
  good: 32,
  busy: 36,
  warn: 33,
  bad: 31,
};

const sgr = (code: number): string => `\u001B[${code}m`;

/** The painter of one terminal; without colour it keeps bold, dim and inverse. */
export function painter(colour: boolean): Painter {
  const pairs = new Map<Style, readonly [string, string]>();
  for (const style of Object.keys(attributes) as Style[]) {
    const attribute = attributes[style];
    const hue = colour ? colours[style] : undefined;
    const open = (hue === undefined ? "" : sgr(hue)) + (attribute === undefined ? "" : sgr(attribute[0]));
    const close = (attribute === undefined ? "" : sgr(attribute[1])) + (hue === undefined ? "" : sgr(39));
    pairs.set(style, [open, close]);
  }
  return (line) => {
    let painted = "";
    for (const { text, style } of line) {
      const [open, close] = pairs.get(style) ?? ["", ""];
      painted += text === "" ? "" : open + text + close;
    }
    return painted;
  };
}

/** Whether the operator wants colours (no-color.org: set and not empty means none). */
export const wantsColour = (env: Readonly<Record<string, string | undefined>>): boolean =>
  (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
