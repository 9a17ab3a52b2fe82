import { normalTail } from '../statistics/special.ts';
import { effectiveRequests } from './noise.ts';
import { attainmentOf, type SearchWindow } from './search-window.ts';

/**
 * Distance from the target, in log-odds, within which the linear model is used: at a target of 90% between 25% and 99.6%.
 * Beyond it attainment and model are clamped to that edge: a server that is at 0% a third above its
 * capacity may have a gentle slope at it, and a straight line through both would be wrong by 6% at the capacity.
 */
const BELIEVED = 3.3;
/** Steps between the two edges in which a likelihood is tabulated. */
const STEPS = 132;
/** Error of the model per unit of log-odds from the target, where it is exact. */
const MODEL_ERROR = 0.3;
/** Probability that a short window is biased upwards because it started with an empty server. */
const BIASED_SHARE = 0.1;
/** Least log-likelihood of a single window: a window may be wrong for reasons that the model does not have. */
const LEAST_LOG_LIKELIHOOD = -40;

/** Log-likelihood of a window, as a function of the log-odds that the model has at its load. */
export type Likelihood = (model: number) => number;

/**
 * The likelihood n′·[p ln q + (1 − p) ln(1 − q)] of a share p of n′ independent requests, relative to q = p. n′ falls with the
 * distance to the target, where the model errs. Within the edges it is a density, so that scatter around the curve
 * is evidence for a greater design effect.
 *
 * A window that was aborted because most requests were bad shows only an upper bound of attainment. A bracket window may be
 * biased upwards: it starts with an empty server, and at a cliff the queue needs minutes to build up. So its evidence against a lower
 * attainment is limited to ln 0.1; without the limit one such window at 1.15 times the capacity of a cliff outweighed three long windows.
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
      ? Math.log((1 - BIASED_SHARE) * Math.exp(exact) + BIASED_SHARE * atMost())
      : exact;
  };
  const step = (highest - lowest) / STEPS;
  const table = Float64Array.from({ length: STEPS + 1 }, (_, k) =>
    Math.max(LEAST_LOG_LIKELIHOOD, at(lowest + k * step)),
  );
  return (model) => table[Math.round((within(model) - lowest) / step)]!;
}

export const logit = (p: number): number => Math.log(p / (1 - p));

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
