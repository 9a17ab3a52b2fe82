import { normalTail } from '../statistics/special.ts';
import { effectiveRequests } from './noise.ts';
import { attainmentOf, type SearchWindow } from './search-window.ts';

/**
 * How far from the target, in log-odds, the straight line of the model is believed: at a target of 90 % between 25 % and 99.6 %.
 * Beyond, attainment and model are both taken for what they are at that edge: a server that is at 0 % a third above its
 * capacity may have a gentle slope at it, and the straight line through both would be wrong by 6 % where it matters.
 */
const BELIEVED = 3.3;
/** Steps between the two edges in which a likelihood is tabulated. */
const STEPS = 132;
/** How much a model that is right at the target errs elsewhere, per unit of log-odds between. */
const MODEL_ERROR = 0.3;
/** How often a short window from an empty server is taken for flattered, when it says more than the others. */
const FLATTERED = 0.1;
/** Beyond what any single window may say against a value: a window may be wrong for reasons that no model has. */
const FLOOR = -40;

/** What a window says of the log-odds that the model gives at its load: the logarithm of how likely it is then. */
export type Likelihood = (model: number) => number;

/**
 * The likelihood n′·[p ln q + (1 − p) ln(1 − q)] of a share p of n′ independent requests, relative to q = p. n′ falls with the
 * distance to the target, where the model errs. What lies within the edges is a density, so that scatter around the curve
 * speaks for a greater design effect.
 *
 * A window that was aborted because it looked bad says only that attainment is at most what was seen. A bracket window may be
 * flattered: it begins with an empty server, and at a cliff the queue needs minutes to show. So it may speak against a lower
 * attainment only up to ln 0.1; one such window at 1.15 times the capacity of a cliff outweighed three long windows.
 */
export function likelihoodOf(window: SearchWindow, design: number, target: number): Likelihood {
  const goal = logit(target);
  const [lowest, highest] = [goal - BELIEVED, goal + BELIEVED];
  const within = (odds: number): number => Math.min(highest, Math.max(lowest, odds));
  const effective = effectiveRequests(window, design);
  const seen = logit(attainmentOf(window));
  const p = logistic(within(seen));
  const smoothed = within(logit((effective * p + 0.3) / (effective + 0.6)));
  const spread = logistic(smoothed) * logistic(-smoothed);
  const modelError = MODEL_ERROR * Math.abs(smoothed - goal);
  const worth = 1 / (1 / effective + modelError ** 2 * spread);
  const sigma = Math.sqrt(1 / (effective * spread) + modelError ** 2);
  const scale = seen < highest ? 0.5 * Math.log(worth) : 0;

  const at = (model: number): number => {
    const atMost = (): number => Math.max(1e-30, 1 - normalTail((smoothed - model) / sigma));
    if (window.ended === 'aborted') return Math.log(atMost());
    const q = logistic(model);
    const hit = p * Math.log(q / p);
    const miss = (1 - p) * Math.log((1 - q) / (1 - p));
    const exact = scale + worth * (hit + miss);
    return window.kind === 'bracket'
      ? Math.log((1 - FLATTERED) * Math.exp(exact) + FLATTERED * atMost())
      : exact;
  };
  const step = (highest - lowest) / STEPS;
  const table = Float64Array.from({ length: STEPS + 1 }, (_, k) => Math.max(FLOOR, at(lowest + k * step)));
  return (model) => table[Math.round((within(model) - lowest) / step)]!;
}

export const logit = (p: number): number => Math.log(p / (1 - p));

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
