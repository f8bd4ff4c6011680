import { afterEach, describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import type { Observation } from "../../src/domain/reduce.ts";
import { clean, text } from "../../src/domain/text.ts";
import { container, node103, node104 } from "../snapshots.ts";
import { at, clusterAfter, containersOn, lost, manyContainers, unseenCluster } from "./clusters.ts";
import { type FakeOptions, keys, paste, ScreenDriver, type Size } from "./screen-driver.tsx";

const wide: Size = { columns: 160, rows: 40 };
const narrow: Size = { columns: 80, rows: 24 };

const open: ScreenDriver[] = [];
async function screen(size: Size = wide, options: Partial<FakeOptions> = {}): Promise<ScreenDriver> {
  const driver = await ScreenDriver.open(size, { snapshot: clusterAfter(), ...options });
  open.push(driver);
  return driver;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const many = (count: number): Observation => containersOn(node103, manyContainers(count));

describe("moving", () => {
  test("jjj in one chunk moves three rows, and k g G, pages and half pages move as they say", async () => {
    const driver = await screen(narrow, { snapshot: clusterAfter(many(100)) });
    await driver.press("4", "jjj");
    expect(driver.cursor()).toBe("c004");
    await driver.press("kk");
    expect(driver.cursor()).toBe("c002");
    await driver.press("G");
    expect(driver.cursor()).toBe("node1");
    await driver.press("g", keys.pageDown);
    expect(driver.cursor()).toBe("c018");
    await driver.press(keys.ctrlU, keys.ctrlD, keys.home, keys.ctrlD);
    expect(driver.cursor()).toBe("c010");
    await driver.press(keys.end, keys.up);
    expect(driver.cursor()).toBe("c100");
    expect(driver.text()).toMatch(/85-101 of 101/);
  });

  test("the cursor stays with its container when others appear above it, and details open on that one", async () => {
    const driver = await screen(wide, { snapshot: clusterAfter(many(10)) });
    await driver.press("4", "jjjj");
    expect(driver.cursor()).toBe("c005");
    const row = driver.lines().findIndex((line) => line.includes("c005"));
    const earlier = ["a1", "a2", "a3"].map((name) => container(name, node103));
    await driver.sees(clusterAfter(containersOn(node103, [...earlier, ...manyContainers(10)])));
    expect(driver.cursor()).toBe("c005");
    expect(driver.lines().findIndex((line) => line.includes("c005"))).toBe(row + 3);
    await driver.press(keys.enter);
    expect(driver.row(/container c005/)).toContain("on node103");
  });

  test("tab goes round the panes and back, and numbers go straight there", async () => {
    const driver = await screen();
    const focused = (): string | undefined => /▸(\d \w+)/.exec(driver.text())?.[1];
    expect(focused()).toBe("1 Nodes");
    await driver.press(keys.tab, keys.tab);
    expect(focused()).toBe("3 Networks");
    await driver.press(keys.shiftTab, keys.shiftTab, keys.shiftTab);
    expect(focused()).toBe("4 Containers");
    await driver.press("2");
    expect(focused()).toBe("2 Membership");
  });
});

describe("filtering", () => {
  test("narrows the list with every key, shows how much is left, and escape takes it away", async () => {
    const driver = await screen(wide, { snapshot: clusterAfter(many(40)) });
    await driver.press("4", "/", "c03");
    expect(driver.row(/4 Containers/)).toContain("/c03 10 of 41");
    expect(driver.lines().at(-2)).toMatch(/\/ c03 .* 10 of 41/);
    await driver.press("9");
    expect(driver.row(/4 Containers/)).toContain("/c039 1 of 41");
    await driver.press(keys.enter);
    expect(driver.row(/4 Containers/)).toContain("/c039 1 of 41");
    expect(driver.text()).toContain("/ filter");
    await driver.press(keys.escape);
    expect(driver.row(/4 Containers/)).not.toContain("/c039");
    expect(driver.text()).toContain("c001");
  });

  test("that matches nothing says how to get the rows back", async () => {
    const driver = await screen();
    await driver.press("4", "/", "nosuch");
    expect(driver.text()).toContain("nothing matches; esc takes the filter away");
    await driver.press(keys.backspace.repeat(6));
    expect(driver.text()).toContain("big_computing");
  });

  test("belongs to its pane", async () => {
    const driver = await screen();
    await driver.press("4", "/", "node104", keys.enter, "1");
    expect(driver.row(/1 Nodes/)).not.toContain("/node104");
    expect(driver.row(/4 Containers/)).toContain("/node104 1 of 2");
  });
});

describe("the palette", () => {
  test("finds commands by their words and does what was chosen", async () => {
    const driver = await screen();
    await driver.press(":", "net");
    expect(driver.text()).toContain("go to networks");
    expect(driver.text()).not.toContain("go to nodes");
    await driver.press(keys.enter);
    expect(driver.text()).toContain("▸3 Networks");
    await driver.press(":", "ref", keys.enter);
    expect(driver.services.asked).toContain("refresh");
  });

  test("moves in its list and closes on escape without doing anything", async () => {
    const driver = await screen();
    await driver.press(":", keys.down, keys.down);
    expect(driver.look("go to networks").inverse).toBe(true);
    await driver.press(keys.escape);
    expect(driver.text()).toContain("▸1 Nodes");
    expect(driver.text()).not.toContain("go to networks");
  });
});

describe("the cluster", () => {
  test("is asked again by R; a node that is down is tried at once when the cursor is on it", async () => {
    const driver = await screen(wide, { snapshot: clusterAfter(lost(node104)) });
    await driver.press("R");
    expect(driver.services.asked).toContain("refresh");
    expect(driver.lines().at(-1)).toContain("asking every node again");
    await driver.press("j", "R");
    expect(driver.services.asked).toContain("retry node104");
    expect(driver.lines().at(-1)).toContain("trying node104 now");
    await driver.later(6000);
    expect(driver.lines().at(-1)).not.toContain("trying node104");
  });

  test("is read-only at ctrl-r and not at the next, and the header says which", async () => {
    const driver = await screen();
    expect(driver.lines()[0]).toMatch(/ RW {2}\d\d:\d\d:\d\d ?$/);
    await driver.press(keys.ctrlR);
    expect(driver.lines()[0]).toMatch(/ RO {2}/);
    expect(driver.lines().at(-1)).toContain("every change is refused");
    await driver.press(keys.ctrlR);
    expect(driver.lines()[0]).toMatch(/ RW {2}/);
  });

  test("stays read-only when it was started so", async () => {
    const driver = await screen(wide, { locked: true });
    await driver.press(keys.ctrlR);
    expect(driver.lines()[0]).toMatch(/ RO {2}/);
    expect(driver.lines().at(-1)).toContain("read-only for the whole run");
  });

  test("measures only the running containers that are on the screen", async () => {
    const stopped = { ...container("halted", node103), state: "exited" as const, exitCode: 0, startedAt: undefined };
    const driver = await screen(narrow, {
      snapshot: clusterAfter(containersOn(node103, [...manyContainers(40), stopped]), containersOn(node104, [])),
    });
    await driver.later(1000);
    expect(driver.services.asked).toEqual([]);
    await driver.press("4");
    await driver.later(1000);
    const first = manyContainers(17)
      .map((one) => one.name)
      .join(" ");
    expect(driver.services.asked).toEqual([`show ${first}`]);
    await driver.press("G");
    await driver.later(1000);
    expect(driver.services.asked.at(-1)).toMatch(/^show c025 .* c040$/);
    await driver.press("g", keys.enter);
    await driver.later(1000);
    expect(driver.services.asked.at(-1)).toBe("show c001");
    await driver.press(keys.escape, "1");
    await driver.later(1000);
    expect(driver.services.asked.at(-1)).toBe("show");
  });

  test("shows what a container uses, to a whole percent, once it was measured", async () => {
    const driver = await screen(wide);
    const used: Observation = {
      of: "usage",
      node: node104,
      id: container("node1", node104).id,
      usage: { at, cpuPercent: 12.4, memoryBytes: 512 * 1_048_576, memoryLimitBytes: undefined },
    };
    await driver.sees(clusterAfter(used));
    await driver.later(4000);
    expect(driver.row(/node1 +node104/)).toMatch(/12% +512 MB/);
  });
});

describe("findings", () => {
  const finding: Finding = {
    id: "duplicate-hostname",
    severity: "error",
    title: text`two engines share one hostname`,
    node: node104,
    evidence: [text`node103 and node104 both say localhost`],
    remedy: text`run "hostnamectl set-hostname" on one of them`,
  };

  test("are counted in the header and listed by f with evidence and remedy", async () => {
    const driver = await screen(wide, { findings: [finding] });
    expect(driver.lines()[0]).toContain("1 finding ");
    await driver.press("f");
    const shown = driver.text();
    expect(shown).toMatch(/error +node104: two engines share one hostname/);
    expect(shown).toContain("node103 and node104 both say localhost");
    expect(shown).toMatch(/mend +run "hostnamectl set-hostname"/);
    await driver.press(keys.escape);
    expect(driver.text()).toContain("▸1 Nodes");
  });

  test("of which there are none are said to be none", async () => {
    const driver = await screen();
    await driver.press("f");
    expect(driver.text()).toContain("nothing is wrong that the program can see");
  });
});

describe("leaving", () => {
  test("q and ctrl-c quit at once when nothing runs", async () => {
    const driver = await screen();
    await driver.press("q");
    expect(driver.effects).toEqual(["quit"]);
    await driver.press(keys.ctrlC);
    expect(driver.effects).toEqual(["quit", "quit"]);
  });

  test("asks first when something runs, and stays unless told y", async () => {
    const driver = await screen(wide, { running: [text`plan: step 2 of 5 on node104`] });
    await driver.press("q");
    expect(driver.effects).toEqual([]);
    expect(driver.text()).toContain("plan: step 2 of 5 on node104");
    await driver.press(keys.enter);
    expect(driver.effects).toEqual([]);
    await driver.press(keys.ctrlC, "y");
    expect(driver.effects).toEqual(["quit"]);
  });

  test("escape goes back as far as the panes and never further", async () => {
    const driver = await screen();
    await driver.press(keys.enter, "?", keys.escape);
    expect(driver.text()).toContain("node node103");
    await driver.press(keys.escape, keys.escape, keys.escape);
    expect(driver.text()).toContain("▸1 Nodes");
    expect(driver.effects).toEqual([]);
  });

  test("ctrl-z and ctrl-l are handed to the terminal from wherever the operator is", async () => {
    const driver = await screen();
    await driver.press(keys.ctrlZ, "/", keys.ctrlL, keys.escape, ":", keys.ctrlZ);
    expect(driver.effects).toEqual(["suspend", "redraw", "suspend"]);
  });
});

describe("a question of a connection", () => {
  const signal = (): AbortSignal => new AbortController().signal;
  const hostKey = {
    kind: "host-key",
    node: node104,
    host: clean("192.168.44.104"),
    keyType: clean("ssh-ed25519"),
    fingerprint: clean("SHA256:5B8gRBNg2VgKCXsSzQ0C6Dc0mUyVtV7tEXAmPLE0123"),
    file: clean("/root/.ssh/known_hosts"),
  } as const;

  test.each([narrow, wide])(
    "on an unknown host key shows node, host, type, fingerprint and file ($columns x $rows)",
    async (size) => {
      const driver = await screen(size);
      const answer = driver.services.prompts.ask(hostKey, signal());
      await driver.settled();
      for (const words of ["node104", "192.168.44.104", "ssh-ed25519", hostKey.fingerprint, hostKey.file]) {
        expect(driver.text()).toContain(words);
      }
      await driver.press(keys.enter);
      expect(await answer).toEqual({ kind: "refuse" });
      expect(driver.text()).not.toContain("Unknown host key");
    },
  );

  test("takes the key only when A or M is pressed; the keys of the panes do nothing to it", async () => {
    const driver = await screen();
    const once = driver.services.prompts.ask(hostKey, signal());
    await driver.press("jqfz1y", paste("M\r"), "A");
    expect(await once).toEqual({ kind: "accept-once" });
    const kept = driver.services.prompts.ask(hostKey, signal());
    await driver.press("M");
    expect(await kept).toEqual({ kind: "accept-and-remember" });
    const refused = driver.services.prompts.ask(hostKey, signal());
    await driver.press(keys.escape);
    expect(await refused).toEqual({ kind: "refuse" });
  });

  const password = {
    kind: "password",
    node: node103,
    user: clean("root"),
    host: clean("192.168.44.103"),
    again: false,
  } as const;

  test("for a password takes typed and pasted text, shows only asterisks and forgets it afterwards", async () => {
    const driver = await screen();
    const answer = driver.services.prompts.ask(password, signal());
    await driver.press("se q", keys.backspace, paste("cret\n"));
    expect(driver.text()).toContain("> *******");
    expect(driver.text()).toContain("the password of root on 192.168.44.103");
    await driver.press(keys.enter);
    expect(await answer).toEqual({ kind: "secret", secret: "se cret" });
    expect(driver.takeRaw()).not.toContain("cret");
    const next = driver.services.prompts.ask({ ...password, again: true }, signal());
    await driver.settled();
    expect(driver.text()).toContain("The last one was wrong.");
    expect(driver.text()).not.toContain("> *");
    await driver.press(keys.enter);
    expect(driver.services.prompts.current.get()).toBeDefined();
    await driver.press(keys.escape);
    expect(await next).toEqual({ kind: "refuse" });
  });

  test("is asked one after the other, and what was typed for one never reaches the next", async () => {
    const driver = await screen();
    const cancelled = new AbortController();
    const first = driver.services.prompts.ask(password, cancelled.signal);
    const second = driver.services.prompts.ask(
      { kind: "sudo-password", node: node104, user: clean("ops"), again: false },
      signal(),
    );
    await driver.press("secret");
    cancelled.abort();
    expect(await first).toEqual({ kind: "refuse" });
    await driver.press("x", keys.enter);
    expect(await second).toEqual({ kind: "secret", secret: "x" });
  });

  test("that the server wants echoed is shown as it is typed", async () => {
    const driver = await screen();
    const answer = driver.services.prompts.ask(
      { kind: "keyboard-interactive", node: node103, prompt: clean("Verification code:"), echo: true },
      signal(),
    );
    await driver.press("123456");
    expect(driver.text()).toContain("Verification code:");
    expect(driver.text()).toContain("> 123456");
    await driver.press(keys.enter);
    expect(await answer).toEqual({ kind: "secret", secret: "123456" });
  });
});

test("nodes fill in as they answer, each by itself", async () => {
  const driver = await screen(wide, { snapshot: unseenCluster() });
  await driver.sees(clusterAfter(lost(node104)));
  expect(driver.row(/node103 /)).toContain("live");
  expect(driver.lines()[0]).toContain("1/2 nodes live");
});
