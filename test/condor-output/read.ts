import { readFileSync } from "node:fs";
import path from "node:path";

/** What HTCondor 23.9.6 printed in a pool of two containers with one running and two held jobs. */
export const condorOutput = (name: "status" | "queue" | "printed" | "history" | "held"): string =>
  readFileSync(path.join(import.meta.dirname, `${name}.txt`), "utf8");
