import type { PaintedFrame, View } from "./screen/view.ts";

/**
 * A frame as a terminal takes it without Ink, which is three times as long in loading as all that the first frame needs.
 * Only cursor positions (ECMA-48, CUP) are added to what the view painted.
 */
export function frameText(view: View): string {
  const parts: string[] = [];
  const put = (row: number, column: number, line: string) => parts.push(`\u001b[${row + 1};${column + 1}H${line}`);
  let row = 0;
  for (const line of view.top) put(row++, 0, line);
  for (const band of view.bands) {
    let column = 0;
    for (const frame of band) {
      putFrame(frame, row, column, put);
      column += frame.width;
    }
    row += Math.max(...band.map(heightOf));
  }
  for (const line of view.bottom) put(row++, 0, line);
  if (view.dialog !== undefined) putFrame(view.dialog.frame, view.dialog.y, view.dialog.x, put);
  return parts.join("");
}

const heightOf = (frame: PaintedFrame): number => frame.left.split("\n").length + 2;

function putFrame(
  frame: PaintedFrame,
  row: number,
  column: number,
  put: (row: number, column: number, line: string) => void,
) {
  const left = frame.left.split("\n");
  const right = frame.right.split("\n");
  put(row, column, frame.top);
  for (const [index, edge] of left.entries()) {
    put(row + 1 + index, column, edge + (frame.body[index] ?? ""));
    put(row + 1 + index, column + frame.width - 1, right[index] ?? "");
  }
  put(row + 1 + left.length, column, frame.bottom);
}
