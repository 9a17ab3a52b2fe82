import { attainmentOf, type SearchWindow } from './search-window.ts';

/**
 * Requests of a queue are alike while the queue lasts, so the attainment of one window scatters far more than a binomial
 * count: 2 to 480 times its variance at capacity (median 20). Here is by how much, as far as blocks of windows tell.
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
 * @returns `null` where all were good or none was, or all of them fell into one block
 */
export function designEffect(good: readonly number[], count: readonly number[]): number | null {
  const blocks = count.length;
  const n = sum(count);
  const p = sum(good) / n;
  if (!(p > 0 && p < 1) || count.filter((each) => each > 0).length < 2) return null;
  const residuals = good.map((each, b) => each - p * count[b]!);
  const squares = sum(residuals.map((each) => each * each));
  const products = sum(residuals.slice(1).map((each, b) => each * residuals[b]!));
  // 1/blocks is what the estimate of so few blocks lacks in the mean.
  const lag = squares === 0 ? 0 : products / squares;
  const correlation = Math.min(MOST_CORRELATION, Math.max(0, lag + 1 / blocks));
  const variance = (((squares / (n * n)) * blocks) / (blocks - 1)) * ((1 + correlation) / (1 - correlation));
  return variance / ((p * (1 - p)) / n);
}

/** The design effects that are thought possible. */
export const DESIGNS: readonly number[] = Array.from({ length: 9 }, (_, k) => 1.5 * 400 ** (k / 8));

/** What is believed of the design effect beforehand: its logarithm is normal. */
const BELIEVED = { median: 20, sigma: 1.3 };
/**
 * What 120 s of blocks are worth, as 1 ÷ variance of the logarithm. Little: queues that live longer than a block hide in
 * it, so that the scatter of whole windows around the curve, which the posterior sees, has more to say.
 */
const BLOCKS_WORTH = 0.15;
const WORTH_S = 120;

/** The logarithm of the design effect, as the blocks of all windows have it: normal with this mean and precision. */
function believed(windows: readonly SearchWindow[]): { mean: number; precision: number } {
  let weight = 0;
  let total = 0;
  for (const { design, n, good, window_s } of windows) {
    const p = attainmentOf({ n, good });
    if (design === null || design === 0 || n < 20 || p <= 0.2 || p > 0.995) continue;
    weight += window_s / WORTH_S;
    total += (window_s / WORTH_S) * design;
  }
  const beforehand = 1 / BELIEVED.sigma ** 2;
  const seen = weight * BLOCKS_WORTH;
  const precision = beforehand + seen;
  const sum = beforehand * Math.log(BELIEVED.median) + (weight === 0 ? 0 : seen * Math.log(total / weight));
  return { mean: sum / precision, precision };
}

/** The design effect that blocks of windows tell, pooled over the windows: one window alone cannot. */
export const pooledDesign = (windows: readonly SearchWindow[]): number => Math.exp(believed(windows).mean);

/** How likely each of `DESIGNS` is by the blocks alone: logarithms, relative to the most likely. */
export function designPrior(windows: readonly SearchWindow[]): number[] {
  const { mean, precision } = believed(windows);
  return DESIGNS.map((design) => -0.5 * precision * (Math.log(design) - mean) ** 2);
}

/**
 * How many independent requests a window is worth: its requests ÷ the design effect, and no more than its window has
 * stays of a request, since what one of them meets the next one meets too.
 */
export function effectiveRequests({ n, window_s, e2e_s }: SearchWindow, design: number): number {
  const stays = window_s / (0.7 * ((e2e_s ?? window_s) + 1));
  return Math.max(0.1, Math.min(n / design, stays));
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
