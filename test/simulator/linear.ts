import type { LinearCost } from '../../src/simulator/engine/cost.ts';

/** Returns a cost for easy arithmetic: omitted terms cost nothing. */
export const linear = (given: Partial<LinearCost>): LinearCost => ({
  kind: 'linear',
  base: 0,
  prefillToken: 0,
  decodeSequence: 0,
  contextToken: 0,
  prefillPair: 0,
  ...given,
});
