import { defineConfig } from "vitest/config";

/**
 * One project a folder of test/, so that each can be run by itself: `npx vitest run --project unit`. Limits are for what
 * hangs; a test that waits for a condition says itself how long.
 */
const project = (name: string, seconds: { test: number; hook: number }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: seconds.test * 1000,
    hookTimeout: seconds.hook * 1000,
    expect: { poll: { timeout: 30_000 } },
  },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", { test: 60, hook: 60 }),
      project("ui", { test: 180, hook: 60 }),
      project("contract", { test: 600, hook: 1200 }),
      project("lab", { test: 900, hook: 1200 }),
      project("e2e", { test: 240, hook: 120 }),
    ],
  },
});
