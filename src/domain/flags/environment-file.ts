const assignment = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=/;

/**
 * The variables of an EnvironmentFile, last assignment wins (systemd.exec(5), EnvironmentFile=; src/basic/env-file.c):
 * one NAME=VALUE a line, `#` and `;` begin a comment line, a backslash before the line's end joins the next line,
 * quotes of both kinds at the beginning of a value, or right behind another quoted piece, are removed and protect blanks
 * and line ends; quotes further on are text. Nothing is expanded; other lines are passed over.
 */
export function parseEnvironmentFile(content: string): Map<string, string> {
  const variables = new Map<string, string>();
  let at = 0;
  while (at < content.length) {
    const end = lineEnd(content, at);
    const line = content.slice(at, end);
    const match = /^\s*[#;]/.test(line) ? null : assignment.exec(line);
    if (match === null) {
      at = end + 1;
      continue;
    }
    const value = readValue(content, at + match[0].length);
    variables.set(match[1] ?? "", value.text);
    at = value.next;
  }
  return variables;
}

const lineEnd = (content: string, from: number): number => {
  const end = content.indexOf("\n", from);
  return end < 0 ? content.length : end;
};

/** The value that starts at `from`, and where the line after it starts. */
function readValue(content: string, from: number): { text: string; next: number } {
  let text = "";
  /** Length of `text` without the blanks at its end that no quote protects. */
  let kept = 0;
  let quote: string | undefined;
  let begun = false;
  let i = from;
  for (; i < content.length; i += 1) {
    const character = content.charAt(i);
    const following = content.charAt(i + 1);
    if (quote === undefined && character === "\n") break;
    if (character === "\\" && quote !== "'" && following !== "") {
      i += 1;
      // A backslash at the line's end joins lines; within double quotes it protects only what a shell would protect.
      if (following === "\n") continue;
      text += quote === '"' && !'"\\`$'.includes(following) ? `\\${following}` : following;
      kept = text.length;
      begun ||= quote === undefined;
    } else if (!begun && quote === undefined && (character === '"' || character === "'")) {
      quote = character;
    } else if (character === quote) {
      quote = undefined;
      kept = text.length;
    } else if (quote !== undefined) {
      text += character;
      kept = text.length;
    } else if (/\s/.test(character)) {
      if (begun) text += character;
    } else {
      begun = true;
      text += character;
      kept = text.length;
    }
  }
  return { text: text.slice(0, kept), next: i + 1 };
}
