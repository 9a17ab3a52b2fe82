import type { Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/**
 * Returns the share of the requests in flight that is missing during W because a run starts with none: the mean over W of the
 * equilibrium tail Σ max(0, r − t) ÷ Σ r of the residences r, which is the share of the requests in a full server that have been there
 * for longer than t. For residences of 10 s and W from 0 to 30 s: (10 ÷ 2) ÷ 30. Without residences: 0.
 */
export function missingShare(residences: ArrayLike<Microseconds>, { start_us, end_us }: Window): number {
  let sum = 0;
  let squares = 0;
  for (let k = 0; k < residences.length; k++) {
    const residence = residences[k]!;
    const before = Math.max(0, residence - start_us);
    const after = Math.max(0, residence - end_us);
    sum += residence;
    squares += before * before - after * after;
  }
  return sum === 0 ? 0 : squares / (2 * sum * (end_us - start_us));
}

/** The share of the requests of a full server that may still be missing when a warm-up ends. */
const STILL_MISSING = 0.01;

/**
 * Returns the time after which at most 1% of the requests in flight is missing: the equilibrium tail's 99th percentile.
 * @param residences sorted in place
 */
export function timeToFill(residences: Float64Array): Microseconds {
  const sorted = residences.sort();
  const limit = STILL_MISSING * sorted.reduce((sum, residence) => sum + residence, 0);
  let longer = 0;
  for (let k = sorted.length - 1; k > 0; k--) {
    longer += sorted[k]!;
    const t = sorted[k - 1]!;
    if (longer - (sorted.length - k) * t > limit) return sorted[k]!;
  }
  return sorted[0] ?? 0;
}

/** Rounds a warm-up up to whole seconds: to a multiple of 1 s up to 10 s, of 5 s up to a minute, then of 10 s. */
export function warmupFor(time_us: Microseconds): number {
  const seconds = time_us / 1e6;
  const step = seconds <= 10 ? 1 : seconds <= 60 ? 5 : 10;
  return Math.ceil(seconds / step) * step;
}
