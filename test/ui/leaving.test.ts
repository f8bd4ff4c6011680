import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";

const stage = path.join(import.meta.dirname, "stage.ts");
const tsx = import.meta.resolve("tsx");
/** Node itself and no runner in front: a signal goes to the program. */
const program = [process.execPath, "--import", tsx, stage];
const size = { columns: 100, rows: 30, env: { NODE_ENV: "production", PS1: "shell$ " } };

const open: Terminal[] = [];
function terminal(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  const one = new Terminal(argv, { ...size, env: { ...size.env, ...env } });
  open.push(one);
  return one;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const shown = /2\/2 nodes live/;

/** Modes that the program turns on are off: alternate screen, bracketed paste, hidden cursor. */
function expectClean(one: Terminal): void {
  expect(one.alternate).toBe(false);
  for (const mode of ["1049", "2004"]) {
    expect(one.raw.lastIndexOf(`\u001B[?${mode}l`)).toBeGreaterThan(one.raw.lastIndexOf(`\u001B[?${mode}h`));
  }
  expect(one.raw.lastIndexOf("\u001B[?25h")).toBeGreaterThan(one.raw.lastIndexOf("\u001B[?25l"));
  expect(one.text()).not.toContain("Membership");
}

describe("the terminal is as it was before", () => {
  test("after q, and the exit code is 0", async () => {
    const one = terminal(program);
    await one.shows(shown);
    one.press("q");
    expect(await one.exits()).toMatchObject({ code: 0 });
    expectClean(one);
    expect(one.text().trim()).toBe("");
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ])("after %s, and the exit code tells which", async (signal, code) => {
    const one = terminal(program);
    await one.shows(shown);
    one.signal(signal);
    expect(await one.exits()).toMatchObject({ code });
    expectClean(one);
  });

  test.each(["throws", "rejects"])("after the program %s: one line says so, no trace, exit code 1", async (defect) => {
    const one = terminal([...program, defect]);
    await one.shows(shown);
    one.signal("SIGUSR2");
    expect(await one.exits()).toMatchObject({ code: 1 });
    expectClean(one);
    expect(one.text()).toContain("a defect made for this test");
    expect(one.text()).not.toMatch(/\bat .*:\d+:\d+/);
  });

  test("with the trace for who asks for it", async () => {
    const one = terminal([...program, "throws"], { OVL_TUI_DEBUG: "1" });
    await one.shows(shown);
    one.signal("SIGUSR2");
    await one.exits();
    expectClean(one);
    expect(one.text()).toMatch(/\bat .*stage\.ts:\d+/);
  });

  test("during ctrl-z: the shell has the keys, fg brings the screen back, and q still leaves cleanly", async () => {
    // Without readline, which has modes of its own.
    const one = terminal(["bash", "--norc", "--noediting", "-i"]);
    await one.shows(/shell\$/);
    one.press(`${program.join(" ")}\r`);
    await one.shows(shown);
    one.press(keys.ctrlZ);
    await one.shows(/Stopped/);
    expectClean(one);
    one.press("echo $((6 * 7)) is what the shell says\r");
    await one.shows(/42 is what the shell says/);
    one.press("fg\r");
    await one.shows(shown);
    one.press("2");
    await one.shows(/▸2 Membership/);
    one.press("q");
    await one.shows(/shell\$ fg[^$]*shell\$/);
    one.press("stty -a | grep -ow -e -icanon -e icanon -e -echo -e echo\r");
    await one.shows(/^icanon\necho$/m);
    expectClean(one);
  });

  test("and where no shell waits, ctrl-z comes back by itself", async () => {
    const one = terminal(program);
    await one.shows(shown);
    const entered = () => one.raw.split("\u001B[?1049h").length - 1;
    const before = entered();
    one.press(keys.ctrlZ);
    await expect.poll(entered).toBeGreaterThan(before);
    one.press("3");
    await one.shows(/▸3 Networks/);
    one.press("q");
    expect(await one.exits()).toMatchObject({ code: 0 });
  });
});
