import type { LinearCost } from '../../src/simulator/engine/cost.ts';

/** A cost that arithmetic in the head can follow: what is not named costs nothing. */
export const linear = (given: Partial<LinearCost>): LinearCost => ({
  kind: 'linear',
  base: 0,
  prefillToken: 0,
  decodeSequence: 0,
  contextToken: 0,
  prefillPair: 0,
  ...given,
});
