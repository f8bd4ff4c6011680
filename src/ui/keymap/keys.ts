/** A key by name: "j", "G", "ctrl-d", "up", "enter", "shift-tab", "alt-x"; printable keys are themselves. */
export type KeyName = string;

/** What of Ink's `Key` names a key; `input` has the rest. */
export interface InkKey {
  upArrow: boolean;
  downArrow: boolean;
  leftArrow: boolean;
  rightArrow: boolean;
  pageDown: boolean;
  pageUp: boolean;
  home: boolean;
  end: boolean;
  return: boolean;
  escape: boolean;
  ctrl: boolean;
  shift: boolean;
  tab: boolean;
  backspace: boolean;
  delete: boolean;
  meta: boolean;
}

const named: readonly (readonly [keyof InkKey, KeyName])[] = [
  ["upArrow", "up"],
  ["downArrow", "down"],
  ["leftArrow", "left"],
  ["rightArrow", "right"],
  ["pageDown", "pagedown"],
  ["pageUp", "pageup"],
  ["home", "home"],
  ["end", "end"],
  ["return", "enter"],
  ["escape", "esc"],
  ["backspace", "backspace"],
  ["delete", "delete"],
];

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The keys of one input event. A key held down, or a slow line, sends several in one chunk, and Ink hands them on as
 * one text: "jjj" is three keys, "ab\r" is a, b and enter.
 */
export function keysOf(input: string, key: InkKey): KeyName[] {
  if (key.tab) return [key.shift ? "shift-tab" : "tab"];
  for (const [flag, name] of named) if (key[flag]) return [name];
  if (key.ctrl && input.length === 1) return [`ctrl-${input}`];
  const keys = [...graphemes.segment(input)].flatMap(({ segment }) => single(segment));
  return key.meta ? keys.map((one) => `alt-${one}`) : keys;
}

/** One grapheme; "\r\n" is one, and so are control characters. */
function single(segment: string): KeyName[] {
  if (segment === "\r" || segment === "\n" || segment === "\r\n") return ["enter"];
  if (segment === "\t") return ["tab"];
  if (segment === " ") return ["space"];
  if (segment === "\u001B") return ["esc"];
  if (segment === "\u007F" || segment === "\b") return ["backspace"];
  const code = segment.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0 ? [] : [`ctrl-${String.fromCharCode(code + 0x60)}`];
  return [segment];
}

/** What a key types into a text; undefined when it types nothing. */
export function typedBy(key: KeyName): string | undefined {
  if (key === "space") return " ";
  const [first, second] = graphemes.segment(key)[Symbol.iterator]();
  return first !== undefined && second === undefined ? key : undefined;
}

const shown: Readonly<Record<string, string>> = {
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  pageup: "PgUp",
  pagedown: "PgDn",
  home: "Home",
  end: "End",
};

/** The key as help and footer write it. */
export const keyText = (key: KeyName): string => shown[key] ?? key;
