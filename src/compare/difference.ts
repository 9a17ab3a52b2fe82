import { intervalOf, pValue, squareAndAdd, type Bounded, type Estimate } from '../statistics/differences.ts';
import type { Interval } from '../statistics/interval.ts';

/** Statistical method of a difference; `welch` for runs that are not in pairs. docs/compare.md describes the methods. */
export type Method = 'W' | 'M' | 'N' | 'R' | 'welch';

/** A difference, new − base, with an interval at any confidence. */
export interface Difference {
  method: Method;
  value: number;
  interval(confidence: number): Interval;
  /** Two-sided p-value of "there is no difference". */
  p: number;
}

export const ofEstimate = (method: Method, estimate: Estimate): Difference => ({
  method,
  value: estimate.value,
  interval: (confidence) => intervalOf(estimate, confidence),
  p: pValue(estimate),
});

/** Returns the difference of two figures that have intervals. */
export function ofIntervals(
  method: Method,
  base: (confidence: number) => Bounded,
  next: (confidence: number) => Bounded,
): Difference {
  const interval = (confidence: number): Interval => squareAndAdd(base(confidence), next(confidence));
  return { method, value: next(0.95).value - base(0.95).value, interval, p: touchingZero(interval) };
}

const HALVINGS = 24;

/** Returns the p-value of an interval: 1 − the highest confidence at which it excludes 0. */
function touchingZero(interval: (confidence: number) => Interval): number {
  const leavesOut = (alpha: number): boolean => {
    const { low, high } = interval(1 - alpha);
    return (low !== null && low > 0) || (high !== null && high < 0);
  };
  let low = 0;
  let high = 1;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (leavesOut(middle)) high = middle;
    else low = middle;
  }
  return high;
}
