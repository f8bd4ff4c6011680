import { afterEach, describe, expect, test } from "vitest";
import { reduce } from "../../src/domain/reduce.ts";
import { clean, text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import { container, node103, node104, start } from "../snapshots.ts";
import { at, clusterAfter, containersOn, hostile, inOverlay, lost, manyContainers, unseenCluster } from "./clusters.ts";
import { type FakeOptions, keys, paste, ScreenDriver, type Size } from "./screen-driver.tsx";

const sizes: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 50 },
];

const open: ScreenDriver[] = [];
async function screen(size: Size, options: Partial<FakeOptions> = {}): Promise<ScreenDriver> {
  const driver = await ScreenDriver.open(size, { snapshot: clusterAfter(), ...options });
  open.push(driver);
  return driver;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** The header at the top, the frame's right edge in the last column of every row of panes, nothing scrolled away. */
function expectWhole(driver: ScreenDriver, { columns, rows }: Size): void {
  const lines = driver.lines();
  expect(lines[0]).toMatch(/^ ovl-tui {2}bigcomputing/);
  expect(driver.scrolledAway).toBe(0);
  const first = columns < 120 && !lines[1]?.startsWith("┌") ? 2 : 1;
  expect(
    driver
      .lastColumn()
      .slice(first, rows - 2)
      .join(""),
  ).toMatch(/^(?:┐[│┃]*┘)+$/);
}

describe.each(sizes)("at $columns x $rows", (size) => {
  test("a frame fills the screen exactly", async () => {
    const driver = await screen(size);
    expectWhole(driver, size);
    expect(driver.row(/ovl-tui/)).toContain("2/2 nodes live");
  });

  test("hostile and wide text in every place leaves each row at its width and reaches the terminal as text only", async () => {
    const containers = hostile.map((raw, index) =>
      container(`h${index}`, node103, {
        name: clean(raw),
        image: clean(raw),
        command: clean(raw),
        status: clean(raw),
        attachments: inOverlay("10.10.10.9").map((one) => ({ ...one, network: clean(raw), address: clean(raw) })),
        labels: [{ name: clean(raw), value: clean(raw) }],
      }),
    );
    const driver = await screen(size, { snapshot: clusterAfter(containersOn(node103, containers)) });
    await driver.press("4");
    expectWhole(driver, size);
    for (let row = 0; row <= containers.length; row += 4) {
      await driver.press("jjjj");
      expectWhole(driver, size);
    }
    await driver.press(keys.enter);
    expectWhole(driver, size);
    await driver.press("]");
    expectWhole(driver, size);
    // Ink's own: colours, cursor up, next line, column, erase, modes of the alternate screen, the cursor and the paste.
    const own = /\u001B\[(?:\?(?:1049|25|2004|2026)[hl]|[\d;]*m|\d*[AEGKJ]|\d+;\d+H)/g;
    const rest = driver.takeRaw().replace(own, "");
    expect(rest.match(/[\p{Cc}\p{Cf}]/gu)?.filter((one) => one !== "\n") ?? []).toEqual([]);
    expect(rest).not.toContain("PWNED");
  });

  test("the first frame comes before any node has answered, and says so", async () => {
    const driver = await screen(size, { snapshot: unseenCluster() });
    expectWhole(driver, size);
    expect(driver.row(/node103/)).toContain("connecting");
    expect(driver.row(/node104/)).toContain("connecting");
    expect(driver.row(/ovl-tui/)).toContain("0/2 nodes live");
  });

  test("what is redrawn after a resize is what a fresh screen of that size shows", async () => {
    const snapshot = clusterAfter(containersOn(node103, manyContainers(60)));
    const driver = await screen(size, { snapshot });
    for (const other of [{ columns: 100, rows: 30 }, { columns: 150, rows: 25 }, ...sizes]) await driver.resize(other);
    await driver.resize({ columns: size.columns - 1 || 1, rows: size.rows + 3 });
    await driver.resize(size);
    const fresh = await screen(size, { snapshot });
    expect(driver.lines()).toEqual(fresh.lines());
    expect(driver.scrolledAway).toBe(0);
  });

  test("help, palette and questions lie over the panes without breaking them", async () => {
    const driver = await screen(size);
    await driver.press("?");
    expect(driver.text()).toMatch(/┌ Keys ─+┐/);
    expect(driver.row(/half a page down/)).toContain("ctrl-d");
    await driver.press(keys.escape, ":");
    expect(driver.text()).toMatch(/┌ Command ─+┐/);
    await driver.press(keys.escape);
    expectWhole(driver, size);
    expect(driver.text()).not.toContain("Command");
  });
});

describe("the panes", () => {
  test.each(sizes)("show nodes, members, networks and containers of the cluster ($columns x $rows)", async (size) => {
    const driver = await screen(size);
    const shown: string[] = [];
    for (const pane of ["1", "2", "3", "4"]) {
      await driver.press(pane);
      shown.push(driver.text());
    }
    const all = shown.join("\n");
    expect(all).toMatch(/node103 +live +20\.10\.5 +consul:\/\/192\.168\.44\.103/);
    expect(all).toMatch(/consul +server +leader +192\.168\.44\.103:8301/);
    expect(all).toMatch(/node104 +engine +alive +192\.168\.44\.104:2376/);
    expect(all).toMatch(/ov_net1 +overlay +10\.10\.10\.0\/24 +256 +2 of 253 +2 of 2/);
    expect(all).toMatch(/node1 +node104 +big_computing +10\.10\.10\.3 +up 4m/);
  });

  test("are all four on the screen from 120 columns on, and one under a strip of names below that", async () => {
    const wide = await screen({ columns: 120, rows: 40 });
    for (const title of ["1 Nodes", "2 Membership", "3 Networks", "4 Containers"]) expect(wide.text()).toContain(title);
    const narrow = await screen({ columns: 119, rows: 40 });
    expect(narrow.lines()[1]).toMatch(/1 Nodes 2 +2 Membership 3 +3 Networks 1 +4 Containers 2/);
    expect(narrow.lines().filter((line) => line.startsWith("┌"))).toHaveLength(1);
  });

  test("a zoomed pane has the screen for itself until z or escape", async () => {
    const driver = await screen({ columns: 120, rows: 40 });
    await driver.press("4", "z");
    expect(driver.lines().filter((line) => line.startsWith("┌"))).toEqual([expect.stringContaining("4 Containers")]);
    await driver.press(keys.escape);
    expect(driver.text()).toContain("3 Networks");
  });

  test("a lost node keeps its rows, dimmed, and words say how old they are", async () => {
    const driver = await screen({ columns: 200, rows: 50 });
    await driver.sees(clusterAfter(lost(node104)));
    await driver.later(12_000);
    expect(driver.row(/node104 +down/)).toMatch(/node104 +down, trying +20\.10\.5/);
    expect(driver.row(/node1 +node104/)).toMatch(/big_computing +10\.10\.10\.3 +seen 10s ago/);
    expect(driver.look("node1 ").dim).toBe(true);
    expect(driver.row(/node2 +node103/)).toMatch(/up 4m/);
    expect(driver.look("node2 ").dim).toBe(false);
  });

  test("a lost node under the cursor shows its last error, the next try and the way out in the line below", async () => {
    const driver = await screen({ columns: 200, rows: 50 }, { snapshot: clusterAfter(lost(node104)) });
    await driver.press("j");
    expect(driver.row(/node104 +down/)).toContain("down, retry 10s");
    const about = driver.lines().at(-2);
    expect(about).toContain("no answer from 192.168.44.104: no route to host, next try in 10s");
    expect(about).toContain("Is node104 powered on");
  });

  test("that have nothing to show say why and what to do", async () => {
    const empty = [node103, node104].flatMap((node) => [
      containersOn(node, []),
      { of: "networks", node, outcome: good([]), at } as const,
    ]);
    const driver = await screen({ columns: 120, rows: 40 }, { snapshot: clusterAfter(...empty) });
    expect(driver.text()).toContain("no overlay network yet; create one on any node:");
    expect(driver.text()).toContain("docker network create -d overlay --subnet");
    expect(driver.text()).toContain("no containers on the 2 nodes that answered");
  });

  test("a store that hangs is said to be not answering, with its last members dimmed", async () => {
    const trouble = { kind: "timed-out", what: text`consul`, afterMs: 5000 } as const;
    const driver = await screen({ columns: 160, rows: 40 });
    await driver.sees(clusterAfter({ of: "membership", outcome: { ok: false, trouble }, at }));
    await driver.later(14_000);
    expect(driver.row(/2 Membership/)).toContain("consul not answering, 10s");
    expect(driver.row(/consul +server/)).toContain("seen 10s ago");
    expect(driver.look("consul   ").dim).toBe(true);
  });
});

describe("a terminal that is too small", () => {
  test.each([
    { columns: 79, rows: 24 },
    { columns: 80, rows: 23 },
    { columns: 24, rows: 4 },
  ])("gets one sentence instead of a broken frame ($columns x $rows)", async (size) => {
    const driver = await screen(size);
    expect(driver.lines().join(" ").trim().replace(/ +/g, " ")).toBe(
      `ovl-tui needs 80x24, this is ${size.columns}x${size.rows}; q quits`,
    );
    await driver.press("4", keys.enter);
    await driver.resize({ columns: 80, rows: 24 });
    expectWhole(driver, { columns: 80, rows: 24 });
    expect(driver.text()).toContain("▸1 Nodes");
  });

  test("answers no question that nobody can see", async () => {
    const driver = await screen({ columns: 60, rows: 20 });
    const question = { kind: "passphrase", node: node103, file: text`id_ed25519`, again: false } as const;
    const answer = driver.services.prompts.ask(question, new AbortController().signal);
    await driver.press("x", keys.enter, keys.escape);
    expect(driver.services.prompts.current.get()).toBe(question);
    await driver.resize({ columns: 80, rows: 24 });
    expect(driver.text()).toContain("the passphrase of the key id_ed25519");
    await driver.press("yes", keys.enter);
    expect(await answer).toEqual({ kind: "secret", secret: "yes" });
  });
});

describe("steady state", () => {
  test("writes less than 200 bytes a second, and no frame at all for what is not on the screen", async () => {
    const driver = await screen(
      { columns: 200, rows: 50 },
      { snapshot: clusterAfter(containersOn(node103, manyContainers(30))) },
    );
    await driver.later(20_000);
    driver.takeRaw();
    await driver.later(10_000);
    expect(driver.takeRaw().length).toBeLessThan(2000);
    const { nodes } = driver.services.snapshot.get();
    const one = nodes.get(node103);
    if (one === undefined) throw new Error("node103 is in the snapshot");
    await driver.sees({
      ...driver.services.snapshot.get(),
      nodes: new Map(nodes).set(node103, { ...one, usage: new Map(one.usage) }),
    });
    expect(driver.takeRaw()).toBe("");
  });

  test("a row that changes is all that is written", async () => {
    const before = clusterAfter(containersOn(node103, manyContainers(30)));
    const driver = await screen({ columns: 200, rows: 50 }, { snapshot: before });
    driver.takeRaw();
    const [, , , restarted] = manyContainers(30).map((one) => ({ ...one, startedAt: start - 7200_000 }));
    if (restarted === undefined) throw new Error("there are thirty containers");
    await driver.sees(reduce(before, { of: "container", node: node103, id: restarted.id, container: restarted, at }));
    const raw = driver.takeRaw();
    expect(raw).toContain("2h");
    expect(raw).not.toContain("c005");
    expect(raw.length).toBeLessThan(600);
  });
});

describe("pasted text", () => {
  test("is never taken for keys", async () => {
    const driver = await screen({ columns: 120, rows: 40 });
    await driver.press(paste("q\r4z\r"));
    expect(driver.effects).toEqual([]);
    expect(driver.text()).toContain("▸1 Nodes");
    expect(driver.text()).toContain("2 Membership");
  });

  test("goes into the field that is on the screen, without its line ends", async () => {
    const driver = await screen({ columns: 120, rows: 40 });
    await driver.press("4", "/", paste("node\n2"));
    expect(driver.row(/4 Containers/)).toContain("/node2 1 of 2");
  });
});

describe("NO_COLOR", () => {
  test("takes the colours and leaves what says the same without them", async () => {
    const { painter, span } = await import("../../src/ui/draw/style.ts");
    const plain = painter(false);
    expect(plain([span(text`live`, "good")])).toBe("live");
    expect(plain([span(text`row`, "cursor")])).toBe("\u001B[7mrow\u001B[27m");
    expect(plain([span(text`old`, "muted")])).toBe("\u001B[2mold\u001B[22m");
  });
});
