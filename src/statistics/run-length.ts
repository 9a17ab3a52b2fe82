import { effectiveSize } from './effective-size.ts';

/** Numbers of effective requests below which a run has no interval, and below which it is marked short. */
const FEWEST_EFFECTIVE = 30;
const ENOUGH_EFFECTIVE = 100;

/** The length of a run in effective requests, and what it is enough for. */
export interface RunLength {
  /** Effective sample size of the number of requests in flight at each arrival. */
  effective: number;
  requests: number;
  /** `inconclusive`: too short for an interval. `short`: intervals are shown and marked. */
  length: 'inconclusive' | 'short' | 'enough';
}

/**
 * Judges the length of a run by how much its load varied, which shows even if no request was slow.
 * @param inFlight requests in flight at each arrival, in the order of the plan
 */
export function runLength(inFlight: ArrayLike<number>): RunLength {
  const effective = effectiveSize(inFlight);
  const length =
    effective < FEWEST_EFFECTIVE ? 'inconclusive' : effective < ENOUGH_EFFECTIVE ? 'short' : 'enough';
  return { effective, requests: inFlight.length, length };
}

/** Returns how many requests a run of the same load needs for an interval: n_eff grows in proportion to the run. */
export const requestsNeeded = ({ effective, requests }: RunLength, wanted = FEWEST_EFFECTIVE): number =>
  Math.ceil((requests * wanted) / Math.max(1, effective));
