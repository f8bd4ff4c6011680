import type { Origin } from "../../domain/daemon.ts";
import { explain } from "../../domain/explain.ts";
import { type Part, troubleOf } from "../../domain/part.ts";
import { clean, type SafeText, text } from "../../domain/text.ts";
import type { Line } from "../draw/style.ts";
import { type Seen, seenAgo } from "../panes/seen.ts";
import { paragraph } from "./facts.ts";

/** Where a value comes from, with the file's path. */
export const originWords = (origin: Origin): SafeText =>
  origin.kind === "process" ? text`running process only` : text`${clean(origin.kind)} ${origin.path}`;

/** That what follows is old, or why there is nothing. */
export function oldOrMissing<T>(part: Part<T>, node: SafeText, seen: Seen, width: number): Line[] {
  const trouble = troubleOf(part);
  if (trouble === undefined) return [];
  const { what, remedy } = explain(trouble, node);
  const old = part.state === "stale" ? text`${seenAgo(part.at, seen.now)}: ` : text``;
  return [...paragraph(text`${old}${what}`, width, "warn"), ...paragraph(remedy, width, "muted")];
}
