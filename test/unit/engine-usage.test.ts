import { describe, expect, test } from "vitest";
import { parseUsage } from "../../src/adapters/engine/usage.ts";
import { text } from "../../src/domain/text.ts";

const now = Date.UTC(2026, 10, 23, 14, 37, 3);

describe("use of CPU and memory, as `docker stats` shows it", () => {
  const cpu = (total: number, system: number) => ({
    cpu_usage: { total_usage: total },
    system_cpu_usage: system,
    online_cpus: 2,
  });
  const usage = (document: object) => {
    const parsed = parseUsage(JSON.stringify(document), text`node103: GET /test`, now);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.trouble));
    return parsed.value;
  };

  test("half of both cores is 100 percent", () => {
    const stats = { cpu_stats: cpu(2_000_000, 14_000_000), precpu_stats: cpu(1_000_000, 12_000_000) };
    expect(usage(stats).cpuPercent).toBe(100);
  });

  test("the first sample has nothing to be compared with", () => {
    const first = { cpu_usage: { total_usage: 0 }, throttling_data: {} };
    expect(usage({ cpu_stats: cpu(1, 2), precpu_stats: first }).cpuPercent).toBeUndefined();
  });

  test("an engine that does not count the cores online lists them", () => {
    const stats = {
      cpu_stats: { cpu_usage: { total_usage: 2, percpu_usage: [1, 1, 0, 0] }, system_cpu_usage: 14 },
      precpu_stats: { cpu_usage: { total_usage: 1 }, system_cpu_usage: 12 },
    };
    expect(usage(stats).cpuPercent).toBe(200);
  });

  test("memory counts without the file cache, by either generation of cgroups", () => {
    const memory = (stats: object) => usage({ memory_stats: { usage: 1000, limit: 4000, stats } });
    expect(memory({ total_inactive_file: 300, inactive_file: 1 })).toMatchObject({
      memoryBytes: 700,
      memoryLimitBytes: 4000,
    });
    expect(memory({ inactive_file: 400 }).memoryBytes).toBe(600);
    expect(memory({}).memoryBytes).toBe(1000);
  });

  test("a container that does not run uses nothing", () => {
    const idle = usage({ read: "0001-01-01T00:00:00Z", cpu_stats: {}, precpu_stats: {}, memory_stats: {} });
    expect(idle).toEqual({ at: now, cpuPercent: undefined, memoryBytes: 0, memoryLimitBytes: undefined });
  });
});
