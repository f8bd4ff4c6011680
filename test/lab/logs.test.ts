import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";
import type { Flavour } from "./recipe.ts";

/** Counts on stdout, and every tenth on stderr. */
const talk = "i=0; while :; do i=$((i+1)); echo line $i; [ $((i % 10)) -ne 0 ] || echo tenth $i >&2; sleep 0.1; done";
const hostile =
  "printf '\\033[2J\\033[H\\033[31mFAKE OK\\033[0m\\033]0;PWNED\\007\\033[?1049l\\n'; echo after it; exec sleep 9999";

const flavours: readonly (readonly [Flavour, string])[] = [
  ["classic", "log-classic"],
  ["swarm", "log-swarm"],
];

for (const [flavour, name] of flavours) {
  onRealHosts(`logs at 80x24, ${flavour}`, () => {
    const folder = mkdtempSync(path.join(tmpdir(), "ovl-tui-logs-"));
    let lab: Lab;
    let screen: Terminal;

    const run = (node: string, container: string, script: string, ...options: string[]) =>
      lab
        .node(node)
        .docker("run", "-d", "--init", "--name", container, ...options, "big_computing", "sh", "-c", script);
    /** The logs of the containers that the filter leaves, all of them marked. */
    async function open(filter: string, count: number): Promise<void> {
      screen.press("4", "/", "\x15", filter, keys.enter);
      await screen.shows(new RegExp(`/${filter} ${count} of`));
      screen.press("*");
      await screen.shows(new RegExp(`•${count} marked`));
      screen.press("l");
      await screen.shows(/ logs +(?:following|paused)/);
    }
    async function back(): Promise<void> {
      screen.press(keys.escape);
      await screen.shows(/4 Containers/);
      screen.press("*");
      await screen.hides(/marked/);
    }
    /** The number of the newest line on the screen. */
    const newest = (): number => Number(/line (\d+)(?![\s\S]*line \d)/.exec(screen.text())?.[1] ?? "0");
    /** What is kept, saved to a file by keys. */
    async function saved(file: string): Promise<string> {
      const where = path.join(folder, file);
      screen.press("s");
      await screen.shows(/save to/);
      screen.press("\x15", where, keys.enter);
      await screen.shows(/lines are in/);
      expect(statSync(where).mode & 0o777).toBe(0o600);
      return readFileSync(where, "utf8");
    }

    beforeAll(async () => {
      lab = await Lab.up({ name, flavour });
      await Promise.all([
        run("node104", "talker-far", talk, "--network", "ov_net1"),
        run("node103", "talker-near", talk, "-t"),
        run("node104", "forger", hostile),
      ]);
      screen = openScreen(lab, { columns: 80, rows: 24 });
      await screen.shows(/2\/2 nodes live/);
    });
    afterAll(async () => {
      await screen?.close();
      rmSync(folder, { recursive: true, force: true });
      await lab?.down();
    });

    test("a container's output is followed; what came on standard error is marked", async () => {
      await open("talker-far", 1);
      await screen.shows(/│ \d\d:\d\d:\d\d\.\d{3} {3}line \d+/);
      await screen.shows(/│ \d\d:\d\d:\d\d\.\d{3} ! tenth \d+/);
      const before = newest();
      await until("newer lines", 180, () => newest() > before + 5);
      await back();
    });

    test("several are merged by time with their names; a pause stands still while lines come", async () => {
      await open("talker-", 2);
      await screen.shows(/talker-far .*line[\s\S]*talker-near .*line|talker-near .*line[\s\S]*talker-far .*line/);
      screen.press(" ");
      await screen.shows(/logs +paused/);
      const stood = screen.lines().slice(2, -4);
      await screen.shows(/[1-9]\d* more below/);
      expect(screen.lines().slice(2, -4)).toEqual(stood);
      const lines = (await saved("both.log")).trim().split("\n");
      const times = lines.map((line) => line.slice(0, 30));
      expect(times).toEqual([...times].sort());
      expect(new Set(lines.map((line) => line.split(" ")[1]))).toEqual(new Set(["talker-far", "talker-near"]));
      await back();
    });

    test("words are searched upwards, and only the lines that match are shown when asked for", async () => {
      await open("talker-far", 1);
      await screen.shows(/tenth \d+/);
      const number = /tenth (\d+)/.exec(screen.text())?.[1] ?? expect.fail(screen.text());
      screen.press("/", `TENTH ${number}`, keys.enter);
      await screen.shows(new RegExp(`searched: TENTH ${number}`));
      await screen.shows(new RegExp(`┐\\s*\\n│ \\S+ ! tenth ${number}`));
      screen.press("/", "tenth", keys.enter);
      await screen.shows(/searched: tenth/);
      screen.press("f", "G");
      await screen.hides(/ line \d/);
      await screen.shows(/tenth \d+/);
      screen.press("f");
      await back();
    });

    test("what is saved overwrites nothing", async () => {
      const mine = path.join(folder, "mine.log");
      writeFileSync(mine, "mine");
      await open("talker-far", 1);
      screen.press("s");
      await screen.shows(/save to/);
      screen.press("\x15", mine, keys.enter);
      await screen.shows(/is there already/);
      expect(readFileSync(mine, "utf8")).toBe("mine");
      await back();
    });

    test("a connection that breaks costs no line and doubles none", async () => {
      await open("talker-far", 1);
      await screen.shows(/ line \d+/);
      await lab.node("node104").stopSshd();
      await screen.shows(/logs +following +waiting/);
      await lab.node("node104").startSshd();
      await screen.hides(/waiting/, 120);
      await until("lines after the break", 180, async () => {
        const before = screen.text();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return screen.text() !== before;
      });
      const content = await saved("broken.log");
      const numbers = [...content.matchAll(/ line (\d+)$/gm)].map(([, number]) => Number(number));
      const [first = 0] = numbers;
      expect(numbers).toEqual(numbers.map((_, index) => first + index));
      await back();
    });

    test("lines with escape sequences move no cursor, colour nothing, and set no title", async () => {
      await open("forger", 1);
      await screen.shows(/FAKE OK/);
      await screen.shows(/after it/);
      expect(screen.text()).toContain("┌ forger on node104");
      expect(screen.alternate).toBe(true);
      expect(screen.raw).not.toContain("PWNED\u0007");
      await back();
    });

    test("the end of a container is told, and it is followed again when it runs", async () => {
      await open("talker-far", 1);
      await screen.shows(/line \d+/);
      const before = newest();
      await lab.node("node104").docker("stop", "-t", "1", "talker-far");
      await screen.shows(/does not run; it is followed again when it does/);
      await lab.node("node104").docker("start", "talker-far");
      await screen.shows(/logs +following *\n/);
      await until("lines that count anew", 180, () => newest() > 0 && newest() < before);
      await back();
    });

    test("the engine's own journal is read", async () => {
      screen.press("1", "j", "l");
      await screen.shows(/journalctl -u docker on node104/);
      await screen.shows(/level=|dockerd/);
      await lab.node("node104").must("systemctl kill -s HUP docker");
      await screen.shows(/reload|SIGHUP|hang ?up/i);
      screen.press(keys.escape);
      await screen.shows(/1 Nodes/);
    });
  });
}
