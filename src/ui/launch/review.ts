import { isSecretName } from "../../domain/flags/masked.ts";
import type { LaunchGround } from "../../domain/launch/ground.ts";
import { wayOf } from "../../domain/launch/images.ts";
import { dockerRun } from "../../domain/plan/command.ts";
import { definitionOf } from "../../domain/plan/containers.ts";
import { shellCommand } from "../../domain/plan/sh.ts";
import type { ContainerSpec } from "../../domain/spec/spec.ts";
import { clean, joined, type SafeText, text } from "../../domain/text.ts";
import type { Launched, LaunchProgress, LaunchState } from "../../services/launch/launch-state.ts";
import { wrapped } from "../dialogs/dialog.ts";
import { bar, megabytes, seconds } from "../draw/figures.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { filled } from "../draw/width.ts";

/** The `docker run` line of a container, whole; a command that holds line ends has several lines. */
const commandOf = (container: ContainerSpec): readonly SafeText[] => shellCommand(dockerRun(definitionOf(container)));

/** The commands to type by hand, each on its own node; of several a comment says on which. */
export const commandsOf = (containers: readonly ContainerSpec[]): string =>
  containers.flatMap((one) => [...(containers.length > 1 ? [`# on ${one.node}`] : []), ...commandOf(one)]).join("\n");

/** What would be launched: the commands that do the same by hand, and what comes with them. */
export function reviewLines(
  containers: readonly ContainerSpec[],
  ground: LaunchGround,
  saved: SafeText | undefined,
  width: number,
): Line[] {
  const lines: Line[] = [[]];
  for (const one of containers) {
    lines.push([span(one.name, "strong"), span(text` on `), span(one.node, "accent")]);
    for (const [at, line] of commandOf(one).entries()) {
      lines.push(...wrapped(at === 0 ? text`$ ${line}` : line, width - 2).map(indented));
    }
    lines.push([]);
  }
  for (const words of imageWords(containers, ground)) lines.push(...wrapped(words, width, "warn"));
  for (const words of secretWords(containers)) lines.push(...wrapped(words, width, "warn"));
  const file =
    saved === undefined ? text`Nothing is written to a file.` : text`Once they run they are saved to ${saved}.`;
  lines.push(...wrapped(file, width, "muted"));
  return lines;
}

const indented = (line: Line): Line => [span(text`  `), ...line];

function imageWords(containers: readonly ContainerSpec[], ground: LaunchGround): SafeText[] {
  const seen = new Set<string>();
  return containers.flatMap(({ image, node }) => {
    const way = wayOf(image, node, ground);
    if (way.way === "there" || seen.has(`${image} ${node}`)) return [];
    seen.add(`${image} ${node}`);
    if (way.way === "unknown") {
      return [text`${node} has not told its images yet: should it lack ${clean(image)}, it is brought there first.`];
    }
    const { from } = way.change;
    return from.kind === "node"
      ? [text`First ${clean(image)} is copied from ${from.node} to ${node}, ${megabytes(from.bytes)}.`]
      : [text`First ${clean(image)} is pulled on ${node}; its registry is asked before anything is done.`];
  });
}

/** Values of secrets are not in the commands: who types them has them in the environment. */
function secretWords(containers: readonly ContainerSpec[]): SafeText[] {
  const names = new Set(containers.flatMap((one) => Object.keys(one.environment).filter(isSecretName)));
  return names.size === 0
    ? []
    : [text`The values of ${joined([...names].map((name) => clean(name)))} are set as typed, and not shown here.`];
}

/** The question before it: which containers on which nodes. */
export function confirmWords(containers: readonly ContainerSpec[], saved: SafeText | undefined): SafeText[] {
  const shown = containers.slice(0, mostNamed).map((one) => text`${one.name} on ${one.node}`);
  const more = containers.length - shown.length;
  return [
    joined(more > 0 ? [...shown, text`and ${more} more`] : shown),
    ...(containers.some((one) => one.privileged) ? [text`Privileged: full rights on the host.`] : []),
    ...(saved === undefined ? [] : [text`Then saved to ${saved}.`]),
  ];
}

const mostNamed = 8;

/** The run and its end, container by container. */
export function runLines(state: LaunchState, saved: SavedState, width: number, now: number): Line[] {
  const lines: Line[] = [[]];
  if (state.phase === "checking") {
    lines.push([span(text`asking every node whether all of it is still free …`, "busy")], []);
  }
  if (state.phase === "refused") {
    lines.push([span(text`Nothing was touched.`, "bad")]);
    for (const why of state.refusal.why) lines.push(...wrapped(why, width, "bad"));
    lines.push(...wrapped(state.refusal.remedy, width));
    return lines;
  }
  for (const one of state.containers) lines.push(...progressOf(one, width, now));
  if (saved.state === "saved") lines.push([], [span(text`Saved to ${saved.file}.`, "good")]);
  if (saved.state === "not-saved") {
    lines.push([], ...wrapped(text`Not saved: ${saved.why}`, width, "bad"), ...wrapped(saved.remedy, width));
  }
  return lines;
}

/** What became of the file. */
export type SavedState =
  | { state: "none" }
  | { state: "saved"; file: SafeText }
  | { state: "not-saved"; why: SafeText; remedy: SafeText };

function progressOf({ container, now: state }: LaunchProgress, width: number, now: number): Line[] {
  const where = [span(container.name, "strong"), span(text` on ${container.node}`)];
  const head = (word: SafeText, style: Style, ms?: number, more: SafeText = text``): Line => [
    span(filled(word, wordWidth), style),
    span(filled(ms === undefined ? text`` : seconds(ms), 8, "right"), "muted"),
    span(text`  `),
    ...where,
    span(more, "muted"),
  ];
  const told = (words: SafeText, style: Style = "plain"): Line[] =>
    wrapped(words, width - wordWidth, style).map((line) => [span(filled(text``, wordWidth)), ...line]);
  switch (state.state) {
    case "waits":
      return [head(text`waits`, "muted")];
    case "skipped":
      return [head(text`not begun`, "warn")];
    case "up":
      return [head(text`up`, "good", state.ms, state.address === undefined ? text`` : text`, ${state.address}`)];
    case "running":
      return [head(text`running`, "busy", now - state.since), ...doing(state, told)];
    case "not-made":
      return [head(text`not made`, "bad"), ...told(state.error, "bad"), ...told(state.remedy)];
    case "failed":
    case "unknown":
      return [
        head(clean(state.state), state.state === "unknown" ? "warn" : "bad"),
        ...told(state.error, "bad"),
        ...told(text`what stands: ${state.stands}`),
        ...told(state.remedy),
      ];
  }
}

const wordWidth = 10;

function doing(
  { says, transfer }: Extract<Launched, { state: "running" }>,
  told: (words: SafeText, style?: Style) => Line[],
): Line[] {
  if (says === undefined) return [];
  if (transfer === undefined) return told(says, "busy");
  const { bytes, total } = transfer;
  return told(
    total === undefined
      ? text`${says}: ${megabytes(bytes)}`
      : text`${says}: ${megabytes(bytes)} of ${megabytes(total)}  ${bar(bytes / Math.max(1, total), 20)}`,
    "busy",
  );
}

/** One sentence for the footer of the panes on what came of it. */
export function endWords({ phase, containers }: LaunchState): { words: SafeText; style: Style } {
  const up = containers.filter((one) => one.now.state === "up");
  const [first] = containers;
  if (phase === "refused") return { words: text`nothing was launched`, style: "bad" };
  if (up.length < containers.length) {
    return {
      words: text`${containers.length - up.length} of ${containers.length} containers did not come up`,
      style: "bad",
    };
  }
  if (first !== undefined && containers.length === 1) {
    return { words: text`${first.container.name} is up on ${first.container.node}`, style: "good" };
  }
  return { words: text`all ${up.length} containers are up`, style: "good" };
}
