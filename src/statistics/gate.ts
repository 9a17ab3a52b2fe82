import { effectiveSize } from './effective-size.ts';

/** Effective requests in flight below which a run has no interval, and below which it is marked short. */
const FEWEST_EFFECTIVE = 30;
const ENOUGH_EFFECTIVE = 100;

/** Is a run long enough for an interval? */
export interface LengthGate {
  /** n_eff of the number of requests in flight at each arrival. */
  effective: number;
  requests: number;
  /** `inconclusive`: no interval can be believed. `short`: it may be shown, with that word. */
  length: 'inconclusive' | 'short' | 'enough';
}

/**
 * The load itself tells how much a run has seen of its ups and downs, even where no request was slow.
 * @param inFlight requests in flight at each arrival, in the order of the plan
 */
export function lengthGate(inFlight: ArrayLike<number>): LengthGate {
  const effective = effectiveSize(inFlight);
  const length =
    effective < FEWEST_EFFECTIVE ? 'inconclusive' : effective < ENOUGH_EFFECTIVE ? 'short' : 'enough';
  return { effective, requests: inFlight.length, length };
}

/** How many requests a run of the same load needs for an interval: n_eff grows as the run does. */
export const requestsNeeded = ({ effective, requests }: LengthGate, wanted = FEWEST_EFFECTIVE): number =>
  Math.ceil((requests * wanted) / Math.max(1, effective));
