import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** The end of the warm-up and of the measurement of a closed loop. */
export interface ClosedLoopLimits {
  measureFrom_us: Microseconds;
  /** At most one of the three is set; none if the measurement ends with the data. */
  measureTo_us: Microseconds | null;
  /** Requests of the measurement, over all workers. */
  requests: number | null;
  /** Sessions that start in the measurement, over all workers. */
  sessions: number | null;
}

/**
 * Returns the phase of the request that a user sends at `at_us`; `null`: none, the measurement is complete.
 * @param takePlace takes one of the places of the measurement, and returns how many were taken before
 * @param session phase of its session if it is a later turn; `null` for a first turn
 */
export function phaseOfNext(
  { measureFrom_us, measureTo_us, requests, sessions }: ClosedLoopLimits,
  at_us: Microseconds,
  takePlace: () => number,
  session: Phase | null,
): Phase | null {
  if (measureTo_us !== null && at_us >= measureTo_us) return null;
  // A run that counts sessions measures all turns of those that it counts.
  if (session !== null && measureTo_us === null && requests === null) return session;
  if (at_us < measureFrom_us) return 'warmup';
  const places = requests ?? sessions;
  return places !== null && takePlace() >= places ? null : 'measure';
}
