import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isAlive, operatorName, thisRun } from "../../src/adapters/operator/operator.ts";
import { text } from "../../src/domain/text.ts";

test("a run is named by who started it and where, and no two have one name", () => {
  const [one, two] = [thisRun(text`apply`), thisRun(text`apply`)];
  expect(one).toMatchObject({ pid: process.pid, doing: "apply", operator: operatorName() });
  expect(one.operator).toMatch(/^[^@]+@[^@]+$/);
  expect(operatorName({ SUDO_USER: "ops" })).toMatch(/^ops@/);
  expect(one.run).not.toBe(two.run);
  expect(one.machine).toBe(two.machine);
});

test("this run is alive; one on another machine is anybody's guess", () => {
  const run = thisRun(text`apply`);
  expect(isAlive(run)).toBe(true);
  expect(isAlive({ ...run, machine: "another" })).toBeUndefined();
});

test("a run whose process has ended is not alive, and neither is one whose number went to another process", async () => {
  const run = thisRun(text`apply`);
  const child = spawn(process.execPath, ["-e", ""], { stdio: "ignore" });
  await once(child, "exit");
  expect(isAlive({ ...run, pid: child.pid ?? 0 })).toBe(false);
  expect(isAlive({ ...run, pid: process.ppid })).toBe(false);
});
