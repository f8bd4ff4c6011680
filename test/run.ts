/**
 * `npm test [VITEST ARGUMENTS…]`: builds the program, runs every test that this machine can run and closes with what it
 * skipped and why, and one line of counts. In CI a lab that cannot run is a failure.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { labObstacle } from "./lab/requirements.ts";

/**
 * Files with hosts of their own that run side by side: a host takes about a dozen inotify instances, and a machine has
 * 128 (inotify(7)) unless somebody gave it more.
 */
function filesWithHosts(): string {
  try {
    const limit = Number(readFileSync("/proc/sys/fs/inotify/max_user_instances", "latin1"));
    return limit >= 512 ? "3" : "2";
  } catch {
    return "2";
  }
}

/** Screens and rules first, alone: real hosts beside them would only make them slow. */
const phases = [
  { projects: ["unit", "ui", "e2e"], workers: "2" },
  { projects: ["contract", "lab"], workers: filesWithHosts() },
];

/**
 * A busy machine stalls real programs and hosts for seconds. A file that fails is run once more when all is done, alone and
 * on hosts of its own, since what one test left on its hosts can fail the next. What passed only then is told at the end.
 * More files than this are no chance.
 */
const againAtMost = 8;

const report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()),
          meta: z.object({ why: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
});

type FileResult = z.infer<typeof report>["testResults"][number];

const root = path.resolve(import.meta.dirname, "..");
const inCi = !["", "0", "false", undefined].includes(process.env.CI);
const chosen = process.argv.slice(2);
const tryAgain = inCi && chosen.length === 0;
const env = {
  ...process.env,
  // Ink takes any CI for a place without a terminal; our terminals are emulated and real to it.
  CI: "false",
  ...(inCi ? { OVL_LAB_REQUIRED: "1" } : {}),
};

interface Run {
  readonly files: readonly FileResult[];
  /** Ended badly without a failed test: an unhandled error, say. */
  readonly brokeOff: boolean;
}

function vitest(projects: readonly string[], workers: string, words: readonly string[], outputFile: string): Run {
  const { status } = spawnSync(
    "npx",
    [
      ...["vitest", "run", ...projects.flatMap((name) => ["--project", name])],
      ...[`--maxWorkers=${workers}`, "--passWithNoTests", "--reporter=default", "--reporter=json"],
      ...[`--outputFile.json=${outputFile}`, ...words],
    ],
    { cwd: root, env, stdio: "inherit" },
  );
  const results = existsSync(outputFile) ? report.parse(JSON.parse(readFileSync(outputFile, "utf8"))).testResults : [];
  const files = results.map((file) => ({ ...file, name: path.relative(root, file.name) }));
  return { files, brokeOff: status !== 0 && !files.some(hasFailed) };
}

const hasFailed = (file: FileResult): boolean => file.status === "failed";
const failuresOf = (file: FileResult) => file.assertionResults.filter((one) => one.status === "failed");
const firstLine = (text: string | undefined): string => text?.split("\n", 1).join() ?? "";

/** What failed in a file and why, a line each. */
function told(file: FileResult): readonly string[] {
  const failures = failuresOf(file);
  if (failures.length === 0) return [`${file.name}: ${firstLine(file.message)}`];
  return failures.map((one) => `${file.name}: ${one.fullName}: ${firstLine(one.failureMessages[0])}`);
}

/** Adds up what files came to. A file without a failed test that failed all the same is one failure: its set-up. */
function count(files: readonly FileResult[]) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const skipped: string[] = [];
  for (const file of files) {
    if (hasFailed(file) && failuresOf(file).length === 0) counts.failed++;
    const left = file.assertionResults.filter(({ status }) => status !== "passed" && status !== "failed");
    counts.passed += file.assertionResults.filter(({ status }) => status === "passed").length;
    counts.failed += failuresOf(file).length;
    counts.skipped += left.length;
    const why = left.at(-1)?.meta?.why ?? (hasFailed(file) ? "their set-up failed" : "marked so in the file");
    if (left.length > 0) skipped.push(`skipped ${left.length} of ${file.name}: ${why}`);
  }
  return { counts, skipped };
}

if (spawnSync("npm", ["run", "--silent", "build"], { cwd: root, env, stdio: "inherit" }).status !== 0) {
  process.stderr.write("the program does not build\n");
  process.exit(1);
}

/** What hosts are made of, before a test needs them. What cannot be built is told again by the tests that need it. */
function prepareHosts(): void {
  if (chosen.length > 0 || labObstacle() !== undefined) return;
  spawnSync("npx", ["tsx", "test/lab/prepare.ts"], { cwd: root, env, stdio: "inherit" });
}

/** A phase that ended badly without a failed test, by a worker that was stalled for too long, say, is run once more. */
function phase({ projects, workers }: (typeof phases)[number], outputFile: string): Run {
  if (projects.includes("lab")) prepareHosts();
  const first = vitest(projects, workers, chosen, outputFile);
  if (!first.brokeOff || !tryAgain) return first;
  process.stdout.write(`broke off without a failed test, once more: ${projects.join(", ")}\n`);
  rmSync(outputFile, { force: true });
  return vitest(projects, workers, chosen, outputFile);
}

const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-test-"));
try {
  const runs = phases.map((one, index) => phase(one, path.join(folder, `${index}.json`)));
  const files = new Map(runs.flatMap((run) => run.files).map((file) => [file.name, file]));
  const failed = [...files.values()].filter(hasFailed);
  const trying = tryAgain && failed.length <= againAtMost ? failed : [];
  if (trying.length > 0) {
    const names = trying.map((file) => file.name);
    process.stdout.write(`once more, alone: ${names.join(", ")}\n`);
    const projects = phases.flatMap((one) => one.projects);
    const second = vitest(projects, "1", names, path.join(folder, "again.json"));
    for (const file of second.files) files.set(file.name, file);
    runs.push(second);
  }
  const { counts, skipped } = count([...files.values()]);
  counts.failed += runs.filter((run) => run.brokeOff).length;
  for (const file of trying.filter(({ name }) => files.get(name)?.status === "passed"))
    for (const line of told(file)) process.stdout.write(`passed at the second try: ${line}\n`);
  for (const line of skipped) process.stdout.write(`${line}\n`);
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  process.exitCode = counts.failed > 0 || (inCi && counts.skipped > 0) ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
