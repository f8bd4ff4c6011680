import { z } from "zod";
import type { Usage } from "../../domain/engine.ts";
import type { SafeText } from "../../domain/text.ts";
import type { Instant } from "../../domain/time.ts";
import { good, type Outcome } from "../../domain/trouble.ts";
import { count, list, map, parseAnswer, parseJson } from "../answer.ts";

const cpu = z
  .object({
    cpu_usage: z.object({ total_usage: count, percpu_usage: list(z.number()) }).nullish(),
    system_cpu_usage: count,
    online_cpus: count,
  })
  .nullish();

/** A line of `GET /containers/ID/stats` (Docker Engine API, ContainerStatsResponse). */
const answer = z.object({
  cpu_stats: cpu,
  /** The sample before; zeros in the first one. */
  precpu_stats: cpu,
  memory_stats: z.object({ usage: count, limit: count, stats: map(count) }).nullish(),
});
export type Cpu = z.output<typeof cpu>;

/** One line of a container's statistics, seen at `now`. Both figures as `docker stats` shows them. */
export function parseUsage(line: string, from: SafeText, now: Instant): Outcome<Usage> {
  const json = parseJson(line, from);
  if (!json.ok) return json;
  const read = readUsage(json.value, from, now);
  return read.ok ? good(read.value.usage) : read;
}

/** The same of a parsed document; `before` stands in where the engine took no sample before (`one-shot`). */
export function readUsage(
  raw: unknown,
  from: SafeText,
  now: Instant,
  before?: Cpu,
): Outcome<{ usage: Usage; cpu: Cpu }> {
  const parsed = parseAnswer(answer, raw, from);
  if (!parsed.ok) return parsed;
  const { cpu_stats, precpu_stats, memory_stats } = parsed.value;
  const limit = memory_stats?.limit ?? 0;
  const usage = {
    at: now,
    cpuPercent: cpuPercent(cpu_stats, precpu_stats) ?? cpuPercent(cpu_stats, before),
    memoryBytes: memory_stats == null ? 0 : withoutCache(memory_stats),
    memoryLimitBytes: limit > 0 ? limit : undefined,
  };
  return good({ usage, cpu: cpu_stats });
}

/** docker/cli cli/command/container/stats_helpers.go, calculateCPUPercentUnix. Undefined without a sample before. */
function cpuPercent(now: Cpu, before: Cpu): number | undefined {
  if (now == null || before == null || before.system_cpu_usage === 0) return undefined;
  const used = (now.cpu_usage?.total_usage ?? 0) - (before.cpu_usage?.total_usage ?? 0);
  const passed = now.system_cpu_usage - before.system_cpu_usage;
  if (passed <= 0 || used <= 0) return 0;
  const cpus = now.online_cpus > 0 ? now.online_cpus : (now.cpu_usage?.percpu_usage.length ?? 0);
  return (used / passed) * cpus * 100;
}

/** docker/cli stats_helpers.go, calculateMemUsageUnixNoCache: cgroup v1 has total_inactive_file, v2 inactive_file. */
function withoutCache(memory: { usage: number; stats: ReadonlyMap<string, number> }): number {
  const cache = memory.stats.get("total_inactive_file") ?? memory.stats.get("inactive_file") ?? 0;
  return cache < memory.usage ? memory.usage - cache : memory.usage;
}
