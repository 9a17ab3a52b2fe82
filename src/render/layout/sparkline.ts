const LEVELS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.:-=+*#' };

/** How a sparkline is drawn. */
interface Drawing {
  unicode: boolean;
  /** The value of the highest level; by default the highest value. */
  top?: number;
  /** The value of several in one character; by default the highest. */
  pick?: (...values: number[]) => number;
}

/**
 * Returns a line chart of one character per value, from 0 to the highest value; a missing value is a space. If there are more values than
 * columns, each character stands for several.
 */
export function sparkline(
  values: readonly (number | null)[],
  width: number,
  { unicode, top, pick = Math.max }: Drawing,
): string {
  const cells = pickOfEach(values, Math.max(1, Math.ceil(values.length / Math.max(1, width))), pick);
  const levels = unicode ? LEVELS.unicode : LEVELS.ascii;
  const most = top ?? pickOf(cells, Math.max) ?? 0;
  const levelOf = (value: number): number =>
    most === 0 ? 0 : Math.min(levels.length - 1, Math.floor((value / most) * levels.length));
  return cells.map((value) => (value === null ? ' ' : levels[levelOf(value)]!)).join('');
}

/** Returns the value that `pick` chooses of each `size` values in a row; `null` where all are missing. */
export function pickOfEach(
  values: readonly (number | null)[],
  size: number,
  pick: (...values: number[]) => number,
): (number | null)[] {
  const cells: (number | null)[] = [];
  for (let from = 0; from < values.length; from += size)
    cells.push(pickOf(values.slice(from, from + size), pick));
  return cells;
}

/** Returns the value that `pick` chooses; `null` if there is none. */
export function pickOf(
  values: readonly (number | null)[],
  pick: (...values: number[]) => number,
): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

/** Returns a bar of which a share, 0 … 1, is filled. */
export function bar(share: number, width: number, unicode: boolean): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  return full.repeat(filled) + empty.repeat(width - filled);
}
