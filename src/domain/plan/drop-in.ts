import { createHash } from "node:crypto";
import { isKnown, longOf, optionOfFlag } from "../flags/options.ts";
import { type StartLine, startLine } from "../flags/unit.ts";
import type { DaemonSources } from "../host.ts";
import { clean, type SafeText, text } from "../text.ts";
import type { FileEdit, Sha256 } from "./change.ts";

/** Our own drop-in of docker.service; those of others are never touched. */
export const dropInPath = "/etc/systemd/system/docker.service.d/ovl-tui.conf";

/** A flag that dockerd shall have, and its value. */
export interface Flag {
  name: string;
  value: string;
}

export type DropIn = { ok: true; edit: FileEdit } | { ok: false; problem: SafeText; remedy: SafeText };

/**
 * The edit after which dockerd is started as now, without the options of `drop` and with `flags` at the end. Words of the
 * line stay as they are written, variables included, but for a variable that brings one of those options: its words are
 * written out without it.
 */
export function dropInEdit(sources: DaemonSources, drop: readonly string[], flags: readonly Flag[]): DropIn {
  const line = startLine(sources.unitFiles, sources.environmentFiles);
  if (line === undefined) {
    return {
      ok: false,
      problem: text`dockerd is not started by a systemd unit, and its flags are in the way`,
      remedy: text`Take ${clean(drop.map((name) => `--${name}`).join(", "))} out of what starts dockerd there; then ask for the plan again.`,
    };
  }
  const later = startedLater(sources);
  if (later !== undefined) {
    return {
      ok: false,
      problem: text`${clean(later)} sets ExecStart after ${clean(dropInPath)} would`,
      remedy: text`Rename it to a name that sorts before ovl-tui.conf, or make the change there: drop-ins are read in the order of their names.`,
    };
  }
  const words = [...keptWords(line, drop), ...flags.map(({ name, value }) => spelled(`--${name}=${value}`))];
  const content = [
    "# Made by ovl-tui: the line of the unit with other flags. Remove this file to have the unit's own again.",
    "[Service]",
    "ExecStart=",
    `ExecStart=${line.prefix}${words.join(" ")}`,
    "",
  ].join("\n");
  return { ok: true, edit: { path: dropInPath, replaces: present(sources), content, mode: 0o644 } };
}

/** The edit that takes our drop-in away; undefined when there is none. */
export function dropInRemoval(sources: DaemonSources): FileEdit | undefined {
  const replaces = present(sources);
  return replaces === "absent" ? undefined : { path: dropInPath, replaces, content: "removed", mode: 0o644 };
}

/** The sources as they would be without our drop-in. */
export const withoutDropIn = (sources: DaemonSources): DaemonSources => ({
  ...sources,
  unitFiles: sources.unitFiles.filter((file) => file.path !== dropInPath),
});

function present({ unitFiles }: DaemonSources): FileEdit["replaces"] {
  const file = unitFiles.find((one) => one.path === dropInPath);
  return file === undefined ? "absent" : { sha256: sha256(file.content), content: file.content };
}

const sha256 = (content: string): Sha256 => createHash("sha256").update(content).digest("hex") as Sha256;

/** A drop-in read after ours that starts dockerd its own way (systemd.unit(5): by file name, whatever the folder). */
function startedLater({ unitFiles, environmentFiles }: DaemonSources): string | undefined {
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  return unitFiles
    .slice(1)
    .filter((file) => file.path !== dropInPath && name(file.path) > name(dropInPath))
    .find((file) => startLine([file], environmentFiles) !== undefined)?.path;
}

/** The line's words without those options. A flag and its value may be two words, and one of them may come of a variable. */
function keptWords({ words }: StartLine, drop: readonly string[]): string[] {
  const all = words.flatMap((word, i) => word.expanded.map(({ text: one }) => ({ text: one, word: i })));
  const gone = new Set<number>();
  for (let i = 0; i < all.length; i += 1) {
    const one = all[i]?.text ?? "";
    if (one === "--") break;
    const flag = /^--([^=]+)(=?)/.exec(one) ?? /^-([A-Za-z])(=?)/.exec(one);
    if (flag === null) continue;
    const name = one.startsWith("--") ? (flag[1] ?? "") : longOf(flag[1] ?? "");
    const alone = flag[2] === "" && (one.startsWith("--") || one.length === 2);
    const takesNext = alone && isKnown(name) && optionOfFlag(name).takes !== "boolean";
    if (drop.includes(name)) gone.add(i);
    if (drop.includes(name) && takesNext) gone.add(i + 1);
    if (takesNext) i += 1;
  }
  return words.flatMap(({ written, expanded }, i) => {
    const own = all.flatMap((one, at) => (one.word === i ? [at] : []));
    if (!own.some((at) => gone.has(at))) return [expanded.length === 0 && written === "" ? '""' : asWritten(written)];
    return own.filter((at) => !gone.has(at)).map((at) => spelled(all[at]?.text ?? ""));
  });
}

/** A word that means itself: "$" and "%" are doubled (systemd.service(5), systemd.unit(5)). */
const spelled = (word: string): string => asWritten(word.replaceAll("$", "$$$$").replaceAll("%", "%%"));

/** A word with the quotes it needs (systemd.syntax(7)); "$" and "%" keep their meaning. */
function asWritten(word: string): string {
  if (word !== "" && !/[\s"'\\;]/.test(word)) return word;
  const escaped = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("\t", "\\t")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}
