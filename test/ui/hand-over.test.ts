import { PassThrough, Writable } from "node:stream";
import type { ReadStream, WriteStream } from "node:tty";
import xterm from "@xterm/headless";
import { afterEach, describe, expect, test } from "vitest";
import { text } from "../../src/domain/text.ts";
import { good } from "../../src/domain/trouble.ts";
import type { Output, SessionEnd, TerminalSize } from "../../src/ports/shells.ts";
import type { OpenShell, ReadyShell } from "../../src/services/shell/open-shell.ts";
import { untilDetach } from "../../src/ui/terminal/detach-key.ts";
import { type HandedBack, handOver } from "../../src/ui/terminal/hand-over.ts";

/** A terminal with a person at it, and a session at the other end whose every byte is in the test's hands. */
class Desk {
  readonly screen = new xterm.Terminal({
    cols: 80,
    rows: 24,
    allowProposedApi: true,
    windowOptions: { pushTitle: true, popTitle: true, getWinTitle: true },
  });
  readonly input = Object.assign(new PassThrough(), {
    raw: false,
    isTTY: true,
    setRawMode: (on: boolean) => this.#raw(on),
    ref: () => undefined,
  });
  readonly output = Object.assign(new Writable({ write: (chunk, _, done) => this.screen.write(chunk, done) }), {
    columns: 80,
    rows: 24,
  });
  title = "the operator's own";
  heard = "";
  sizes: TerminalSize[] = [];
  left: boolean[] = [];
  print: Output = () => undefined;
  readonly end: (end: SessionEnd) => void;
  readonly #ended: Promise<SessionEnd>;
  readonly #opens = Promise.withResolvers<void>();

  constructor() {
    const { promise, resolve } = Promise.withResolvers<SessionEnd>();
    this.#ended = promise;
    this.end = resolve;
    this.screen.onData((answer) => this.input.write(answer));
    this.screen.onTitleChange((title) => {
      this.title = title;
    });
  }

  /** The terminal, given away; the session opens when the test says so. */
  given(): Promise<HandedBack> {
    const ready: ReadyShell = {
      where: text`node2 on node103`,
      start: async (size, _term, output) => {
        if (size !== undefined) this.sizes.push(size);
        this.print = output;
        await this.#opens.promise;
        return good(this.#session());
      },
    };
    const streams = { input: this.input as unknown as ReadStream, output: this.output as unknown as WriteStream };
    return handOver(ready, undefined, streams);
  }

  async opens(): Promise<void> {
    this.#opens.resolve();
    await settle();
  }

  async types(keys: string): Promise<void> {
    this.input.write(keys);
    await settle();
  }

  async writes(output: string): Promise<void> {
    await this.print(Buffer.from(output, "latin1"), "stdout");
    await settle();
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.output, { columns, rows });
    this.output.emit("resize");
  }

  /** What is left for whoever reads the keyboard next. */
  get unread(): string {
    return String(this.input.read() ?? "");
  }

  #raw(on: boolean): void {
    this.input.raw = on;
  }

  #session(): OpenShell {
    return {
      write: async (bytes) => {
        this.heard += Buffer.from(bytes).toString("latin1");
      },
      endInput: () => undefined,
      resize: (size) => this.sizes.push(size),
      ended: this.#ended,
      leave: async (end) => {
        this.left.push(end);
        return text`left, and ended`;
      },
    };
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

const desks: Desk[] = [];
function desk(): Desk {
  const one = new Desk();
  desks.push(one);
  return one;
}
afterEach(() => {
  for (const one of desks.splice(0)) one.screen.dispose();
});

describe("a terminal that is given to a session", () => {
  test("passes every byte, those typed before it was open too, ctrl-c and ctrl-z among them", async () => {
    const here = desk();
    const back = here.given();
    await here.types("early\r");
    await here.opens();
    await here.types("\x03\x1a\x00\xff\x1b[A");
    expect(here.heard).toBe("early\r\x03\x1a\x00\xff\x1b[A".replace("\xff", Buffer.from("\xff").toString("latin1")));
    expect(here.input.raw).toBe(true);
    here.end({ end: "exited", code: 3 });
    expect(await back).toEqual({ end: "exited", code: 3 });
    expect(here.input.raw).toBe(false);
  });

  test("tells the session its size, and every change of it, also one while it opened", async () => {
    const here = desk();
    const back = here.given();
    await settle();
    here.resize(100, 30);
    await here.opens();
    here.resize(120, 40);
    here.end({ end: "exited", code: 0 });
    await back;
    here.resize(80, 24);
    expect(here.sizes).toEqual([
      { columns: 80, rows: 24 },
      { columns: 100, rows: 30 },
      { columns: 120, rows: 40 },
    ]);
  });

  test("comes back on ctrl-\\, with what was typed before it sent and nothing after", async () => {
    const here = desk();
    const back = here.given();
    await here.opens();
    await here.types("ls\r\x1cq");
    const handed = await back;
    expect(handed).toMatchObject({ end: "left", by: "key" });
    expect(here.heard).toBe("ls\r");
    expect(here.left).toEqual([false]);
  });

  test("comes back on ctrl-\\ while the session still opens, and ends it then", async () => {
    const here = desk();
    const back = here.given();
    await here.types("\x1c");
    expect(await back).toMatchObject({ end: "left" });
    await here.opens();
    expect(here.left).toEqual([true]);
  });

  test("is as it was, whatever the program did and however it ended", async () => {
    const before = desk();
    await before.writes("");
    for (const end of ["exited", "lost"] as const) {
      const here = desk();
      const back = here.given();
      await here.opens();
      await here.writes(
        "\x1b[?1049h\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?1004h\x1b[?1h\x1b=\x1b[4h\x1b[?6h\x1b[?7l\x1b[?45h\x1b[3;9r\x1b(0\x1b[3g\x1b[31;7m\x1b]0;owned\x07\x1b]unfinished",
      );
      expect(here.screen.modes).not.toEqual(before.screen.modes);
      here.end(end === "exited" ? { end, code: 0 } : { end, trouble: { kind: "cancelled" } });
      await back;
      expect(here.screen.modes).toEqual(before.screen.modes);
      expect(here.screen.buffer.active.type).toBe("normal");
      expect(here.title).toBe("");
      // Drawn with the usual letters and tab stops, from the first column, on rows that scroll.
      await new Promise<void>((resolve) => here.screen.write("\r\nqqq\tx", resolve));
      const { active } = here.screen.buffer;
      expect(active.getLine(active.baseY + active.cursorY)?.translateToString(true)).toBe("qqq     x");
    }
  });

  test("leaves no answer that a program made it give to be taken for keys", async () => {
    const here = desk();
    const back = here.given();
    await here.opens();
    // The title, as the terminal would type it: the panes would quit.
    here.screen.write("\x1b]0;q\x07");
    void here.writes("\x1b[21t\x1b[c\x1b[6n");
    here.end({ end: "exited", code: 0 });
    await back;
    await settle();
    expect(here.unread).toBe("");
    await here.types("j");
    expect(here.unread).toBe("j");
  });

  test("keeps the cursor where the program's output ended", async () => {
    const here = desk();
    const back = here.given();
    await here.opens();
    await here.writes("one\r\ntwo\r\n");
    here.end({ end: "exited", code: 0 });
    await back;
    expect([here.screen.buffer.active.cursorX, here.screen.buffer.active.cursorY]).toEqual([0, 2]);
  });
});

test.each(["\x1c", "\x1b[27;5;92~", "\x1b[92;5u"])(
  "ctrl-\\ is known in each way that terminals send it: %j",
  (sent) => {
    expect(untilDetach(`a${sent}b`)).toEqual({ forward: "a", detached: true });
    expect(untilDetach("a\x1b[92;2u")).toEqual({ forward: "a\x1b[92;2u", detached: false });
  },
);
