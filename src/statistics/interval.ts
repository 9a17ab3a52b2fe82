/** A confidence interval; `null`: the data do not bound this end. */
export interface Interval {
  low: number | null;
  high: number | null;
}

/** A confidence interval with two bounded ends. */
export interface ClosedInterval extends Interval {
  low: number;
  high: number;
}

/** The confidence of the intervals in a report. */
export const CONFIDENCE = 0.95;
