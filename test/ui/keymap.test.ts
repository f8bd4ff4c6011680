import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/domain/finding.ts";
import { clean, text } from "../../src/domain/text.ts";
import { painter } from "../../src/ui/draw/style.ts";
import { footerKeys } from "../../src/ui/keymap/footer.ts";
import { helpLines, keymapMarkdown } from "../../src/ui/keymap/help.ts";
import { type Binding, inPlace, keymap, type Place } from "../../src/ui/keymap/keymap.ts";
import { keysOf, keyText, typedBy } from "../../src/ui/keymap/keys.ts";
import { Screen } from "../../src/ui/screen/screen.ts";
import { node103 } from "../snapshots.ts";
import { clusterAfter, containersOn, manyContainers } from "./clusters.ts";
import { noKey } from "./ink-keys.ts";
import { FakeServices } from "./screen-driver.tsx";

const places: readonly Place[] = [
  "panes",
  "detail",
  "filter",
  "palette",
  "help",
  "host-key",
  "secret",
  "quit",
  "too-small",
];
const size = { columns: 200, rows: 24 };
const finding: Finding = {
  id: "duplicate-hostname",
  severity: "error",
  title: text`two engines share one hostname`,
  node: undefined,
  evidence: [text`node103 and node104 both say localhost`],
  remedy: text`give each its own`,
};

describe("the keymap", () => {
  test.each(places)("binds no key twice in one place: %s", (place) => {
    const keys = inPlace(place).flatMap((one) => one.keys);
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  test("leaves letters and signs to the text field where there is one", () => {
    for (const place of ["filter", "palette", "secret"] as const) {
      expect(inPlace(place).flatMap((one) => one.keys.filter((key) => typedBy(key) !== undefined))).toEqual([]);
    }
  });

  test("never quits on escape", () => {
    const onEscape = keymap.filter((one) => one.keys.includes("esc"));
    expect(onEscape.filter((one) => one.id.startsWith("program.quit"))).toEqual([]);
  });

  test("accepts a host key only by a key that does nothing else anywhere", () => {
    const accepting = inPlace("host-key").filter((one) => one.id.startsWith("answer.accept"));
    expect(accepting.map((one) => one.id)).toEqual(["answer.accept-once", "answer.accept-and-remember"]);
    for (const { keys, id } of accepting) {
      expect(keymap.filter((one) => one.id !== id && one.keys.some((key) => keys.includes(key)))).toEqual([]);
    }
  });

  test("makes the README's table: every key, with what it does and where", () => {
    const table = keymapMarkdown();
    for (const one of keymap) for (const key of one.keys) expect(table).toContain(`\`${keyText(key)}\``);
    expect(table).toContain("| `j` `↓` | down | every list |");
    expect(table).toContain("| `ctrl-c` | quit | everywhere |");
    expect(table.split("\n").filter((line) => line.startsWith("| "))).toHaveLength(
      keymap.filter((one) => one.keys.length > 0).length + 1,
    );
  });

  test("names what `every list` is once, above the README's table, so that each row can be read at a glance", () => {
    const [above = "", ...rows] = keymapMarkdown().split("\n");
    expect(above).toMatch(/^\*every list\* is .*: panes, details, help,/);
    for (const row of rows) expect(row.length).toBeLessThan(100);
  });

  test("makes the help: every key of the place, in one column or in several", () => {
    for (const width of [36, 72, 150]) {
      const help = helpLines("panes", width)
        .map((line) => line.map((one) => one.text).join(""))
        .join("\n");
      for (const one of inPlace("panes")) {
        for (const key of one.keys) expect(help).toContain(keyText(key));
        if (one.together === undefined && one.keys.length > 0) expect(help).toContain(one.label);
      }
    }
  });
});

/** A screen without a terminal, brought to a place. */
class Without {
  readonly services: FakeServices;
  readonly effects: string[] = [];
  readonly screen: Screen;

  constructor(place: Place, pane = "3") {
    this.services = new FakeServices({
      snapshot: clusterAfter(containersOn(node103, manyContainers(50))),
      findings: [finding],
      running: place === "quit" ? [text`plan of three steps`] : [],
    });
    this.screen = new Screen(this.services, painter(true), size, (effect) => this.effects.push(effect));
    this.screen.start();
    const signal = new AbortController().signal;
    switch (place) {
      case "detail":
        this.screen.press([pane, "enter"]);
        break;
      case "filter":
        this.screen.press(["4", "/", "c"]);
        break;
      case "palette":
        this.screen.press([":"]);
        break;
      case "help":
        this.screen.press(["?"]);
        break;
      case "quit":
        this.screen.press(["q"]);
        break;
      case "host-key":
        void this.services.prompts.ask(
          { kind: "host-key", node: node103, host: text`h`, keyType: text`t`, fingerprint: text`f`, file: text`k` },
          signal,
        );
        break;
      case "secret":
        void this.services.prompts.ask(
          { kind: "password", node: node103, user: text`u`, host: text`h`, again: false },
          signal,
        );
        this.screen.press(["x"]);
        break;
      case "panes":
        this.screen.press(["4", "j"]);
        break;
    }
  }

  /** All that a key can change: the frame, what was asked of the services, of the terminal, of the connections. */
  get trace(): unknown[] {
    const { asked, prompts, readOnly } = this.services;
    return [this.screen.view(), asked.length, this.effects.length, prompts.current.get(), readOnly.state.get()];
  }
}

const footerOf = (place: Place): readonly Binding[] => inPlace(place).filter((one) => one.footer !== undefined);

describe("the footer", () => {
  test.each(
    places.flatMap((place) => footerOf(place).map((binding) => ({ place, binding, key: binding.keys[0] ?? "" }))),
  )("does not lie: $key in $place does something", ({ place, key, binding }) => {
    // A network's details have a list, a container's have logs and a shell.
    const changed = ["3", "4"].some((pane) => {
      const without = new Without(place, pane);
      const before = without.trace;
      without.screen.press([key]);
      return without.trace.some((one, index) => one !== before[index]);
    });
    expect(changed, `${key} (${binding.id}) changed nothing`).toBe(true);
  });

  test("names what it has room for, the most important first", () => {
    const bindings = inPlace("panes");
    expect(footerKeys(bindings, 240).length).toBe(bindings.filter((one) => one.footer !== undefined).length);
    for (const width of [20, 40, 60, 80]) {
      const shown = footerKeys(bindings, width);
      const left = bindings.filter((one) => one.footer !== undefined && !shown.includes(one));
      const most = Math.max(0, ...shown.map((one) => one.footer ?? 0));
      for (const one of left) expect(one.footer).toBeGreaterThanOrEqual(most);
    }
    expect(footerKeys(bindings, 79).map((one) => one.id)).toContain("actions.open");
  });
});

describe("one chunk of input", () => {
  test("is as many keys as were pressed", () => {
    expect(keysOf("jjj", noKey)).toEqual(["j", "j", "j"]);
    expect(keysOf("ab\r", noKey)).toEqual(["a", "b", "enter"]);
    expect(keysOf("\t\t", noKey)).toEqual(["tab", "tab"]);
    expect(keysOf("\u0004\u0004", noKey)).toEqual(["ctrl-d", "ctrl-d"]);
    expect(keysOf("a b", noKey)).toEqual(["a", "space", "b"]);
    expect(keysOf("é漢👩‍👧", noKey)).toEqual(["é", "漢", "👩‍👧"]);
  });

  test("names what Ink has recognised", () => {
    expect(keysOf("", { ...noKey, upArrow: true })).toEqual(["up"]);
    expect(keysOf("", { ...noKey, tab: true, shift: true })).toEqual(["shift-tab"]);
    expect(keysOf("d", { ...noKey, ctrl: true })).toEqual(["ctrl-d"]);
    expect(keysOf("x", { ...noKey, meta: true })).toEqual(["alt-x"]);
    expect(keysOf("", { ...noKey, escape: true, meta: true })).toEqual(["esc"]);
  });

  test("of an operator's keys moves the cursor as often as j was pressed", () => {
    const without = new Without("panes");
    without.screen.press(keysOf("jjj", noKey));
    expect(without.screen.view().bottom[0]).toContain("c005");
    expect(clean("c005")).toBe("c005");
  });
});
