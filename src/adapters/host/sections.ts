import { randomUUID } from "node:crypto";
import { clean, type SafeText, text } from "../../domain/text.ts";
import { bad, good, type Outcome } from "../../domain/trouble.ts";
import type { Deadline } from "../../ports/clock.ts";
import type { Transport } from "../transport.ts";

/** One named piece of a script's output; `title` is what stood behind the name ("file /etc/docker/daemon.json"). */
export interface Section {
  name: string;
  title: string;
  content: string;
}

/**
 * The beginning of every script: `section NAME TITLE` starts a piece of output, `section end` has to come last. Pieces are
 * parted by lines of a word drawn for this one call ("$1"), as the parts of a MIME message are (RFC 2046, 5.1.1), so
 * nothing that a file holds can pass for a border. Only what every sh has is used.
 */
export const prelude = String.raw`
boundary=$1
shift
section() { printf '\n%s %s %s\n' "$boundary" "$1" "$2"; }
LC_ALL=C
export LC_ALL
# A login that is not root's has no sbin in its path.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
`;

/** Runs `script` on the node and takes its output apart. An output without its end is a `bad-answer`. */
export async function runSections(
  transport: Transport,
  what: SafeText,
  script: string,
  args: readonly string[],
  within: Deadline,
  options: { root?: boolean; limit?: number } = {},
): Promise<Outcome<readonly Section[]>> {
  const boundary = randomUUID();
  const outcome = await transport.script(prelude + script, [boundary, ...args], within, options);
  if (!outcome.ok) return outcome;
  const { code, stdout, stderr } = outcome.value;
  const sections = splitSections(stdout.toString("utf8"), boundary);
  if (sections.at(-1)?.name === "end") return good(sections.slice(0, -1));
  const last = stderr.toString("utf8").trim().split("\n").at(-1) ?? "";
  const ended = code === undefined ? text`ended by a signal` : text`ended with code ${code}`;
  return bad({ kind: "bad-answer", from: what, detail: last === "" ? ended : text`${ended}: ${clean(last, 200)}` });
}

/** The pieces of an output. What stands before the first border (a chatty login shell) belongs to nobody. */
export function splitSections(output: string, boundary: string): Section[] {
  return output
    .split(`\n${boundary} `)
    .slice(1)
    .map((piece) => {
      const end = piece.indexOf("\n");
      const [name = "", ...title] = piece.slice(0, end).split(" ");
      return { name, title: title.join(" "), content: piece.slice(end + 1) };
    });
}

/** The content of the first section of that name, without blanks around it; "" when it was not sent. */
export const contentOf = (sections: readonly Section[], name: string): string =>
  sections.find((section) => section.name === name)?.content.trim() ?? "";

/** The lines NAME=VALUE of `systemctl show`; of a name that comes again, every value. */
export function properties(content: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of content.split("\n")) {
    const equals = line.indexOf("=");
    if (equals < 1) continue;
    const name = line.slice(0, equals);
    values.set(name, [...(values.get(name) ?? []), line.slice(equals + 1)]);
  }
  return values;
}
