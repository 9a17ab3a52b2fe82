import { BATCHES, batchedInterval, batchedMean } from './batches.ts';
import { effectiveSize } from './effective-size.ts';
import { CONFIDENCE, type ClosedInterval } from './interval.ts';
import { tQuantile } from './student.ts';

/** The degrees of freedom that account for the uncertainty of n_eff: t is 2.160 at 95%. */
export const EFFECTIVE_DF = 13;

/** With fewer hits or misses than this, batches do not show the variance of a share. */
const FEW = 10;

/**
 * Returns the interval of a share: by corrected batch means (S) with at least ten misses and ten hits, else by Wilson's interval with an
 * effective number of requests (N).
 * @param hits 0 and 1, in the order of the plan
 * @param burstSize n_eff of the marks "TTFT ≤ the p90 of the run", which contain bursts that a share with few misses does not
 * @returns `null` for fewer than 20 values
 */
export function shareInterval(
  hits: ArrayLike<number>,
  burstSize: number,
  confidence = CONFIDENCE,
): (ClosedInterval & { method: 'S' | 'N' }) | null {
  const n = hits.length;
  if (n < BATCHES) return null;
  let count = 0;
  for (let k = 0; k < n; k++) count += hits[k]!;
  if (Math.min(count, n - count) < FEW) {
    return {
      method: 'N',
      ...effectiveWilson(count / n, Math.min(effectiveSize(hits), burstSize), confidence),
    };
  }
  const { low, high } = batchedInterval(batchedMean(hits)!, confidence);
  return { method: 'S', low: Math.max(0, low), high: Math.min(1, high) };
}

/** Returns Wilson's score interval (1927) of a share of `size` independent trials, by method N. */
export function effectiveWilson(share: number, size: number, confidence = CONFIDENCE): ClosedInterval {
  // The limit for no trials: without a first token nothing is known about bursts.
  if (size <= 0) return { low: 0, high: 1 };
  const z = tQuantile(confidence, EFFECTIVE_DF);
  const z2 = z * z;
  const scale = 1 + z2 / size;
  const centre = (share + z2 / (2 * size)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / size + z2 / (4 * size * size));
  // For a share of 0 or 1 the bound is the share itself, which rounding would change by 1e-17.
  return { low: share === 0 ? 0 : centre - half, high: share === 1 ? 1 : centre + half };
}
