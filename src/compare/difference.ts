import { intervalOf, pValue, squareAndAdd, type Bounded, type Estimate } from '../statistics/differences.ts';
import type { Interval } from '../statistics/interval.ts';

/** How a difference was found: the names of statistics' methods, `welch` for runs that are not in pairs. */
export type Method = 'W' | 'M' | 'N' | 'R' | 'welch';

/** A difference, new − base, whose interval can be had at any confidence. */
export interface Difference {
  method: Method;
  value: number;
  interval(confidence: number): Interval;
  /** Two-sided, of "there is none". */
  p: number;
}

export const ofEstimate = (method: Method, estimate: Estimate): Difference => ({
  method,
  value: estimate.value,
  interval: (confidence) => intervalOf(estimate, confidence),
  p: pValue(estimate),
});

/** From two figures with intervals of their own. */
export function ofIntervals(
  method: Method,
  base: (confidence: number) => Bounded,
  next: (confidence: number) => Bounded,
): Difference {
  const interval = (confidence: number): Interval => squareAndAdd(base(confidence), next(confidence));
  return { method, value: next(0.95).value - base(0.95).value, interval, p: touchingZero(interval) };
}

const HALVINGS = 24;

/** The p-value that belongs to an interval: 1 − the highest confidence at which it leaves 0 out. */
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
