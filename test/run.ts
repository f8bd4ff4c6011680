/**
 * `npm test [VITEST ARGUMENTS…]`: builds the program, runs every test that this machine can run and closes with what it
 * skipped and why, and one line of counts. In CI a lab that cannot run is a failure.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";

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

/**
 * Screens and rules first, alone: real hosts beside them would only make them slow. A test on real hosts that fails is
 * tried once more, since a busy machine stalls engines and stores for seconds; what needed that is told at the end.
 */
const phases = [
  { projects: ["unit", "ui", "e2e"], workers: "2", retries: "0" },
  { projects: ["contract", "lab"], workers: filesWithHosts(), retries: "1" },
];

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
          /** Of a test that passed: of its earlier tries. */
          failureMessages: z.array(z.string()),
          meta: z.object({ why: z.string().optional() }).optional(),
        }),
      ),
    }),
  ),
});

const root = path.resolve(import.meta.dirname, "..");
const inCi = !["", "0", "false", undefined].includes(process.env.CI);
const env = {
  ...process.env,
  // Ink takes any CI for a place without a terminal; our terminals are emulated and real to it.
  CI: "false",
  ...(inCi ? { OVL_LAB_REQUIRED: "1" } : {}),
};

const counts = { passed: 0, failed: 0, skipped: 0 };
const triedAgain: string[] = [];
const skipped = new Map<string, { count: number; why: string }>();

function npx(...words: string[]): number {
  return spawnSync("npx", words, { cwd: root, env, stdio: "inherit" }).status ?? 1;
}

function runPhase({ projects, workers, retries }: (typeof phases)[number], outputFile: string): void {
  const chosen = projects.flatMap((name) => ["--project", name]);
  const code = npx(
    "vitest",
    "run",
    ...chosen,
    `--maxWorkers=${workers}`,
    `--retry=${retries}`,
    "--passWithNoTests",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${outputFile}`,
    ...process.argv.slice(2),
  );
  const before = counts.failed;
  for (const file of report.parse(JSON.parse(readFileSync(outputFile, "utf8"))).testResults) {
    const name = path.relative(root, file.name);
    if (file.status === "failed" && file.assertionResults.every((one) => one.status !== "failed")) counts.failed++;
    for (const one of file.assertionResults) {
      if (one.status === "passed") {
        counts.passed++;
        const [first] = one.failureMessages;
        if (first !== undefined) triedAgain.push(`${name}: ${one.fullName}: ${first.split("\n", 1).join()}`);
      } else if (one.status === "failed") counts.failed++;
      else {
        counts.skipped++;
        const unreached = file.status === "failed" ? "their set-up failed" : "marked so in the file";
        const why = one.meta?.why ?? unreached;
        skipped.set(name, { count: (skipped.get(name)?.count ?? 0) + 1, why });
      }
    }
  }
  // A run that ends badly without a failed test (an unhandled error, a hook) is a failure all the same.
  if (code !== 0 && counts.failed === before) counts.failed++;
}

if (spawnSync("npm", ["run", "--silent", "build"], { cwd: root, env, stdio: "inherit" }).status !== 0) {
  process.stderr.write("the program does not build\n");
  process.exit(1);
}
const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-test-"));
try {
  for (const [index, phase] of phases.entries()) runPhase(phase, path.join(folder, `${index}.json`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const one of triedAgain) process.stdout.write(`passed at the second try: ${one}\n`);
for (const [name, { count, why }] of skipped) process.stdout.write(`skipped ${count} of ${name}: ${why}\n`);
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exitCode = counts.failed > 0 || (inCi && counts.skipped > 0) ? 1 : 0;
