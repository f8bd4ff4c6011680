import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { positional, shellFor } from "../../src/adapters/ssh/script.ts";
import { rootCommand, sudoWords } from "../../src/adapters/ssh/sudo.ts";

/** What /bin/sh takes "$1", "$2", … to be, bytes of 0x1e between them. */
function arguments_(args: readonly string[]): string[] {
  const script = `${positional(args)}for one; do printf '%s\\036' "$one"; done`;
  const { stdout, status } = spawnSync("/bin/sh", ["-s"], { input: script });
  expect(status).toBe(0);
  return stdout.toString("utf8").split("\u001e").slice(0, -1);
}

describe("the arguments of a script", () => {
  test("are what they were, whatever a shell might read into them", () => {
    const hostile = [
      "",
      "'",
      "''",
      "$(id)",
      "`id`",
      "a\nb",
      "\\",
      "-n",
      "--",
      "*",
      "~",
      "!!",
      "é漢",
      "a'b\"c$d",
      ";",
      "\r",
    ];
    expect(arguments_(hostile)).toEqual(hostile);
  });

  test("of any kind come through", () => {
    const word = fc
      .string({ unit: "grapheme", maxLength: 30 })
      .filter((one) => !/[\0\u001e]/.test(one) && one.isWellFormed());
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (args) => {
        expect(arguments_(args)).toEqual(args);
      }),
      { numRuns: 40 },
    );
  });

  test("hold no NUL, which no shell can carry", () => {
    expect(() => positional(["a\0b"])).toThrow("NUL");
  });
});

describe("the shell of a script", () => {
  /** What a script prints where timeout(1) is this program, or none. */
  const ran = (timeout: string | undefined, script: string) => {
    const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-timeout-"));
    const programs = { true: "exit 0", ...(timeout === undefined ? {} : { timeout }) };
    for (const [name, does] of Object.entries(programs))
      writeFileSync(path.join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
    const env = { PATH: folder };
    const { stdout, stderr, status } = spawnSync("/bin/sh", ["-c", shellFor(1000)], { input: `${script}\n`, env });
    return { stdout: stdout.toString(), stderr: stderr.toString(), status };
  };

  test.each([
    ["timeout(1) of busybox before 1.34, which knows no -k", `echo "timeout: unrecognized option: k" >&2; exit 1`],
    ["no timeout(1)", undefined],
  ])("runs it where there is %s", (_, timeout) => {
    expect(ran(timeout, "echo here")).toEqual({ stdout: "here\n", stderr: "", status: 0 });
  });

  test("is ended by timeout(1) where that can kill", () => {
    const counts = `[ "$1 $2" = "-k 5" ] && echo "ends after $3 s"; shift 3; exec "$@"`;
    expect(ran(counts, "echo here").stdout).toBe("ends after 2 s\nhere\n");
  });
});

describe("a command as root", () => {
  test("needs no sudo where the login is root's", () => {
    expect(rootCommand("root already", "docker ps")).toEqual({ line: "exec docker ps", passing: undefined });
  });

  test("is not kept waiting for a password where sudo wants none", () => {
    expect(rootCommand({ password: undefined }, "docker ps").line).toBe("exec env LC_ALL=C sudo -n -- docker ps");
  });

  test("has its password nowhere in the command line, and asks with a word that nobody can guess", () => {
    const one = rootCommand({ password: "secret" }, "docker ps");
    const two = rootCommand({ password: "secret" }, "docker ps");
    expect(one.line).not.toContain("secret");
    expect(one.line).toContain(`-p ${one.passing?.prompt}`);
    expect(one.passing?.prompt).toMatch(/^ask-[0-9a-f]{24}$/);
    expect(one.passing?.prompt).not.toBe(two.passing?.prompt);
  });

  test("says that it runs before it does, and keeps its words apart", () => {
    const { line, passing } = rootCommand({ password: "secret" }, "/bin/sh -c 'printf %s \"$1\"' sh 20");
    const asIf = line.replace(/^exec env LC_ALL=C sudo .*? -- /, "");
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", asIf]);
    expect(stderr.toString()).toBe(passing?.go);
    expect(stdout.toString()).toBe("20");
  });
});

describe("what sudo said", () => {
  const said = (stderr: string) => sudoWords({ code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(stderr) });

  test.each([
    ["sudo: a password is required\n", "a password is required"],
    ["sudo-rs: interactive authentication is required\n", "interactive authentication is required"],
    [
      "\nWe trust you have received the usual lecture.\n\nask-0123abcdsudo: no password was provided\n",
      "no password was provided",
    ],
    ["ask-0123abcdoperator is not in the sudoers file.\n", "operator is not in the sudoers file."],
    [
      "[sudo: ask-0123abcd] Password: sudo: 1 incorrect password attempt\n",
      "] Password: sudo: 1 incorrect password attempt",
    ],
    ["", "it ended with code 1"],
  ])("of %j is %j", (stderr, words) => {
    expect(said(stderr)).toBe(words);
  });
});
