import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";

const bin = path.resolve(import.meta.dirname, "../../bin/ovl-tui.js");

let terminal: Terminal | undefined;
afterEach(() => terminal?.close());

/** The built program's demo, in a terminal of its own. */
async function demo(columns = 80, rows = 24, ...nodeFlags: string[]): Promise<Terminal> {
  terminal = new Terminal([process.execPath, ...nodeFlags, bin, "demo"], { columns, rows });
  await terminal.shows(/3\/3 nodes live/);
  return terminal;
}

/** Leaves what is open. The next key waits for that: esc and a key in one chunk are one key, alt and that key. */
const back = async (at: Terminal, open: RegExp): Promise<void> => {
  await at.shows(open);
  at.press(keys.escape);
  await at.hides(open);
};

/** A shell at whose prompt the program is started, as a person does. */
async function shell(): Promise<Terminal> {
  terminal = new Terminal(["bash", "--norc", "-i"], { columns: 80, rows: 24, env: { PS1: "prompt> ", HISTFILE: "" } });
  await terminal.shows(/prompt>/);
  terminal.press(`'${process.execPath}' '${bin}' demo; echo "ended with $?"\r`);
  await terminal.shows(/DEMO/);
  return terminal;
}

/** Nothing of the screen is left: the shell's text is back, keys echo, the cursor shows, paste is plain. */
async function terminalIsClean(at: Terminal): Promise<void> {
  expect(at.alternate).toBe(false);
  expect(at.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(at.raw.lastIndexOf("\u001b[?25l"));
  at.press(
    "stty -a | tr ';' '\\n' | grep -E -o -- '-?(icanon|echo|isig|ixon|icrnl|opost)\\b' | sort | tr '\\n' ' '; echo SETTINGS\r",
  );
  await at.shows(/echo icanon icrnl isig ixon opost SETTINGS/);
}

describe("the terminal is as it was", () => {
  test("after q", async () => {
    const at = await shell();
    at.press("q");
    await at.shows(/ended with 0/);
    await terminalIsClean(at);
  });

  test("after ctrl-c", async () => {
    const at = await shell();
    at.press(keys.ctrlC);
    await at.shows(/ended with 0/);
    await terminalIsClean(at);
  });

  test("while it is suspended with ctrl-z, and fg brings the screen back", async () => {
    const at = await shell();
    at.press(keys.ctrlZ);
    await at.shows(/Stopped/);
    await terminalIsClean(at);
    at.press("fg\r");
    await at.shows(/DEMO/);
    await at.shows(/1 Nodes/);
    expect(at.alternate).toBe(true);
    at.press("q");
    await at.hides(/DEMO/);
    await terminalIsClean(at);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGHUP", 129],
    ["SIGINT", 130],
  ] as const)("after %s", async (signal, code) => {
    const at = await demo();
    at.signal(signal);
    expect(await at.exits()).toMatchObject({ code });
    expect(at.alternate).toBe(false);
    expect(at.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(at.raw.lastIndexOf("\u001b[?25l"));
  });

  test("after an error that nobody foresaw, which is told in words and not as a trace", async () => {
    const throwing = 'process.on("SIGUSR2", () => { throw new Error("made for a test"); })';
    const at = await demo(80, 24, "--import", `data:text/javascript,${encodeURIComponent(throwing)}`);
    at.signal("SIGUSR2");
    expect(await at.exits()).toMatchObject({ code: 1 });
    expect(at.alternate).toBe(false);
    expect(at.text()).toContain("made for a test");
    expect(at.text()).not.toMatch(/\bat .*:\d+:\d+/);
  });
});

describe("at 80x24", () => {
  test("every pane is a key away, and the footer's keys do what they say", async () => {
    const at = await demo();
    for (const [key, pane, heading] of [
      ["2", "Membership", "MEMBER"],
      ["3", "Networks", "NETWORK"],
      ["4", "Containers", "CONTAINER"],
      ["1", "Nodes", "NODE"],
    ] as const) {
      at.press(key);
      await at.shows(new RegExp(`▸${key} ${pane}`));
      await at.shows(new RegExp(`│ ${heading} `));
    }
    at.press(keys.tab);
    await at.shows(/▸2 Membership/);
    at.press("4", keys.enter);
    await back(at, /container /);
    at.press("/", "web-12", keys.enter);
    await back(at, /\/web-12 1 of 25/);
    at.press("?");
    await back(at, / Keys /);
    at.press(":");
    await back(at, / Command /);
    at.press("f");
    await back(at, /[Nn]othing is wrong|no finding/i);
    at.press(keys.ctrlR);
    await at.shows(/ RO\b/);
    at.press(keys.ctrlR);
    await at.shows(/ RW\b/);
  });

  test("keys that come in one chunk are taken one by one", async () => {
    const at = await demo(80, 24);
    at.press("4jj", keys.enter);
    await at.shows(/container /);
    await back(at, /container web-1 /);
  });
});

test("a terminal that shrinks below 80x24 gets a sentence, and the panes again when it grows", async () => {
  const at = await demo(120, 40);
  at.resize(60, 15);
  await at.shows(/80/);
  expect(at.text()).not.toMatch(/│ NODE/);
  at.resize(200, 50);
  await at.shows(/▸1 Nodes/);
  await at.shows(/4 Containers/);
  expect(at.lines().every((line) => line.length <= 200)).toBe(true);
});
