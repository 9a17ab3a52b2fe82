import { CONFIDENCE, type ClosedInterval } from './interval.ts';
import { meanOf, neighbourCorrelation, skewnessOf, varianceOf } from './moments.ts';
import { tQuantile } from './student.ts';

/** The number of batches of a window. Fewer make the variance less certain, more are correlated under load. */
export const BATCHES = 20;
export const BATCH_DF = BATCHES - 1;

/** The largest lag-1 correlation that is assumed: that of 20 means is not known well. */
const MAX_CORRELATION = 0.8;

/** The skewness below which there is no correction: the cube root would lose its digits. */
const NO_SKEWNESS = 1e-6;

/** A mean over a window with the variance that 20 consecutive batches show. */
export interface BatchedMean {
  value: number;
  /** The variance of `value`, widened by (1 + φ)/(1 − φ), because queueing makes neighbouring batches similar. */
  variance: number;
  /** The bias-corrected skewness of the batches. */
  skewness: number;
}

/**
 * Returns the means of 20 consecutive batches of a series in the order of the plan, equal in size up to one request; `null` for fewer
 * than 20 values.
 */
export function batchMeans(values: ArrayLike<number>): number[] | null {
  const n = values.length;
  if (n < BATCHES) return null;
  return Array.from({ length: BATCHES }, (_, batch) => {
    const from = Math.floor((batch * n) / BATCHES);
    const to = Math.floor(((batch + 1) * n) / BATCHES);
    let sum = 0;
    for (let k = from; k < to; k++) sum += values[k]!;
    return sum / (to - from);
  });
}

/** Returns a figure with the variance and skewness that its batches show. */
export function batched(value: number, batches: readonly number[]): BatchedMean {
  const correlation = Math.min(MAX_CORRELATION, Math.max(0, neighbourCorrelation(batches)));
  return {
    value,
    variance: (varianceOf(batches) / batches.length) * ((1 + correlation) / (1 - correlation)),
    skewness: skewnessOf(batches),
  };
}

/** Returns the mean of a series in the order of the plan; `null` for fewer than 20 values. */
export function batchedMean(values: ArrayLike<number>): BatchedMean | null {
  const batches = batchMeans(values);
  return batches === null ? null : batched(meanOf(values), batches);
}

/**
 * Returns the interval of a mean by method S: 20 batch means, corrected for the correlation of neighbours and, by Hall's transformation
 * (Hall 1992; Willink 2005), for the skewness that bursts cause: G(z) = (∛(1 + 6β(z − β)) − 1)/(2β), β = g/(6√20).
 */
export function batchedInterval(
  { value, variance, skewness }: BatchedMean,
  confidence = CONFIDENCE,
): ClosedInterval {
  const t = tQuantile(confidence, BATCH_DF);
  const beta = skewness / (6 * Math.sqrt(BATCHES));
  const transformed = (z: number): number =>
    Math.abs(beta) < NO_SKEWNESS ? z : (Math.cbrt(1 + 6 * beta * (z - beta)) - 1) / (2 * beta);
  const error = Math.sqrt(variance);
  return { low: value - transformed(t) * error, high: value - transformed(-t) * error };
}
