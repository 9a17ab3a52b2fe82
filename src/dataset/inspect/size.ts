import { normalTail } from '../../statistics/special.ts';
import type { StabilityRow } from './stability.ts';

/** The document that `goodput data size --json` prints (docs/data.md). */
export interface SizeDocument {
  quantile: number;
  error: number;
  confidence: number;
  /** Records needed for the quantile's rank to be within the error. */
  records: number;
  /** The fewest records that bound the quantile from above. */
  minimum: number;
  /** `null` without files. */
  stability: StabilityRow[] | null;
}

/**
 * Returns how many records are needed so that the sample's p-quantile has a rank within p ± ε with this confidence: ⌈z²·p(1−p)/ε²⌉ (the normal
 * approximation of the binomial).
 */
export function recordsForQuantile(p: number, error: number, confidence: number): number {
  const z = normalQuantile(1 - (1 - confidence) / 2);
  return ceil((z * z * p * (1 - p)) / (error * error));
}

/** Returns the fewest records of which the largest is above the p-quantile with a probability of 1 − α: ⌈ln α ÷ ln p⌉. */
export const leastForUpperBound = (p: number, alpha: number): number => ceil(Math.log(alpha) / Math.log(p));

/** Rounds up; a quotient that exceeds a whole number only by rounding is that number. */
const ceil = (value: number): number => Math.max(1, Math.ceil(value * (1 - 1e-12)));

/** Returns z with P(Z ≤ z) = p, by bisection. */
function normalQuantile(p: number): number {
  let [low, high] = [-40, 40];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (1 - normalTail(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
