import { randomStream } from '../random.ts';
import type { Load } from '../scenario/keys/scenario.ts';

/**
 * Returns an arrival process at one request per unit of time: its k-th call returns the instant of the k-th arrival. A plan scales the
 * process by its rate, so one seed has the same pattern at every rate.
 *
 * - Constant: 0, 1, 2 …
 * - Poisson: the sum of exponential gaps; the first request arrives after the first gap.
 * - Gamma: gaps of mean 1, variance 1/k and coefficient of variation 1/√k; k = 1 is Poisson, and the same plan.
 *   The first gap is the remainder of a gap that began before the plan (an equilibrium renewal process: U·G(k + 1)/k, with density
 *   1 − F). So the expected number of requests in every interval, including the first second, is rate × length. With a full first
 *   gap, as after an arrival at 0, a plan would have (1/k − 1)/2 requests too many: 4.5 at k = 0.1.
 */
export function unitArrivals(
  seed: number,
  { arrivals: process, burstiness }: Pick<Load, 'arrivals' | 'burstiness'>,
): () => number {
  let at = 0;
  if (process === 'constant') return () => at++;
  const random = randomStream(seed, 'arrivals');
  const shape = process === 'gamma' ? burstiness! : 1;
  if (shape === 1) return () => (at += random.exponential());
  let first = true;
  return () => {
    at += first ? (random.uniform() * random.gamma(shape + 1)) / shape : random.gamma(shape) / shape;
    first = false;
    return at;
  };
}
