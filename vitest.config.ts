import { defineConfig } from "vitest/config";

/** One project a folder of test/, so that each can be run by itself: `npx vitest run --project unit`. */
const project = (name: string, seconds: number, workers?: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.{ts,tsx}`],
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    ...(workers === undefined ? {} : { maxWorkers: workers }),
  },
});

export default defineConfig({
  test: {
    projects: [
      project("unit", 20),
      project("ui", 30),
      project("contract", 300),
      project("lab", 600),
      project("e2e", 60),
    ],
  },
});
