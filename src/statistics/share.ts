import { BATCHES, batchedInterval, batchedMean } from './batches.ts';
import { effectiveSize } from './effective-size.ts';
import { CONFIDENCE, type ClosedInterval } from './interval.ts';
import { tQuantile } from './student.ts';

/** Degrees of freedom that stand for the uncertainty of n_eff itself: t is 2.160 at 95 %. */
export const EFFECTIVE_DF = 13;

/** With fewer on either side, batches say nothing of the share. */
const FEW = 10;

/**
 * The interval of a share by the method that suits it: corrected batch means (S) where there are ten misses and ten hits,
 * else Wilson's with an effective number of requests (N). Values are 0 and 1 in the order of the plan.
 * @param burstSize n_eff of "TTFT ≤ the run's own p90": it has seen bursts that a share with few misses has not.
 * `null` for fewer than 20 values.
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

/** Method N: Wilson's score interval (1927) of a share as `size` independent trials would have it. */
export function effectiveWilson(share: number, size: number, confidence = CONFIDENCE): ClosedInterval {
  // As it is in the limit: where no first token came, nothing is known of bursts.
  if (size <= 0) return { low: 0, high: 1 };
  const z = tQuantile(confidence, EFFECTIVE_DF);
  const z2 = z * z;
  const scale = 1 + z2 / size;
  const centre = (share + z2 / (2 * size)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / size + z2 / (4 * size * size));
  // Where all are alike the bound is the share itself, of which rounding would leave 1e-17 or take it.
  return { low: share === 0 ? 0 : centre - half, high: share === 1 ? 1 : centre + half };
}
