const csi = "\u001b[";
const st = "\u001b\\";

/** Keeps the terminal's title for `restored` (xterm "ctlseqs", XTWINOPS 22). */
export const keepTitle = `${csi}22;0t`;

/** Asks the terminal for a sign of life, which comes after the answers to all that it was asked before (DSR, ECMA-48). */
export const askStatus = `${csi}5n`;
export const statusAnswer = `${csi}0n`;

const off = (...modes: readonly (number | string)[]): string => modes.map((mode) => `${csi}?${mode}l`).join("");

/** DECSET 6, alone or among others, or brought back by XTRESTORE. */
const setsOrigin = /\[\?(?:\d+;)*6(?:;\d+)*[hr]/;

/** Looks whether a program counts rows from its scrolling region (DECOM). What it writes may come in any pieces. */
export class OriginWatch {
  #tail = "";
  moved = false;

  read(output: Uint8Array): void {
    if (this.moved) return;
    const seen = this.#tail + Buffer.from(output.buffer, output.byteOffset, output.byteLength).toString("latin1");
    this.moved = setsOrigin.test(seen);
    this.#tail = seen.slice(-32);
  }
}

/**
 * What takes back everything that a program may have done to a terminal and that outlives it (xterm "ctlseqs"; DEC STD
 * 070; kitty's keyboard protocol). The screen's content stays. The cursor stays where it is, if that is after what the
 * program wrote; with `toEnd` it goes to a new last row. The order matters: first what would swallow the rest.
 */
export function restored(columns: number, toEnd: boolean): string {
  return [
    // Out of a sequence that was never finished: CAN ends one, `ESC <` leaves the VT52 mode, ST ends a string.
    `\u0018\u001b<${st}`,
    // Not to a printer; answers in 7 bits; UTF-8.
    `${csi}4i${csi}?4i\u001b F\u001b%G`,
    // The normal screen. 1049, the only way that some terminals know, moves the cursor to where it once was.
    `${off(1047, 47)}\u001b7${off(1049)}\u001b8`,
    // Frames are shown at once.
    off(2026),
    // Mouse in all its ways, focus, bracketed paste, reports of colours and sizes.
    off(9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2031, 2048),
    // Keys as they are by default: kitty's flags, xterm's modifiers, cursor keys, keypad, locked keyboard, local echo.
    `${csi}=0u${csi}>4;0m${off(1, 66)}\u001b>${csi}2l${csi}12h`,
    // Soft reset, and what it leaves or not everybody knows: reverse colours, 132 columns, wrapping, inserting, line feeds.
    `${csi}!p${off(5, 40, 45, 69, 80)}${csi}?7h${csi}4l${csi}20l`,
    // Rows are counted from the first one, and all of them scroll; the first of both moves the cursor.
    toEnd ? `${off(6)}${csi}r${csi}999;1H\r\n` : `\u001b7${csi}r\u001b8`,
    // Character sets, and G0 in use; no colours; no protected characters; no link.
    `\u001b(B\u001b)B\u001b*B\u001b+B\u000f${csi}0m${csi}0"q\u001b]8;;${st}`,
    // Colours of the palette, of text, background, cursor and selection.
    ["104", "110", "111", "112", "117", "119"].map((what) => `\u001b]${what}${st}`).join(""),
    // The cursor: seen, of its usual form.
    `${csi}?25h${csi}0 q`,
    tabStops(columns),
    `${csi}23;0t`,
  ].join("");
}

/** A stop every eight columns: none but setting them one by one is understood everywhere. */
function tabStops(columns: number): string {
  const stops = Array.from({ length: Math.max(0, Math.ceil(columns / 8) - 1) }, () => `${csi}8C\u001bH`).join("");
  return `\u001b7\r${csi}3g${stops}\u001b8`;
}
