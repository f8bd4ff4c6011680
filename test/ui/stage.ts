/** The program on its demo, as a process of its own: `stage.ts` alone, or with a defect that it meets at SIGUSR2. */
import { run } from "../../src/cli/main.ts";

const defect = process.argv[2];
// Not `once`: Ink's signal-exit ends a program with a signal that nobody else listens to any more.
if (defect === "throws") {
  process.on("SIGUSR2", () => {
    throw new Error("a defect made for this test");
  });
}
if (defect === "rejects") {
  process.on("SIGUSR2", () => void Promise.reject(new Error("a defect made for this test")));
}

process.exitCode = await run(["demo", "--nodes", "2"]);
