/** A cell of the picture: its left upper corner, and its size. */
export interface Cell {
  x: number;
  y: number;
  width: number;
  height: number;
}

type Arm = "left" | "right" | "up" | "down";

/** Where the lines of a character go from the middle of its cell (Unicode chart U2500, "Box Drawing"). */
const arms: Readonly<Record<string, readonly Arm[]>> = {
  "─": ["left", "right"],
  "│": ["up", "down"],
  "┃": ["up", "down"],
  "┌": ["right", "down"],
  "┐": ["left", "down"],
  "└": ["right", "up"],
  "┘": ["left", "up"],
  "├": ["up", "down", "right"],
  "┤": ["up", "down", "left"],
  "┬": ["left", "right", "down"],
  "┴": ["left", "right", "up"],
  "┼": ["left", "right", "up", "down"],
};

/** Eighths of a cell from below (Unicode chart U2580, "Block Elements"). */
const blocks = "▁▂▃▄▅▆▇█";
const shade = "░";

const thin = 1.1;
const heavy = 3;

/**
 * Characters that frames and gauges are made of, as lines and boxes: fonts leave gaps between them, since their rows are
 * lower than a terminal's.
 */
export class BoxDrawing {
  /** By what they look like, "h" or "v" and where across: stretches along. */
  readonly #lines = new Map<string, { looks: string; across: number; along: [number, number][]; flat: boolean }>();
  readonly #boxes: string[] = [];

  /** Draws the character, if it is one of these. */
  take(char: string, cell: Cell, { fill, dim }: { fill: string; dim: boolean }): boolean {
    const going = arms[char];
    if (going !== undefined) {
      const faint = dim ? ' stroke-opacity="0.6"' : "";
      const looks = `stroke="${fill}" stroke-width="${char === "┃" ? heavy : thin}"${faint}`;
      for (const arm of going) this.#line(arm, cell, looks);
      return true;
    }
    const eighths = blocks.indexOf(char) + 1;
    if (char === "" || (eighths === 0 && char !== shade)) return false;
    const height = char === shade ? cell.height : (cell.height * eighths) / 8;
    const place = `x="${short(cell.x)}" y="${short(cell.y + cell.height - height)}"`;
    const looks = `fill="${fill}"${char === shade ? ' opacity="0.25"' : ""}`;
    this.#boxes.push(`<rect ${place} width="${short(cell.width)}" height="${short(height)}" ${looks}/>`);
    return true;
  }

  /** Everything that was drawn, lines that meet as one. */
  elements(): string[] {
    const paths = new Map<string, string>();
    for (const { looks, across, along, flat } of this.#lines.values()) {
      const drawn = joined(along).map(([from, to]) =>
        flat ? `M${short(from)} ${short(across)}H${short(to)}` : `M${short(across)} ${short(from)}V${short(to)}`,
      );
      paths.set(looks, (paths.get(looks) ?? "") + drawn.join(""));
    }
    const lines = [...paths].map(([looks, path]) => `<path fill="none" stroke-linecap="square" ${looks} d="${path}"/>`);
    return [...this.#boxes, ...lines];
  }

  #line(arm: Arm, { x, y, width, height }: Cell, looks: string): void {
    const flat = arm === "left" || arm === "right";
    const across = flat ? y + height / 2 : x + width / 2;
    const [start, size] = flat ? [x, width] : [y, height];
    const along: [number, number] =
      arm === "left" || arm === "up" ? [start, start + size / 2] : [start + size / 2, start + size];
    const key = `${flat ? "h" : "v"}${short(across)} ${looks}`;
    const known = this.#lines.get(key);
    if (known === undefined) this.#lines.set(key, { looks, across, along: [along], flat });
    else known.along.push(along);
  }
}

/** Stretches that meet, as one. */
function joined(stretches: readonly [number, number][]): [number, number][] {
  const all: [number, number][] = [];
  for (const [from, to] of [...stretches].sort(([one], [other]) => one - other)) {
    const last = all.at(-1);
    if (last !== undefined && from - last[1] < 0.01) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
  }
  return all;
}

const short = (number: number): string => String(Math.round(number * 10) / 10);
