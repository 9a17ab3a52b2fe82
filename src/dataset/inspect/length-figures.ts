import { medianOf } from '../../statistics/median.ts';
import { nearestRank, percentileNamed } from '../../statistics/percentile.ts';

const PERCENTILES = ['p1', 'p5', 'p25', 'p50', 'p75', 'p90', 'p95', 'p99'] as const;

/** Figures of lengths: nearest-rank percentiles, and the standard deviation of the population. `null` without values. */
export type LengthFigures = { count: number } & Record<
  'mean' | 'sd' | 'cv' | 'min' | (typeof PERCENTILES)[number] | 'max',
  number | null
>;

/** @param values are sorted in place */
export function lengthFigures(values: Float64Array): LengthFigures {
  values.sort();
  const count = values.length;
  const { mean, sd } = momentsOf(values);
  const percentiles = Object.fromEntries(
    PERCENTILES.map((name) => [
      name,
      values[nearestRank(percentileNamed(name), Math.max(1, count)) - 1] ?? null,
    ]),
  ) as Record<(typeof PERCENTILES)[number], number | null>;
  return {
    count,
    mean: count === 0 ? null : mean,
    sd: count === 0 ? null : sd,
    cv: mean > 0 ? sd / mean : null,
    min: values[0] ?? null,
    ...percentiles,
    max: values.at(-1) ?? null,
  };
}

/** Returns the mean and the standard deviation of the population. */
export function momentsOf(values: ArrayLike<number>): { mean: number; sd: number } {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  const mean = sum / values.length;
  let squares = 0;
  for (let at = 0; at < values.length; at++) squares += (values[at]! - mean) ** 2;
  return { mean, sd: Math.sqrt(squares / values.length) };
}

const FEWEST_FOR_OUTLIERS = 20;
/** 1.4826 · MAD estimates the standard deviation of normally distributed values. */
const OUTLIER_WIDTH = 3 * 1.4826;

/** Turns that are unusually short or long: |ln max(1, length) − median| > 3 · 1.4826 · MAD. */
export interface Outliers {
  low: number;
  high: number;
}

/** The logarithms of lengths beyond which a turn is an outlier. */
export interface OutlierBounds {
  low: number;
  high: number;
}

const logOf = (length: number): number => Math.log(Math.max(1, length));

/** @returns `null` for fewer than 20 lengths */
export function outlierBounds(lengths: ArrayLike<number>): OutlierBounds | null {
  if (lengths.length < FEWEST_FOR_OUTLIERS) return null;
  const logs = Float64Array.from(lengths, logOf).sort();
  const median = medianOf(logs);
  const limit = OUTLIER_WIDTH * medianOf(logs.map((log) => Math.abs(log - median)).sort());
  return limit === 0 ? { low: -Infinity, high: Infinity } : { low: median - limit, high: median + limit };
}

/** Returns -1 for an unusually short length, 1 for an unusually long one, else 0. */
export function outlierSide(length: number, { low, high }: OutlierBounds): -1 | 0 | 1 {
  const log = logOf(length);
  return log < low ? -1 : log > high ? 1 : 0;
}

/** @returns `null` for fewer than 20 lengths */
export function outliersOf(lengths: ArrayLike<number>): Outliers | null {
  const bounds = outlierBounds(lengths);
  if (bounds === null) return null;
  const found: Outliers = { low: 0, high: 0 };
  for (let at = 0; at < lengths.length; at++) {
    const side = outlierSide(lengths[at]!, bounds);
    if (side < 0) found.low++;
    if (side > 0) found.high++;
  }
  return found;
}
