import { clean, type SafeText, text } from "../text.ts";
import { machineIn, type PoolAds } from "./ads.ts";
import { type Home, homeFinder } from "./members.ts";
import type { JobState } from "./queue.ts";

/** A job that proves the pool: small, short, and gone from the queue by itself. */
export interface TestJob {
  /** An account of the container that submits; never root, which HTCondor refuses. */
  user: string;
  /** Program and arguments; the program is looked for on the slot's own machine. */
  command: readonly string[];
  where: { on: "any" } | { on: "elsewhere"; than: readonly SafeText[] } | { on: "machine"; machine: SafeText };
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
        : where.than.map((machine) => `Machine =!= ${quoted(machine)}`).join(" && ");
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

/** How far a job came from the container that it was submitted in: what it proves of the pool. */
export type Reach =
  | { to: "another-node" | "another-container"; home: Home }
  | { to: "itself" }
  /** A machine that is no container of the cluster. */
  | { to: "stranger"; machine: SafeText };

/** Where a job of `from` came to that ran on `slot`. */
export function reachOf(slot: SafeText, from: Home, ads: PoolAds, homes: readonly Home[]): Reach {
  const machine = clean(machineIn(slot));
  const homeOf = homeFinder(homes);
  // The slot itself may be gone: those of a partitionable one are, once their job is done.
  const ad = ads.slots.find((one) => one.name === slot) ?? ads.slots.find((one) => machineIn(one.name) === machine);
  const home = homeOf(ad ?? { machine, address: undefined });
  if (home === undefined) return { to: "stranger", machine };
  if (home.container === from.container) return { to: "itself" };
  return { to: home.node === from.node ? "another-container" : "another-node", home };
}
