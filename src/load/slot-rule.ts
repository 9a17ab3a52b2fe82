import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** The end of the warm-up and of the measurement of a closed loop. */
export interface ClosedLoopLimits {
  measureFrom_us: Microseconds;
  /** Exactly one of the two is set. */
  measureTo_us: Microseconds | null;
  /** Requests of the measurement, over all workers. */
  requests: number | null;
}

/**
 * Returns the phase of the request that a free slot sends at `at_us`; `null`: none, the measurement is complete.
 * @param takePlace takes one of the places of the measurement, and returns how many were taken before
 */
export function phaseOfNext(
  { measureFrom_us, measureTo_us, requests }: ClosedLoopLimits,
  at_us: Microseconds,
  takePlace: () => number,
): Phase | null {
  if (measureTo_us !== null && at_us >= measureTo_us) return null;
  if (at_us < measureFrom_us) return 'warmup';
  return requests !== null && takePlace() >= requests ? null : 'measure';
}
