/** A confidence interval; an end that is `null` is open: the data bound it not at all. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** Both ends known. */
export interface ClosedInterval extends Interval {
  low: number;
  high: number;
}

/** Of the intervals that a report shows. */
export const CONFIDENCE = 0.95;
