import type { Random } from '../random.ts';
import { CONFIDENCE, type ClosedInterval } from './interval.ts';
import { nearestRank } from './quantile.ts';

const BLOCKS = 20;
const RESAMPLES = 1999;

/**
 * Method J: the difference of a quantile between two runs of one plan. Circular blocks of a twentieth of the plan are drawn
 * (Politis and Romano 1992), the same for both runs, and the differences of the resampled quantiles give the interval. Like
 * `pairedByRequest` it is blind to what differs between the runs as wholes.
 * @param base in the order of the plan, like `next`: the same request at the same place
 */
export function jointBlockBootstrap(
  base: ArrayLike<number>,
  next: ArrayLike<number>,
  p: number,
  random: Random,
  { confidence = CONFIDENCE, resamples = RESAMPLES } = {},
): ClosedInterval {
  const n = base.length;
  const block = Math.max(1, Math.floor(n / BLOCKS));
  const a = new RankedSeries(base);
  const b = new RankedSeries(next);
  const times = new Int32Array(n);
  const differences = Float64Array.from({ length: resamples }, () => {
    times.fill(0);
    for (let left = n; left > 0; left -= block) {
      const start = random.below(n);
      for (let k = 0; k < Math.min(block, left); k++) times[(start + k) % n]!++;
    }
    return b.quantile(p, times) - a.quantile(p, times);
  }).sort();
  const tail = (1 - confidence) / 2;
  const at = (share: number): number => differences[nearestRank(share, resamples) - 1]!;
  return { low: at(tail), high: at(1 - tail) };
}

/** Sorted once, so that a resample's quantile takes one walk. */
class RankedSeries {
  readonly #values: ArrayLike<number>;
  readonly #order: Uint32Array;

  constructor(values: ArrayLike<number>) {
    this.#values = values;
    this.#order = Uint32Array.from({ length: values.length }, (_, k) => k).sort(
      (i, j) => values[i]! - values[j]!,
    );
  }

  /** The nearest rank where the value at place k is there `times[k]` times, n in all. */
  quantile(p: number, times: Int32Array): number {
    const rank = nearestRank(p, times.length);
    let seen = 0;
    for (const place of this.#order) {
      seen += times[place]!;
      if (seen >= rank) return this.#values[place]!;
    }
    return this.#values[this.#order.at(-1)!]!;
  }
}
