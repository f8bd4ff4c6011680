import { type SafeText, text } from "../text.ts";
import type { JobState } from "./queue.ts";

/** A job that proves the pool: small, short, and gone from the queue by itself. */
export interface TestJob {
  /** An account of the container that submits; never root, which HTCondor refuses. */
  user: string;
  /** Program and arguments; the program is looked for on the slot's own machine. */
  command: readonly string[];
  where: { on: "any" } | { on: "another-machine"; than: SafeText } | { on: "machine"; machine: SafeText };
}

/** Accounts as useradd(8) takes them. */
export const isAccount = (name: string): boolean => /^[a-z_][a-z0-9_.-]{0,30}\$?$/i.test(name) && name !== "root";

/** A job that waits or is held for so long goes by itself, s: nobody has to clean up after a test. */
const goneAfter = 3600;

/**
 * What `condor_submit` reads (HTCondor manual, condor_submit). The words go through env(1), so that a program needs no path
 * and nothing is copied to the slot.
 */
export function submitDescription({ command, where }: TestJob): string {
  const requirements =
    where.on === "any"
      ? undefined
      : where.on === "machine"
        ? `Machine == ${quoted(where.machine)}`
        : `Machine =!= ${quoted(where.than)}`;
  return [
    "universe = vanilla",
    "executable = /usr/bin/env",
    `arguments = ${argumentsOf(command)}`,
    "transfer_executable = false",
    "should_transfer_files = YES",
    "when_to_transfer_output = ON_EXIT",
    "initialdir = /tmp",
    "request_cpus = 1",
    "request_memory = 32",
    ...(requirements === undefined ? [] : [`requirements = ${requirements}`]),
    `periodic_remove = (JobStatus == 1 || JobStatus == 5) && (time() - EnteredCurrentStatus > ${goneAfter})`,
    "queue",
    "",
  ].join("\n");
}

/** A ClassAd string (HTCondor manual, "ClassAd Syntax"). */
const quoted = (value: string): string => `"${value.replace(/[\\"]/g, "\\$&")}"`;

/**
 * Words in the new syntax of `arguments` (HTCondor manual, condor_submit): the whole in double quotes, each word in single
 * ones, both doubled where they are meant; "$" would begin a macro.
 */
function argumentsOf(words: readonly string[]): string {
  const each = words.map(
    (word) => `'${word.replaceAll("'", "''").replaceAll('"', '""').replaceAll("$", "$(DOLLAR)")}'`,
  );
  return `"${each.join(" ")}"`;
}

/** Why a command cannot be one of a job; undefined when it can. */
export function commandProblem(words: readonly string[] | undefined): SafeText | undefined {
  if (words === undefined) return text`a quote is open`;
  if (words.length === 0) return text`a program, and its arguments`;
  if (words[0]?.includes("=")) return text`it begins with an assignment: name the program first`;
  return words.some((word) => /[\r\n\0]/.test(word)) ? text`one line, please` : undefined;
}

/** Where a job is that is followed. */
export type JobSight =
  | { at: "queue"; state: JobState; slot: SafeText | undefined; holdReason: SafeText | undefined }
  /** It left the queue: done, or removed. */
  | {
      at: "history";
      state: JobState;
      slot: SafeText | undefined;
      exitCode: number | undefined;
      reason: SafeText | undefined;
    }
  /** Neither the queue nor the history has it (yet). */
  | { at: "nowhere" }
  /** The queue has it no more, and no history is kept that tells how it ended. */
  | { at: "untold" };
