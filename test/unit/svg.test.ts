import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { screenToSvg } from "../terminal/svg.ts";

async function drawn(...lines: readonly string[]): Promise<string> {
  const terminal = new xterm.Terminal({ cols: 20, rows: 12, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(lines.join("\r\n"), resolve));
  const svg = screenToSvg(terminal, "a <picture>");
  terminal.dispose();
  return svg;
}

test("a frame in a picture is one line a side, without the gaps that fonts leave", async () => {
  const svg = await drawn("┌──────┐", "│ live │", "└──────┘");
  expect(svg.match(/<path /g)).toHaveLength(1);
  expect(/ d="([^"]*)"/.exec(svg)?.[1]?.match(/[HV]/g)?.sort()).toEqual(["H", "H", "V", "V"]);
  expect([...svg.matchAll(/<text [^>]*>([^<]*)</g)].map((one) => one[1])).toEqual(["a &lt;picture&gt;", "live"]);
});

test("a picture keeps colours, what is dim and what stands out", async () => {
  const svg = await drawn("\x1b[31mlost\x1b[0m \x1b[2mold\x1b[0m \x1b[1;7mhere\x1b[0m", "\x1b[2m──\x1b[0m");
  expect(svg).toMatch(/fill="#e06c75">lost</);
  expect(svg).toMatch(/opacity="0.6">old</);
  expect(svg).toMatch(/fill="#14161b" font-weight="bold">here</);
  expect(svg).toMatch(/<path [^>]*stroke-opacity="0.6"/);
});

test("a picture ends where the screen is empty", async () => {
  const height = (svg: string) => Number(/viewBox="0 0 [\d.]+ ([\d.]+)"/.exec(svg)?.[1]);
  expect(height(await drawn(...Array.from({ length: 12 }, () => "x")))).toBeGreaterThan(height(await drawn("x")));
});
