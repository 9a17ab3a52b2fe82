import { attainmentOf, type SearchWindow } from './search-window.ts';

/**
 * Requests in one queue have similar latencies, so the attainment of a window scatters far more than a binomial
 * count: 2 to 480 times its variance at capacity (median 20). This file estimates the factor from blocks of windows.
 */

const FEWEST_BLOCKS = 4;
const MOST_BLOCKS = 10;
const SHORTEST_BLOCK_S = 5;
const MOST_CORRELATION = 0.7;

/** Returns the number of blocks of equal time that a window is divided into. */
export const blocksOf = (window_s: number): number =>
  Math.min(MOST_BLOCKS, Math.max(FEWEST_BLOCKS, Math.floor(window_s / SHORTEST_BLOCK_S)));

/**
 * Returns the variance of the attainment by blocks ÷ its binomial variance.
 * @param good good requests of each block of the window, in the order of time; `count`: judged ones
 * @returns `null` if all or none were good, or all fell into one block
 */
export function designEffect(good: readonly number[], count: readonly number[]): number | null {
  const blocks = count.length;
  const n = sum(count);
  const p = sum(good) / n;
  if (!(p > 0 && p < 1) || count.filter((each) => each > 0).length < 2) return null;
  const residuals = good.map((each, b) => each - p * count[b]!);
  const squares = sum(residuals.map((each) => each * each));
  const products = sum(residuals.slice(1).map((each, b) => each * residuals[b]!));
  // The estimate from this few blocks is too low by 1/blocks on average.
  const lag = squares === 0 ? 0 : products / squares;
  const correlation = Math.min(MOST_CORRELATION, Math.max(0, lag + 1 / blocks));
  const variance = (((squares / (n * n)) * blocks) / (blocks - 1)) * ((1 + correlation) / (1 - correlation));
  return variance / ((p * (1 - p)) / n);
}

/** The design effects of the grid. */
export const DESIGNS: readonly number[] = Array.from({ length: 9 }, (_, k) => 1.5 * 400 ** (k / 8));

/** Prior of the design effect: its logarithm is normal. */
const BELIEVED = { median: 20, sigma: 1.3 };
/**
 * Precision of 120 s of blocks, as 1 ÷ variance of the logarithm. It is low: blocks do not show queues that last longer than a block,
 * so the scatter of windows around the curve, which the posterior includes, has more weight.
 */
const BLOCKS_PRECISION = 0.15;
const BLOCKS_LENGTH_S = 120;

/** Returns the posterior of the logarithm of the design effect from the blocks of all windows: normal with this mean and precision. */
function believed(windows: readonly SearchWindow[]): { mean: number; precision: number } {
  let weight = 0;
  let total = 0;
  for (const { design, n, good, window_s } of windows) {
    const p = attainmentOf({ n, good });
    if (design === null || design === 0 || n < 20 || p <= 0.2 || p > 0.995) continue;
    weight += window_s / BLOCKS_LENGTH_S;
    total += (window_s / BLOCKS_LENGTH_S) * design;
  }
  const beforehand = 1 / BELIEVED.sigma ** 2;
  const seen = weight * BLOCKS_PRECISION;
  const precision = beforehand + seen;
  const sum = beforehand * Math.log(BELIEVED.median) + (weight === 0 ? 0 : seen * Math.log(total / weight));
  return { mean: sum / precision, precision };
}

/** Returns the design effect from the blocks of all windows together: one window is not enough. */
export const pooledDesign = (windows: readonly SearchWindow[]): number => Math.exp(believed(windows).mean);

/** Returns the log-probability of each of `DESIGNS` by the blocks alone, relative to the most likely. */
export function designPrior(windows: readonly SearchWindow[]): number[] {
  const { mean, precision } = believed(windows);
  return DESIGNS.map((design) => -0.5 * precision * (Math.log(design) - mean) ** 2);
}

/**
 * Returns how many independent requests a window is equivalent to: its requests ÷ the design effect, and at most the
 * number of request durations in the window, because successive requests meet the same queue.
 */
export function effectiveRequests({ n, window_s, e2e_s }: SearchWindow, design: number): number {
  const durations = window_s / (0.7 * ((e2e_s ?? window_s) + 1));
  return Math.max(0.1, Math.min(n / design, durations));
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
