import { BATCH_DF, type BatchedMean } from './batches.ts';
import { CONFIDENCE, type ClosedInterval, type Interval } from './interval.ts';
import { tQuantile, tTest } from './student.ts';

/** An estimated difference with its error, for Student's t. */
export interface Estimate {
  value: number;
  /** The variance of `value`; 0 if all values are equal. */
  variance: number;
  df: number;
}

/** Returns the difference of the means of two independent runs by method W (Welch 1938). */
export function welch(base: BatchedMean, next: BatchedMean): Estimate {
  return welchOf(
    { value: base.value, variance: base.variance, df: BATCH_DF },
    { value: next.value, variance: next.variance, df: BATCH_DF },
  );
}

/** Returns the difference of two independent estimates, with the degrees of freedom of Welch and Satterthwaite. */
export function welchOf(base: Estimate, next: Estimate): Estimate {
  const variance = base.variance + next.variance;
  const parts = base.variance ** 2 / base.df + next.variance ** 2 / next.df;
  return {
    value: next.value - base.value,
    variance,
    df: parts === 0 ? base.df + next.df : variance ** 2 / parts,
  };
}

export function intervalOf({ value, variance, df }: Estimate, confidence = CONFIDENCE): ClosedInterval {
  const half = variance === 0 ? 0 : tQuantile(confidence, df) * Math.sqrt(variance);
  return { low: value - half, high: value + half };
}

/** Returns the two-sided p-value of the hypothesis that there is no difference. */
export function pValue({ value, variance, df }: Estimate): number {
  if (variance === 0) return value === 0 ? 1 : 0;
  return tTest(value / Math.sqrt(variance), df);
}

/** A figure with its interval. */
export interface Bounded extends Interval {
  value: number;
}

/**
 * Returns the interval of the difference of two figures with intervals by method M: the distances from each figure to its ends are squared
 * and added (Newcombe 1998; Zou and Donner 2008). An end is open if an end that it is computed from is.
 */
export function squareAndAdd(base: Bounded, next: Bounded): Interval {
  const difference = next.value - base.value;
  const distance = (a: Bounded, aEnd: number | null, b: Bounded, bEnd: number | null): number | null =>
    aEnd === null || bEnd === null ? null : Math.hypot(a.value - aEnd, b.value - bEnd);
  const down = distance(next, next.low, base, base.high);
  const up = distance(next, next.high, base, base.low);
  return { low: down === null ? null : difference - down, high: up === null ? null : difference + up };
}
