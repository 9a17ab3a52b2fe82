import { meanOf } from '../../statistics/moments.ts';

/** Correlation of input and output lengths; `null` for fewer than two turns, or without variance. */
export interface Correlation {
  pearson: number | null;
  spearman: number | null;
}

export const correlationOf = (input: Float64Array, output: Float64Array): Correlation => ({
  pearson: pearson(input, output),
  spearman: pearson(meanRanks(input), meanRanks(output)),
});

function pearson(x: Float64Array, y: Float64Array): number | null {
  const n = x.length;
  if (n < 2) return null;
  const [meanX, meanY] = [meanOf(x), meanOf(y)];
  let [xx, yy, xy] = [0, 0, 0];
  for (let at = 0; at < n; at++) {
    const [dx, dy] = [x[at]! - meanX, y[at]! - meanY];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  // A mean that is rounded leaves a variance of equal values that is not exactly 0.
  if (isConstant(x) || isConstant(y)) return null;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

const isConstant = (values: Float64Array): boolean => values.every((value) => value === values[0]);

function positions(count: number): Uint32Array {
  const all = new Uint32Array(count);
  for (let at = 0; at < count; at++) all[at] = at;
  return all;
}

/** Returns the rank of each value, from 1; equal values have the mean of their ranks. */
function meanRanks(values: Float64Array): Float64Array {
  const order = positions(values.length).sort((a, b) => values[a]! - values[b]!);
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let end = from + 1;
    while (end < order.length && values[order[end]!] === values[order[from]!]) end++;
    for (let at = from; at < end; at++) ranks[order[at]!] = (from + 1 + end) / 2;
    from = end;
  }
  return ranks;
}
