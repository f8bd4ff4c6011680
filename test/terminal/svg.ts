import type xterm from "@xterm/headless";
import { BoxDrawing } from "./box-drawing.ts";

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 14;
/** Above the screen, as a window has it. */
const bar = 34;
/** A window of fewer looks like a mistake. */
const leastRows = 8;
const foreground = "#d4d4d4";
const background = "#14161b";
const edge = "#30363d";

/** xterm's sixteen colours, in a palette that is calm on a dark page. */
// biome-ignore format: two rows of eight
const sixteen = [
  "#3b4048", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d4d4d4",
  "#6b7280", "#ef8a92", "#b2d79a", "#f0d399", "#82c3ff", "#d59be8", "#7fd0da", "#ffffff",
] as const;

/** The terminal's screen as an SVG picture of a window: one <text> a run of cells that look the same. Empty rows at its end are left out. */
export function screenToSvg(terminal: xterm.Terminal, title: string): string {
  const rows = Math.max(leastRows, usedRows(terminal));
  const width = terminal.cols * cellWidth + 2 * margin;
  const height = rows * cellHeight + bar + margin;
  const frames = new BoxDrawing();
  const cells = Array.from({ length: rows }, (_, row) => drawRow(terminal, row, frames)).flat();
  const lights = ["#e06c75", "#e5c07b", "#98c379"].map(
    (fill, index) => `<circle cx="${margin + 5 + index * 18}" cy="${bar / 2}" r="5" fill="${fill}"/>`,
  );
  const parts: string[] = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" role="img" aria-label="${escaped(title)}">`,
    `<rect x="0.5" y="0.5" width="${round(width - 1)}" height="${round(height - 1)}" rx="9" fill="${background}" stroke="${edge}"/>`,
    ...lights,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">`,
    `<text x="${round(width / 2)}" y="${bar / 2 + 4}" text-anchor="middle" font-size="12" fill="${sixteen[8]}">${escaped(title)}</text>`,
    ...cells,
    "</g>",
    ...frames.elements(),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

interface Run {
  column: number;
  cells: number;
  text: string;
  style: Style;
}

interface Style {
  fill: string;
  behind: string | undefined;
  bold: boolean;
  dim: boolean;
  underline: boolean;
}

/** How many rows there are down to the last that is not empty. */
function usedRows({ buffer: { active }, rows }: xterm.Terminal): number {
  const isUsed = (row: number) =>
    active
      .getLine(active.viewportY + row)
      ?.translateToString(true)
      .trim() !== "";
  return Array.from({ length: rows }, (_, row) => row).findLastIndex(isUsed) + 1;
}

function drawRow(terminal: xterm.Terminal, row: number, frames: BoxDrawing): string[] {
  const y = bar + row * cellHeight;
  return runsOf(terminal, row, frames).flatMap((run) => {
    const x = margin + run.column * cellWidth;
    const length = run.cells * cellWidth;
    const box =
      run.style.behind === undefined
        ? []
        : [
            `<rect x="${round(x)}" y="${round(y)}" width="${round(length)}" height="${cellHeight}" fill="${run.style.behind}"/>`,
          ];
    const words = run.text.trim();
    if (words === "") return box;
    // Blanks at the ends would be squeezed away where they are not preserved, and the rest stretched.
    const before = run.text.length - run.text.trimStart().length;
    const after = run.text.length - run.text.trimEnd().length;
    const look = [
      `fill="${run.style.fill}"`,
      run.style.bold ? 'font-weight="bold"' : "",
      run.style.dim ? 'opacity="0.6"' : "",
      run.style.underline ? 'text-decoration="underline"' : "",
    ].filter((one) => one !== "");
    const wide = `textLength="${round(length - (before + after) * cellWidth)}" lengthAdjust="spacingAndGlyphs"`;
    const place = `x="${round(x + before * cellWidth)}" y="${round(y + 13.5)}" ${wide}`;
    return [...box, `<text ${place} ${look.join(" ")}>${escaped(words)}</text>`];
  });
}

function runsOf(terminal: xterm.Terminal, row: number, frames: BoxDrawing): Run[] {
  const buffer = terminal.buffer.active;
  const line = buffer.getLine(buffer.viewportY + row);
  const runs: Run[] = [];
  for (let column = 0; column < terminal.cols; column++) {
    const cell = line?.getCell(column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const place = { x: margin + column * cellWidth, y: bar + row * cellHeight, width: cellWidth, height: cellHeight };
    const text = frames.take(cell.getChars(), place, style) ? " " : cell.getChars() || " ";
    const last = runs.at(-1);
    if (last !== undefined && JSON.stringify(last.style) === JSON.stringify(style)) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ column, cells: cell.getWidth(), text, style });
  }
  return runs;
}

function styleOf(cell: xterm.IBufferCell): Style {
  const own = colour(cell.getFgColor(), cell.isFgRGB(), cell.isFgDefault());
  const under = colour(cell.getBgColor(), cell.isBgRGB(), cell.isBgDefault());
  const inverse = cell.isInverse() !== 0;
  return {
    fill: inverse ? (under ?? background) : (own ?? foreground),
    behind: inverse ? (own ?? foreground) : under,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    underline: cell.isUnderline() !== 0,
  };
}

/** 256-colour indexes as xterm defines them: sixteen named, a 6x6x6 cube, 24 greys. */
function colour(value: number, isRgb: boolean, isDefault: boolean): string | undefined {
  if (isDefault) return undefined;
  if (isRgb) return `#${value.toString(16).padStart(6, "0")}`;
  if (value < 16) return sixteen[value];
  if (value >= 232) return grey(8 + (value - 232) * 10);
  const step = (level: number) => (level === 0 ? 0 : 55 + level * 40);
  const cube = value - 16;
  return `#${[Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((level) => hex(step(level))).join("")}`;
}

const grey = (level: number): string => `#${hex(level).repeat(3)}`;
const hex = (level: number): string => level.toString(16).padStart(2, "0");
const round = (number: number): string => String(Math.round(number * 10) / 10);
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one] ?? one);
