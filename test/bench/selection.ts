import type { Terminal } from "../terminal/terminal.ts";

/** No key takes this long; one that does was lost. */
const lostAfterMs = 20_000;

/**
 * The selected row of the list that has the keys: the only one that stands inverse. Which name stands in it changes by keys
 * alone; an event may paint a frame, and even move the row, and changes nothing here.
 */
export class Selection {
  readonly #terminal: Terminal;
  /** Where the rows of the list begin. */
  readonly #column: number;
  #heardAt = 0;

  /** @throws Error when no row is selected */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    const column = inverseColumn(terminal);
    if (column === undefined) throw new Error(`no row is selected:\n${terminal.text()}`);
    this.#column = column;
  }

  /** To be told when something came, since it is only understood a moment later. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /** Presses a key; milliseconds until what makes another name stand selected has come from the program. */
  async moves(key: string): Promise<number> {
    const before = this.#name();
    const pressed = performance.now();
    return new Promise((resolve, reject) => {
      const understood = this.#terminal.screen.onWriteParsed(() => {
        const now = this.#name();
        if (now === undefined || now === before) return;
        end();
        resolve(this.#heardAt - pressed);
      });
      const timer = setTimeout(() => {
        end();
        reject(new Error(`\`${key}\` moved nothing in ${lostAfterMs} ms:\n${this.#terminal.text()}`));
      }, lostAfterMs);
      const end = (): void => {
        understood.dispose();
        clearTimeout(timer);
      };
      this.#terminal.press(key);
    });
  }

  /** Of the row that is selected now; none while a frame is half there. */
  #name(): string | undefined {
    const buffer = this.#terminal.screen.buffer.active;
    for (let row = 0; row < this.#terminal.screen.rows; row++) {
      const line = buffer.getLine(buffer.viewportY + row);
      if (line?.getCell(this.#column)?.isInverse()) {
        return line.translateToString(true, this.#column).trim().split(/\s/, 1).join();
      }
    }
    return undefined;
  }
}

function inverseColumn({ screen }: Terminal): number | undefined {
  const buffer = screen.buffer.active;
  for (let row = 0; row < screen.rows; row++) {
    for (let column = 0; column < screen.cols; column++) {
      if (
        buffer
          .getLine(buffer.viewportY + row)
          ?.getCell(column)
          ?.isInverse()
      )
        return column;
    }
  }
  return undefined;
}
