import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keys, type Terminal } from "../terminal/terminal.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen } from "./on-screen.ts";

/** A page over HTTP/1.0, again and again, from whatever shell the image has. */
const serve =
  "exec perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>80,Listen=>5,ReuseAddr=>1) or die; while($c=$s->accept){ <$c>; print $c \"HTTP/1.0 200 OK\\r\\n\\r\\nfrom the container\\n\"; close $c }'";

onRealHosts("forwards, events and copies at 80x24", () => {
  const state = mkdtempSync(path.join(tmpdir(), "ovl-tui-forward-"));
  let lab: Lab;
  let screen: Terminal;

  const get = async (url: string): Promise<string> => (await lab.exec(["curl", "-sS", "-m", "10", url])).stdout;
  async function back(): Promise<void> {
    screen.press(keys.escape);
    await screen.hides(/Forwards to this machine|Copy: |events of the cluster/);
  }

  beforeAll(async () => {
    lab = await Lab.up({ name: "forward" });
    await lab
      .node("node104")
      .docker("run", "-d", "--init", "--name", "page", "-p", "8080:80", "big_computing", "sh", "-c", serve);
    screen = openScreen(lab, { columns: 80, rows: 24, env: { XDG_STATE_HOME: state, TMUX: "" } });
    await screen.shows(/2\/2 nodes live/);
  });
  afterAll(async () => {
    await screen?.close();
    rmSync(state, { recursive: true, force: true });
    await lab?.down();
  });

  test("one key on Consul's row opens its own page on loopback, and nothing listens elsewhere", async () => {
    screen.press("2", "o");
    await screen.shows(/open: http:\/\/127\.0\.0\.1:\d+\/ui\//);
    const url = /open: (http:\S+)/.exec(screen.text())?.[1] ?? "";
    expect(await get(url)).toMatch(/<title>Consul/i);
    const listening = (await lab.exec(["ss", "-Hltnp"])).stdout
      .split("\n")
      .filter((line) => line.includes(`pid=${screen.pid},`));
    expect(listening.length).toBeGreaterThan(0);
    for (const line of listening) expect(line).toMatch(/ 127\.0\.0\.1:\d+ /);
    await back();
  });

  test("a published port is reached, and not any more once its forward was closed", async () => {
    screen.press("4", "/", "page", keys.enter, "o");
    await screen.shows(/open: http:\/\/127\.0\.0\.1:\d+\/\s/);
    const url = /open: (http:\S+)/.exec(screen.text())?.[1] ?? "";
    expect(await get(url)).toContain("from the container");
    screen.press("d");
    await screen.shows(/closed/);
    expect(await get(url)).toBe("");
    await back();
  });

  test("a container without a published port is told to be unreachable from here, and why", async () => {
    screen.press("4", "/", "\x15", "node2", keys.enter, "o");
    await screen.shows(/publishes no TCP port/);
    await back();
  });

  test("what happened is read as a timeline, with exit codes", async () => {
    await lab.node("node104").docker("restart", "-t", "0", "page");
    screen.press("e");
    await screen.shows(/node104 +! container die page \(exitCode 1(?:37|43)/);
    await screen.shows(/node104 +container start page/);
    await back();
  });

  test("a command is copied through the terminal and shown whole", async () => {
    screen.press("4", "/", "\x15", "page", keys.enter, "y");
    await screen.shows(/docker -H ssh:\/\/root@192\.168\.44\.104 exec -it page sh/);
    screen.press(keys.enter);
    await screen.shows(/copied: docker -H/);
    const copied = Buffer.from("docker -H ssh://root@192.168.44.104 exec -it page sh").toString("base64");
    expect(screen.raw).toContain(`\u001b]52;c;${copied}\u0007`);
  });

  test("every forward is in the journal, from its opening to its end", async () => {
    screen.press("q");
    await screen.exits();
    const lines = readFileSync(path.join(state, "ovl-tui/journal.jsonl"), "utf8").trim().split("\n");
    const told = lines.map((line) => JSON.parse(line)).map(({ event, title }) => `${event} ${title}`);
    expect(told.some((line) => /^begun forward 127\.0\.0\.1:\d+ to consul on node103$/.test(line))).toBe(true);
    expect(told.some((line) => /^done forward 127\.0\.0\.1:\d+ to page 80\/tcp on node104$/.test(line))).toBe(true);
  });
});
