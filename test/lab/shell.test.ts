import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen, program } from "./on-screen.ts";

const detach = "\x1c";
const size = { columns: 100, rows: 30 };

/** What a program may do to a terminal and leave behind, the title and a question for it included. */
const spoilt = String.raw`\033[?1049h\033[?1000h\033[?1006h\033[?2004h\033[?1004h\033[?1h\033=\033[4h\033[?6h\033[5;10r\033[?7l\033[?25l\033(0\033[31;7m\033[3g\033]0;:quit y\007\033[21t\033[c\033[6n\033]11;?\007\033P`;

onRealHosts("shells on real hosts", () => {
  describe.each([
    { name: "shell", flavour: "classic" },
    { name: "shell-swarm", flavour: "swarm" },
  ] as const)("of the flavour $flavour", ({ name, flavour }) => {
    const state = mkdtempSync(path.join(tmpdir(), "ovl-tui-shell-"));
    const env = { XDG_STATE_HOME: state };
    let lab: Lab;
    let screen: Terminal;

    const node104 = () => lab.node("node104");
    const argv = (...words: readonly string[]) =>
      lab.inSwitch([...program, "exec", "--config", lab.configFile, ...words]);
    const exec = (words: readonly string[], input: string | Buffer = "") => piped(argv(...words), input, env);

    beforeAll(async () => {
      lab = await Lab.up({ name, flavour });
      await lab.load("vim", ["node104"]);
      const far = ["--name", "far", "--hostname", "far", "--network", "ov_net1"];
      await node104().docker("run", "-d", ...far, "big_computing", "sleep", "100000");
      await node104().docker("run", "-d", "--name", "editor", "vim", "sleep", "100000");
      await node104().docker("run", "-d", "--name", "shell-less", "--network", "ov_net1", "busybox", "sleep", "100000");
      await node104().must("docker exec shell-less /bin/busybox rm /bin/sh /bin/ash");
      for (const node of ["node103", "node104"]) {
        await lab.node(node).docker("run", "-d", "--name", "twin", "busybox", "sleep", "100000");
      }
      screen = openScreen(lab, { ...size, env, answers: true });
      await screen.shows(/2\/2 nodes live/, 180);
    });

    afterAll(async () => {
      await screen?.close();
      await lab?.down();
      rmSync(state, { recursive: true, force: true });
    });

    // A test that failed in a shell must not type into it for the others.
    afterEach(({ task }) => {
      if (task.result?.state === "fail") screen.press(detach, keys.escape);
    });

    /** Opens a shell on the row of that container. */
    const openOn = async (container: string): Promise<void> => {
      screen.press("4", "/", "\x15", container, keys.enter);
      await screen.shows(new RegExp(`/${container} \\d+ of`));
      screen.press("x");
    };
    /** The prompt of a shell that reads: what shells before it wrote still stands above it. */
    const prompts = (prompt: RegExp): Promise<void> =>
      until("a prompt", 60, async () => !screen.alternate && prompt.test(screen.cursorLine()));
    const shellIn = async (container: string, prompt: RegExp): Promise<void> => {
      await openOn(container);
      await prompts(prompt);
    };
    const panesAreBack = async (footer: RegExp): Promise<void> => {
      await screen.shows(footer);
      await screen.shows(/2\/2 nodes live/);
      expect(screen.alternate).toBe(true);
    };

    test("a command's output, errors and exit code are passed on, whichever node its container is on", async () => {
      expect(await exec(["node1", "--", "sh", "-c", "hostname; echo wrong >&2; exit 7"])).toMatchObject({
        code: 7,
        output: "node1\n",
        errors: "wrong\n",
      });
      expect(await exec(["node2", "--", "cat"], "line\n")).toMatchObject({ code: 0, output: "line\n", errors: "" });
      const id = (await node104().docker("inspect", "-f", "{{.Id}}", "node1")).trim();
      expect(await exec([id.slice(0, 12), "--", "hostname"])).toMatchObject({ code: 0, output: "node1\n" });
      expect((await exec(["node1", "--", "no-such-program"])).code).toSatisfy((code) => code === 126 || code === 127);
      expect(await exec(["node1"], "hostname\nexit 5\n")).toMatchObject({ code: 5, output: "node1\n" });
    });

    test("10 MB through cat come back unchanged, and the end of the input is passed on", async () => {
      const sent = randomBytes(10_000_000);
      const { code, bytes } = await exec(["node1", "--", "cat"], sent);
      expect([code, bytes.length, sha256(bytes)]).toEqual([0, sent.length, sha256(sent)]);
    });

    test("nothing is run where it is not clear where, nor with --read-only", async () => {
      const ambiguous = await exec(["twin", "--", "touch", "/tmp/ran"]);
      expect(ambiguous.code).toBe(2);
      expect(ambiguous.errors).toMatch(/twin \(\w{12}\) on node103.*twin \(\w{12}\) on node104.*--node/);
      expect(await exec(["--node", "node104", "twin", "--", "touch", "/tmp/ran"])).toMatchObject({ code: 0 });
      expect((await lab.node("node103").run("docker exec twin ls /tmp/ran")).code).not.toBe(0);
      expect((await exec(["--read-only", "node1", "--", "touch", "/tmp/ran"])).code).toBe(2);
      expect((await node104().run("docker exec node1 ls /tmp/ran")).code).not.toBe(0);
      expect(await exec(["nobody", "--", "true"])).toMatchObject({ code: 125, output: "" });
    });

    test("on a terminal a shell has the whole of it, and ends with its exit code", async () => {
      const terminal = new Terminal(argv("node1"), { ...size, env, answers: true });
      try {
        await terminal.shows(/root@node1:.*# /);
        terminal.press("tty && hostname\r");
        await terminal.shows(/\/dev\/pts\/\d+\s+node1/);
        terminal.press("exit 9\r");
        expect(await terminal.exits()).toEqual({ code: 9, signal: undefined });
      } finally {
        await terminal.close();
      }
    });

    test("x opens one on the far node: its size follows, ctrl-c is the container's, its exit code is told", async () => {
      await shellIn("far", /root@far:.*#$/);
      // Engines of 2020 tell a terminal its size a little after it was opened.
      const sizeBecomes = (wanted: RegExp) =>
        until("the size", 60, async () => {
          screen.press("stty size\r");
          await new Promise((resolve) => setTimeout(resolve, 100));
          return wanted.test(screen.text());
        });
      await sizeBecomes(/30 100/);
      screen.resize(120, 40);
      await sizeBecomes(/40 120/);
      screen.press("sleep 1000; echo after=$?\r");
      await until("sleep", 60, async () => (await node104().run("pgrep -fx 'sleep 1000'")).code === 0);
      screen.press(keys.ctrlC);
      await until("no sleep", 60, async () => (await node104().run("pgrep -fx 'sleep 1000'")).code !== 0);
      screen.press("exit 3\r");
      await panesAreBack(/shell in far on node104: exit code 3/);
      screen.resize(size.columns, size.rows);
      await screen.shows(/far +node104/);
    });

    test("top and vim work in it", async () => {
      await shellIn("far", /root@far:.*#$/);
      screen.press("top\r");
      await screen.shows(/load average[\s\S]*PID USER[\s\S]*sleep/);
      screen.press("q");
      await prompts(/root@far:.*#$/);
      screen.press("exit\r");
      await panesAreBack(/exit code 0/);

      await shellIn("editor", /@\w{12}:.*#$/);
      screen.press("vim.tiny /written\r");
      await screen.shows(/~\s+~\s+~/);
      screen.press("i", "first", "\r", "second");
      await screen.shows(/first\s+second/);
      screen.press(keys.escape);
      await new Promise((resolve) => setTimeout(resolve, 1100));
      screen.press(":wq\r");
      await prompts(/@\w{12}:.*#$/);
      screen.press("exit\r");
      await panesAreBack(/exit code 0/);
      expect(await node104().docker("exec", "editor", "cat", "/written")).toBe("first\nsecond\n");
    });

    test("ctrl-\\ comes back: an idle shell is ended, and what runs in one goes on", async () => {
      await shellIn("editor", /@\w{12}:.*#$/);
      const shells = async () =>
        (await node104().docker("top", "editor", "-eo", "pid,comm")).match(/\bbash\b/g)?.length ?? 0;
      expect(await shells()).toBe(1);
      screen.press(detach);
      await panesAreBack(/editor on node104: left, and ended/);
      await expect.poll(shells).toBe(0);

      await shellIn("editor", /@\w{12}:.*#$/);
      screen.press("vim.tiny /other\r");
      await screen.shows(/~\s+~\s+~/);
      screen.press(detach);
      await panesAreBack(/editor on node104: left; what runs in it goes on/);
      expect(await node104().docker("top", "editor", "-eo", "pid,comm")).toContain("vim.tiny");
    });

    test("afterwards the terminal is as before, whatever the program did to it and made it answer", async () => {
      await screen.shows(/1 of/);
      // Frames come in one piece, and may be looked at while one comes.
      const modes = () => ({ ...screen.screen.modes, synchronizedOutputMode: false });
      const before = { modes: modes(), title: screen.title };
      await shellIn("far", /root@far:.*#$/);
      screen.press(`printf '${spoilt}'; exit 4\r`);
      await panesAreBack(/shell in far on node104: exit code 4/);
      expect({ modes: modes(), title: screen.title }).toEqual(before);
      expect(screen.text()).toMatch(/│ far +node104 +big_computing/);
      // The keys are still the panes': what the terminal answered did not quit, nor filter.
      screen.press("1");
      await screen.shows(/▸1 Nodes/);
    });

    test("where the image has no shell, one of the node's opens in its network", async () => {
      const address = (
        await node104().docker("inspect", "-f", "{{.NetworkSettings.Networks.ov_net1.IPAddress}}", "shell-less")
      ).trim();
      await openOn("shell-less");
      await screen.shows(/neither bash nor sh/);
      screen.press("y");
      await prompts(/root@node104:.*#$/);
      screen.press("ip -4 -o addr; hostname; exit 6\r");
      await panesAreBack(/shell in the network of shell-less.*exit code 6|exit code 6/);
      expect(screen.raw).toContain(address);
    });

    test("X opens a shell on the node itself", async () => {
      screen.press("1");
      await screen.shows(/▸1 Nodes/);
      screen.press("G");
      await screen.shows(/^ node104 /m);
      screen.press("X");
      await prompts(/root@node104:.*#$/);
      screen.press("stty size; hostname\r");
      await screen.shows(/^30 100\s+node104$/m);
      screen.press("kill -KILL $$\r");
      await panesAreBack(/shell in node104: exit code 137/);
    });

    test("a connection that breaks brings the panes back, says so, and comes back itself", async () => {
      await shellIn("far", /root@far:.*#$/);
      await node104().killSshd();
      await screen.shows(/far on node104: cut off, and may still run/);
      await node104().must("systemctl reset-failed ssh; systemctl start ssh");
      await screen.shows(/2\/2 nodes live/, 180);
    });

    test("every one is in the journal, with its container and its end, and without arguments", () => {
      const file = path.join(state, "ovl-tui/journal.jsonl");
      const lines = readFileSync(file, "utf8").trim().split("\n");
      const entries = lines.map((line): { title: string; event: string; error?: string } => JSON.parse(line));
      expect(entries).toContainEqual(
        expect.objectContaining({
          title: expect.stringMatching(/^bash in far \(\w{12}\) on node104$/),
          event: "done",
          error: "exit code 3",
        }),
      );
      expect(entries).toContainEqual(expect.objectContaining({ title: "shell in node104", event: "begun" }));
      const begun = entries.filter((one) => one.event === "begun").length;
      expect(entries.length).toBe(2 * begun);
      expect(lines.join("\n")).not.toContain("exit 7");
    });
  });
});

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** Runs a command line with `input` on its stdin. */
function piped(
  [file = "", ...args]: readonly string[],
  input: string | Buffer,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; bytes: Buffer; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env } });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => errors.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      const bytes = Buffer.concat(output);
      resolve({ code, bytes, output: bytes.toString("utf8"), errors: Buffer.concat(errors).toString("utf8") });
    });
    // A command that ends before it read all is no failure of ours.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
