import { CONFIDENCE, type ClosedInterval } from './interval.ts';
import { meanOf, neighbourCorrelation, skewnessOf, varianceOf } from './moments.ts';
import { tQuantile } from './student.ts';

/** Batches of a window. Fewer cost certainty of the variance, more are alike under load. */
export const BATCHES = 20;
export const BATCH_DF = BATCHES - 1;

/** A lag-1 correlation of 20 means is badly known: never trust it to be above this. */
const MAX_CORRELATION = 0.8;

/** Below it the cube root loses its digits, and the correction is nothing. */
const NO_SKEWNESS = 1e-6;

/** A mean over a window with the variance that 20 consecutive batches show of it. */
export interface BatchedMean {
  value: number;
  /** Of `value`; widened by (1 + φ)/(1 − φ), because queueing makes neighbouring batches alike. */
  variance: number;
  /** Of the batches, bias-corrected. */
  skewness: number;
}

/**
 * Means of 20 consecutive batches of a series in the order of the plan, equal in size up to one request.
 * `null` for fewer than 20 values.
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

/** What the batches of a figure say of it. `value`: the figure itself. */
export function batched(value: number, batches: readonly number[]): BatchedMean {
  const correlation = Math.min(MAX_CORRELATION, Math.max(0, neighbourCorrelation(batches)));
  return {
    value,
    variance: (varianceOf(batches) / batches.length) * ((1 + correlation) / (1 - correlation)),
    skewness: skewnessOf(batches),
  };
}

/** The mean of a series in the order of the plan; `null` for fewer than 20 values. */
export function batchedMean(values: ArrayLike<number>): BatchedMean | null {
  const batches = batchMeans(values);
  return batches === null ? null : batched(meanOf(values), batches);
}

/**
 * Method S: the interval of a mean by 20 batch means, corrected for the likeness of neighbours and, by Hall's transformation
 * (Hall 1992; Willink 2005), for the skewness that bursts give it: G(z) = (∛(1 + 6β(z − β)) − 1)/(2β), β = g/(6√20).
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
