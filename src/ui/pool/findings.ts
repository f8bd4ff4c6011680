import { clean, text } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import type { Checkup } from "../../services/pool/pool-checkup.ts";
import { severityStyle } from "../details/findings.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { type Line, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";
import { ago } from "../panes/seen.ts";

/** What is wrong with the pool, each with what was seen and what to do; `width` columns. */
export function findingLines({ findings, at, isLooking }: Checkup, width: number, now: Instant): Line[] {
  const looked = at === undefined ? text`` : text`, looked at ${ago(at, now)} ago`;
  if (findings.length === 0) {
    const words = isLooking
      ? text`looking at every member …`
      : text`nothing is wrong${looked}; R looks at every member`;
    return [[], [span(text` ${words}`, "muted")]];
  }
  const listed = findings.flatMap((one): Line[] => [
    [span(text` ${filled(clean(one.severity), 9)}`, severityStyle[one.severity]), span(one.title, "strong")],
    ...[...one.evidence.flatMap((words) => wrapped(words, width - 4, "muted")), ...wrapped(one.remedy, width - 4)].map(
      (line): Line => [span(text`  `), ...line],
    ),
    [],
  ]);
  const way = isLooking ? text`looking again …` : text`s opens the set-up, whose plan shows the steps${looked}`;
  return [...listed, [span(text` ${way}`, "muted")]];
}
