/** The program on its demo, as a process of its own: `stage.ts` alone, or with a defect some time after its start. */
import { run } from "../../src/cli/main.ts";

const defect = process.argv[2];
const afterMs = 1500;
if (defect === "throws") {
  setTimeout(() => {
    throw new Error("a defect made for this test");
  }, afterMs);
}
if (defect === "rejects") setTimeout(() => void Promise.reject(new Error("a defect made for this test")), afterMs);

process.exitCode = await run(["demo", "--nodes", "2"]);
