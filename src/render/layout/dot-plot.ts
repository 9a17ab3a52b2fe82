/** Bits of the dots of a braille character, by row and column. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BRAILLE = 0x2800;

/** A grid of dots, drawn in braille characters of 2 × 4 dots; in ASCII a character with any dot is `*`. */
export class DotPlot {
  /** Size in dots. */
  readonly width: number;
  readonly height: number;
  readonly #cells: number[][];

  /** @param columns,rows size in characters */
  constructor(columns: number, rows: number) {
    this.width = 2 * columns;
    this.height = 4 * rows;
    this.#cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => 0));
  }

  /** Sets the dot at shares of the width and of the height, 0 … 1, from the lower left corner. */
  dot(x: number, y: number): void {
    this.#set(this.#column(x), this.#row(y));
  }

  /** Draws a straight line between two points. */
  line([x0, y0]: readonly [number, number], [x1, y1]: readonly [number, number]): void {
    const [from, to] = [
      [this.#column(x0), this.#row(y0)],
      [this.#column(x1), this.#row(y1)],
    ] as const;
    const steps = Math.max(1, Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1]));
    for (let k = 0; k <= steps; k++)
      this.#set(
        Math.round(from[0] + ((to[0] - from[0]) * k) / steps),
        Math.round(from[1] + ((to[1] - from[1]) * k) / steps),
      );
  }

  lines(unicode: boolean): string[] {
    const sign = (bits: number): string =>
      bits === 0 ? ' ' : unicode ? String.fromCodePoint(BRAILLE + bits) : '*';
    return this.#cells.map((row) => row.map(sign).join(''));
  }

  #column(x: number): number {
    return Math.round(x * (this.width - 1));
  }

  #row(y: number): number {
    return this.height - 1 - Math.round(y * (this.height - 1));
  }

  #set(column: number, row: number): void {
    const cells = this.#cells[row >> 2];
    if (cells?.[column >> 1] === undefined) return;
    cells[column >> 1]! |= BITS[row & 3]![column & 1]!;
  }
}
