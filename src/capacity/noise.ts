import { attainmentOf, type Probe } from './probe.ts';

/**
 * Requests of a queue are alike while the queue lasts, so the attainment of one window scatters far more than a binomial
 * count: 2 to 480 times its variance at capacity (median 20). Here is by how much, and what a probe is worth then.
 * The constants are those of the study that docs/capacity.md tells of.
 */

const FEWEST_BLOCKS = 4;
const MOST_BLOCKS = 10;
const SHORTEST_BLOCK_S = 5;
const MOST_CORRELATION = 0.7;

/** Into how many blocks of equal time a window is cut. */
export const blocksOf = (window_s: number): number =>
  Math.min(MOST_BLOCKS, Math.max(FEWEST_BLOCKS, Math.floor(window_s / SHORTEST_BLOCK_S)));

/**
 * Variance of the attainment by blocks ÷ its binomial variance.
 * @param good good requests of each block of the window, in the order of time; `count`: judged ones
 * @returns `null` where all were good or none was
 */
export function designEffect(good: readonly number[], count: readonly number[]): number | null {
  const blocks = count.length;
  const n = sum(count);
  const p = sum(good) / n;
  if (!(p > 0 && p < 1) || blocks < 2) return null;
  const residuals = good.map((each, b) => each - p * count[b]!);
  const squares = sum(residuals.map((each) => each * each));
  const products = sum(residuals.slice(1).map((each, b) => each * residuals[b]!));
  // 1/blocks is what the estimate of so few blocks lacks in the mean.
  const correlation = Math.min(MOST_CORRELATION, Math.max(0, products / squares + 1 / blocks));
  const variance = (((squares / (n * n)) * blocks) / (blocks - 1)) * ((1 + correlation) / (1 - correlation));
  return variance / ((p * (1 - p)) / n);
}

/** What is believed of the design effect before anything was seen, and how many windows of 120 s that is worth. */
const PRIOR = { design: 5, weight: 2 };
const SAFETY = 1.3;
const WEIGHT_S = 120;

/** The design effect, pooled over the probes: one window alone cannot tell it. At least 1. */
export function pooledDesign(probes: readonly Probe[]): number {
  let weight = PRIOR.weight;
  let total = PRIOR.weight * PRIOR.design;
  for (const probe of probes) {
    const p = attainmentOf(probe);
    if (probe.design === null || probe.n < 20 || p <= 0.2 || p > 0.995) continue;
    const own = probe.window_s / WEIGHT_S;
    weight += own;
    total += own * probe.design;
  }
  return Math.max(1, (SAFETY * total) / weight);
}

/**
 * How many independent requests a probe is worth: its requests ÷ the design effect, and no more than its window has
 * stays of a request, since what one of them meets the next one meets too.
 */
export function effectiveRequests({ n, window_s, e2e_s }: Probe, design: number): number {
  const stays = window_s / (0.7 * ((e2e_s ?? window_s) + 1));
  return Math.max(0.1, Math.min(n / design, stays));
}

/** What a probe says of the model at the target, in log-odds. */
export interface Evidence {
  p: number;
  /** Pulled away from 0 and 1, where log-odds have an end. */
  smoothed: number;
  effective: number;
  /** How far from the target the model may be wrong there: it is a straight line only near it. */
  modelError: number;
}

/** How much a model that is right at the target errs elsewhere, per unit of log-odds between. */
const MODEL_ERROR = 0.3;

export function evidenceOf(probe: Probe, design: number, target: number): Evidence {
  const p = attainmentOf(probe);
  const effective = effectiveRequests(probe, design);
  const smoothed = (effective * p + 0.3) / (effective + 0.6);
  const modelError = MODEL_ERROR * Math.abs(logit(smoothed) - logit(target));
  return { p, smoothed, effective, modelError };
}

export const logit = (p: number): number => Math.log(p / (1 - p));

export const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
