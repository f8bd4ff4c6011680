import { expect, test } from "vitest";
import { loadIn } from "../../src/adapters/host/load.ts";
import { good } from "../../src/domain/trouble.ts";

test("a machine's load is what the kernel says of the last minute, its memory what programs could still have", () => {
  expect(loadIn("0.42 0.31 0.28 2/381 5120\n", "MemAvailable:    7340032 kB\n")).toEqual(
    good({ oneMinute: 0.42, availableBytes: 7_340_032 * 1024 }),
  );
});

test("of a kernel that does not tell what is available only the load is known", () => {
  expect(loadIn("12.00 9.5 3.0 1/99 7\n", "")).toEqual(good({ oneMinute: 12, availableBytes: undefined }));
});

test("what is no load is told as it came", () => {
  expect(loadIn("cat: /proc/loadavg: Permission denied", "")).toMatchObject({
    ok: false,
    trouble: { kind: "bad-answer", from: "/proc/loadavg" },
  });
});
