import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type SpecFile, saveSpec } from "../../src/cli/set-up.ts";

vi.mock("node:fs/promises", async (actual) => {
  const real = await actual<typeof import("node:fs/promises")>();
  return { ...real, rename: vi.fn(real.rename) };
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-set-up-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const fileOf = (content: string | undefined): SpecFile => ({
  path: path.join(folder, "ovl.yaml"),
  content,
  kept: "on disk",
});

test("a file that could not be put in its place once leaves nothing beside it, and is written the next time", async () => {
  const file = fileOf(undefined);
  vi.mocked(rename).mockRejectedValueOnce(new Error("ENOSPC: no space left on device, rename"));
  expect(await saveSpec(file, "version: 1\n")).toMatchObject({
    ok: false,
    trouble: { detail: expect.stringContaining("ovl.yaml cannot be written: ENOSPC") },
  });
  expect(readdirSync(folder)).toEqual([]);
  expect(await saveSpec(file, "version: 1\n")).toMatchObject({ ok: true });
  expect(readdirSync(folder)).toEqual(["ovl.yaml"]);
});

test("a file keeps the permissions that its owner gave it", async () => {
  const file = fileOf("old\n");
  writeFileSync(file.path, "old\n", { mode: 0o640 });
  expect(await saveSpec(file, "new\n")).toMatchObject({ ok: true });
  expect(readFileSync(file.path, "utf8")).toBe("new\n");
  expect((statSync(file.path).mode & 0o777).toString(8)).toBe("640");
});
