const LEVELS = { unicode: '▁▂▃▄▅▆▇█', ascii: '_.:-=+*#' };

/**
 * Returns a line chart of one character per value, from 0 to the highest value; a missing value is a space. If there are more values than
 * columns, each character is the highest of several.
 */
export function sparkline(values: readonly (number | null)[], width: number, unicode: boolean): string {
  const cells = highestOfEach(values, Math.max(1, Math.ceil(values.length / Math.max(1, width))));
  const levels = unicode ? LEVELS.unicode : LEVELS.ascii;
  const top = highest(cells) ?? 0;
  const levelOf = (value: number): number =>
    top === 0 ? 0 : Math.min(levels.length - 1, Math.floor((value / top) * levels.length));
  return cells.map((value) => (value === null ? ' ' : levels[levelOf(value)]!)).join('');
}

/** Returns the highest value of each `size` values in a row; `null` where all are missing. */
export function highestOfEach(values: readonly (number | null)[], size: number): (number | null)[] {
  const cells: (number | null)[] = [];
  for (let from = 0; from < values.length; from += size) cells.push(highest(values.slice(from, from + size)));
  return cells;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Returns a bar of which a share, 0 … 1, is filled. */
export function bar(share: number, width: number, unicode: boolean): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  const [full, empty] = unicode ? ['█', '░'] : ['#', '.'];
  return full.repeat(filled) + empty.repeat(width - filled);
}
