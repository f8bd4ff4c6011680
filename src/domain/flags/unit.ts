import type { Origin } from "../daemon.ts";
import type { SourceFile } from "../host.ts";
import { clean } from "../text.ts";
import { parseEnvironmentFile } from "./environment-file.ts";
import { expandWords, splitWords } from "./words.ts";

/** One argument of dockerd's command line, and where it was written. */
export interface Argument {
  text: string;
  origin: Origin;
}

/** Program and arguments that the unit starts, program first; empty when the unit has no ExecStart. */
export function unitCommand(unitFiles: readonly SourceFile[], environmentFiles: readonly SourceFile[]): Argument[] {
  return startLine(unitFiles, environmentFiles)?.words.flatMap((word) => word.expanded) ?? [];
}

/** The line that starts the engine, as it is written and as it is run. */
export interface StartLine {
  /** "-", "@" and the like before the program: how it is run. */
  prefix: string;
  /** Where it is written. */
  origin: Origin;
  /** Its words without their quotes, variables and specifiers as they stand, and what each comes to. */
  words: readonly { written: string; expanded: readonly Argument[] }[];
}

/** The ExecStart that counts, the last one written; undefined when the unit has none. */
export function startLine(
  unitFiles: readonly SourceFile[],
  environmentFiles: readonly SourceFile[],
): StartLine | undefined {
  let command: { line: string; origin: Origin } | undefined;
  let inline = new Map<string, Variable>();
  for (const [i, file] of unitFiles.entries()) {
    const origin: Origin = { kind: i === 0 ? "unit" : "drop-in", path: clean(file.path) };
    for (const { key, value } of serviceSettings(file.content)) {
      if (key === "ExecStart") command = value === "" ? undefined : { line: value, origin };
      if (key !== "Environment") continue;
      if (value === "") inline = new Map();
      for (const word of splitWords(value)) {
        const [name = "", ...rest] = word.split("=");
        inline.set(name, { value: rest.join("="), origin });
      }
    }
  }
  if (command === undefined) return undefined;
  // A file's assignments win over Environment= (systemd.exec(5)).
  const variables = new Map([...inline, ...environment(environmentFiles)]);
  const values = new Map([...variables].map(([name, { value }]) => [name, value]));
  const { line, origin } = command;
  // "@" "-" ":" "+" "!" "|" before the program change how it is run, not what; ":" also forbids expansion.
  const prefix = /^[@\-:+!|]*/.exec(line)?.[0] ?? "";
  const words = splitWords(line.slice(prefix.length)).map((written) => {
    const plain = written.replaceAll("%%", "%");
    const expanded = prefix.includes(":") ? [{ text: plain, variable: undefined }] : expandWords([plain], values);
    return {
      written,
      expanded: expanded.map(({ text, variable }) => ({
        text,
        origin: (variable === undefined ? undefined : variables.get(variable)?.origin) ?? origin,
      })),
    };
  });
  return { prefix, origin, words };
}

/**
 * What a service script without systemd passes to dockerd: the option variables of the files that it sources
 * (Debian /etc/default/docker DOCKER_OPTS, Red Hat /etc/sysconfig/docker OPTIONS and other_args, Alpine /etc/conf.d/docker).
 */
export function scriptCommand(environmentFiles: readonly SourceFile[]): Argument[] {
  const variables = environment(environmentFiles);
  return ["DOCKER_OPTS", "OPTIONS", "other_args"].flatMap((name) => {
    const variable = variables.get(name);
    return variable === undefined ? [] : splitWords(variable.value).map((text) => ({ text, origin: variable.origin }));
  });
}

interface Variable {
  value: string;
  origin: Origin;
}

const environment = (files: readonly SourceFile[]): Map<string, Variable> =>
  new Map(
    files.flatMap((file) => {
      const origin: Origin = { kind: "environment-file", path: clean(file.path) };
      return [...parseEnvironmentFile(file.content)].map(([name, value]) => [name, { value, origin }] as const);
    }),
  );

/**
 * The settings of a unit file's [Service] section, in order (systemd.syntax(7)): a line ending in a backslash is joined
 * with the next by a blank, comment lines between them are left out.
 */
function serviceSettings(content: string): { key: string; value: string }[] {
  const settings: { key: string; value: string }[] = [];
  let section = "";
  let begun = "";
  for (const raw of content.split(/\r?\n/)) {
    if (/^\s*[#;]/.test(raw)) continue;
    if (raw.endsWith("\\")) {
      begun += `${raw.slice(0, -1)} `;
      continue;
    }
    const line = (begun + raw).trim();
    begun = "";
    const header = /^\[(.*)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const equals = line.indexOf("=");
    if (header !== undefined || section !== "Service" || equals < 1) continue;
    settings.push({ key: line.slice(0, equals).trim(), value: line.slice(equals + 1).trim() });
  }
  return settings;
}
