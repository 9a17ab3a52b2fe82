import { tQuantile } from '../statistics/student.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Difference } from './difference.ts';

export type FigureVerdict = 'same' | 'better' | 'worse' | 'inconclusive';

/** How much is needed to judge a figure: `runs` a side, or `requests` in each of the two. */
export type Needed = { runs: number } | { requests: number };

/** Larger numbers are not advised. */
const MOST_RUNS = 1000;
const MOST_REQUESTS = 1_000_000;

export interface Judging {
  /** Differences within this share of the base's value count as the same. 0.05 is 5%. */
  tolerance: number;
  /** +1 if higher is better, −1 if lower is. */
  direction: 1 | -1;
  confidence: number;
}

/**
 * `same`: the interval lies within ± the tolerance. Else `better` or `worse`: it lies completely on that side of zero. Else
 * `inconclusive`.
 */
export function verdictOf(
  { low, high }: Interval,
  base: number,
  { tolerance, direction }: Judging,
): FigureVerdict {
  const margin = tolerance * Math.abs(base);
  if (low !== null && high !== null && low >= -margin && high <= margin) return 'same';
  if (low !== null && low > 0) return direction === 1 ? 'better' : 'worse';
  if (high !== null && high < 0) return direction === 1 ? 'worse' : 'better';
  return 'inconclusive';
}

/**
 * Returns how much is needed for a verdict if the difference and the spread stay the same: an interval narrow enough to exclude 0, or
 * to lie within the tolerance, whichever is nearer.
 */
export function neededFor(
  { value, interval }: Difference,
  base: number,
  measured: { runs: number } | { requests: number },
  { tolerance, confidence }: Judging,
): Needed | null {
  const distance = Math.abs(value);
  const wanted = Math.max(distance, tolerance * Math.abs(base) - distance);
  const { low, high } = interval(confidence);
  if (low === null || high === null || wanted <= 0) return null;
  const half = (high - low) / 2;
  if ('requests' in measured) {
    const requests = Math.ceil(measured.requests * (half / wanted) ** 2);
    return requests > MOST_REQUESTS ? null : { requests };
  }
  const { runs } = measured;
  // With more runs the half width shrinks by t and by the square root of their number.
  const spread = (half * Math.sqrt(runs)) / tQuantile(confidence, runs - 1);
  for (let n = runs + 1; n <= MOST_RUNS; n++)
    if ((tQuantile(confidence, n - 1) * spread) / Math.sqrt(n) <= wanted) return { runs: n };
  return null;
}
