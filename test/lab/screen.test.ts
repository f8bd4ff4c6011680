import stringWidth from "string-width";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { keys, Terminal } from "../terminal/terminal.ts";
import { vniInKernel } from "./cluster.ts";
import { until } from "./command.ts";
import { Lab } from "./lab.ts";
import { onRealHosts } from "./on-real-hosts.ts";
import { openScreen, row } from "./on-screen.ts";
import { entry } from "./remains.ts";

onRealHosts("two real hosts on the screen", () => {
  let lab: Lab;
  let screen: Terminal;

  beforeAll(async () => {
    lab = await Lab.up({ name: "screen" });
    screen = openScreen(lab);
    await allIsWell();
  });

  afterEach(({ task }) => {
    if (task.result?.state === "fail")
      process.stderr.write(`the screen at the end of "${task.name}":\n${screen.text()}\n`);
  });

  afterAll(async () => {
    await screen?.close();
    await lab?.down();
  });

  const node104 = () => lab.node("node104");
  /** Node103's own rows must be right whatever happens to the other. */
  const node103IsRight = async () => {
    await screen.shows(row("node103", "live"));
    expect(screen.text()).toMatch(row("node2", "node103", "up"));
  };
  const allIsWell = async () => {
    await screen.shows(row("node103", "live"), 180);
    await screen.shows(row("node104", "live"), 180);
    await screen.shows(row("consul", "server", "leader"), 180);
    await screen.shows(row("node104", "engine", "alive"), 240);
    await screen.shows(/ 2\/2 nodes live /, 180);
    await screen.shows(/consul leader node103/);
  };

  /**
   * Back to the four panes, whatever is open and filtered. Escape and a digit that a busy program reads at once are one
   * key to it, alt and that digit: then once more.
   */
  const home = async () => {
    const there = /▸1 Nodes/;
    for (let round = 0; round < 5; round++) {
      for (let presses = 0; presses < 4; presses++) {
        screen.press(keys.escape);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      screen.press("1", "g");
      const isThere = await screen.shows(there, 5).then(
        () => true,
        () => false,
      );
      if (isThere) return;
    }
    await screen.shows(there);
  };
  /** A frame may still be on its way when a word of it is seen. */
  const framesAreWhole = () =>
    vi.waitFor(() => {
      const framed = screen.lines().filter((line) => /^[┌│└]/.test(line));
      expect(framed.length).toBeGreaterThan(20);
      for (const line of framed) {
        expect([stringWidth(line), line.at(-1)]).toEqual([160, expect.stringMatching(/[┐│┘]/)]);
      }
    }, 30_000);

  beforeEach(() => home());

  test("shows engines, membership, the overlay and the containers of both", async () => {
    const vni = await vniInKernel(node104(), "ov_net1");
    const text = screen.text();
    expect(text).toMatch(row("node103", "live", "20.10.5", "consul://192.168.44.103"));
    expect(text).toMatch(row("ov_net1", "overlay", "10.10.10.0/24", `${vni}`, "2 of 253", "2 of 2"));
    expect(text).toMatch(row("node2", "node103", "big_computing", "10\\.10\\.10\\.\\d", "up"));
    expect(text).toMatch(row("node1", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"));
  });

  test("shows a container that is started behind its back, and loses it when it is removed", async () => {
    await node104().docker("run", "-d", "--name", "visitor", "--network", "ov_net1", "big_computing", "sleep", "1000");
    await screen.shows(row("visitor", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"));
    await node104().docker("rm", "-f", "visitor");
    await screen.hides(/visitor/);
  });

  test("lets no label, command or name of a container draw on the screen", async () => {
    const hostile = `\u001b[2J\u001b[31mFORGED\u001b]0;owned\u0007\u202egnp\u0085${"漢字".repeat(3000)}`;
    const label = `note=${hostile}`;
    const words = ["big_computing", "sh", "-c", "sleep 1000", hostile];
    await node104().docker("run", "-d", "--name", "hostile", "--label", label, ...words);
    await screen.shows(row("hostile", "node104", "up"));
    const before = screen.raw.length;
    screen.press("4", "/", "hostile", "\r", "\r");
    await screen.shows(/container hostile/);
    await screen.shows(/sleep 1000/);
    await framesAreWhole();
    screen.press("]");
    await screen.shows(/note/);
    await framesAreWhole();
    expect(screen.raw.slice(before)).not.toMatch(/\u001b\[2J\u001b\[31mFORGED|\u001b\]0;|\u202e|\u0085/);
    await home();
    await node104().docker("rm", "-f", "hostile");
    await screen.hides(/hostile/);
  });

  test("comes back by itself after an engine was restarted", async () => {
    await node104().must("systemctl restart docker");
    await node104().docker("start", "node1");
    await screen.shows(row("node1", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"), 180);
    await allIsWell();
  });

  test("names an engine that was stopped, leaves it stopped, and sees it start", async () => {
    await node104().must("systemctl stop docker");
    await screen.shows(row("node104", "engine stopped"));
    await screen.shows(/ 1\/2 nodes live /);
    await node103IsRight();
    // systemd's docker.socket would start it with the first connection: it must not have come from us.
    await new Promise((resolve) => setTimeout(resolve, 8000));
    expect((await node104().run("systemctl is-active docker.socket docker")).stdout).toMatch(
      /^active\n(inactive|failed)\n$/,
    );
    await node104().must("systemctl start docker && docker start node1");
    await allIsWell();
    await screen.shows(row("node1", "node104", "big_computing", "10\\.10\\.10\\.\\d", "up"));
  });

  test("says that a node is down when its cable is pulled, keeps its rows with their age, and finds it again", async () => {
    await node104().link("down");
    await screen.shows(row("node104", "down"), 180);
    await screen.shows(/node1 .*seen \d+[sm] ago/);
    await node103IsRight();
    await node104().link("up");
    await allIsWell();
  });

  test("finds a host again that was powered off and booted", async () => {
    await node104().powerOff();
    await screen.shows(row("node104", "down"), 180);
    await node103IsRight();
    await node104().boot();
    await screen.shows(row("node104", "live"), 240);
    await node104().docker("run", "-d", "--name", "afterwards", "big_computing", "sleep", "1000");
    await screen.shows(row("afterwards", "node104", "big_computing", "up"));
    await allIsWell();
  });

  test("logs in again when sshd was killed", async () => {
    await node104().stopSshd();
    await screen.shows(/node104 +(?:down|connecting)/);
    await node103IsRight();
    await node104().startSshd();
    await screen.shows(row("node104", "live"), 240);
    await allIsWell();
  });

  test("refuses a host key that changed, does not try again by itself, and logs in once it is known", async () => {
    await node104().replaceHostKey();
    await node104().stopSshd();
    await node104().startSshd();
    await screen.shows(row("node104", "host key changed"), 240);
    await node103IsRight();
    const logins = async () => (await node104().must("journalctl -u ssh -o cat | grep -c 'Connection' || :")).trim();
    // What was under way when the key was refused may write its line a little later.
    let before = "";
    await until(
      "no more lines of earlier logins",
      180,
      async () => {
        const last = before;
        before = await logins();
        return before === last;
      },
      3000,
    );
    await new Promise((resolve) => setTimeout(resolve, 5000));
    expect(await logins()).toBe(before);
    expect(screen.text()).toMatch(row("node104", "host key changed"));
    lab.writeKnownHosts();
    screen.press("j", "R");
    await screen.shows(row("node104", "live"));
    await allIsWell();
  });

  test("says that Consul does not answer when it was stopped, never that it is empty, and hears it again", async () => {
    await lab.node("node103").docker("stop", "consul");
    await screen.shows(/consul not answering, \d+s/, 120);
    await screen.shows(row("node104", "engine"));
    await screen.shows(row("node103", "live"));
    await lab.node("node103").docker("start", "consul");
    await allIsWell();
  });

  test("is what `npm run lab -- tui` opens on hosts that are up", async () => {
    const opened = new Terminal([...entry, "tui", "--lab", "screen"], { columns: 160, rows: 45 });
    try {
      await opened.shows(/ 2\/2 nodes live /, 240);
      opened.press("q");
      expect(await opened.exits()).toEqual({ code: 0, signal: undefined });
      expect(opened.text()).not.toContain("building the program");
    } finally {
      await opened.close();
    }
  });

  test("leaves the terminal as it was on q", async () => {
    screen.press("q");
    expect(await screen.exits()).toEqual({ code: 0, signal: undefined });
    expect(screen.alternate).toBe(false);
  });
});
