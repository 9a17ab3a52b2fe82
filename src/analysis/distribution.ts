import { Float64Histogram } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import { GoodputError } from '../errors.ts';
import type { Metric } from '../metrics/registry.ts';
import { HISTOGRAM_SCALE } from '../record/hlog.ts';
import { Numbers } from '../statistics/numbers.ts';
import { nearestRank } from '../statistics/percentile.ts';
import type { Percentile } from '../statistics/percentile.ts';

/** The units of metrics with a distribution. */
export type DistributionUnit = keyof typeof HISTOGRAM_SCALE;

/**
 * Returns the unit of a metric with a distribution.
 * @throws {GoodputError} of kind `defect` for any other
 */
export function distributionUnit({ name, unit }: Metric): DistributionUnit {
  if (unit === 'ms' || unit === 'tok/s' || unit === 'ratio') return unit;
  throw new GoodputError('defect', `${name} in ${unit} has no distribution`);
}

/** The values of one metric, in its unit. Every figure is `null` if there is no value. */
export interface Distribution {
  readonly count: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** The standard deviation of the population. */
  readonly stddev: number | null;
  /** Returns the value at the nearest rank, for any number of samples. */
  at(percentile: Percentile): number | null;
  /** Returns the histogram for `latency.hlog`: durations in ns, tok/s in thousandths, ratios in millionths. */
  histogram(): Histogram;
}

const NS_PER_US = 1000;

/** Returns a histogram with 64-bit counts, because `itl` of a long run exceeds 2^31 samples. It grows with the values. */
function emptyHistogram(): Float64Histogram {
  const histogram = new Float64Histogram(1, 2, 3);
  histogram.autoResize = true;
  return histogram;
}

/** Refuses a value that is not finite: HdrHistogram counts NaN as 0, and one NaN makes every sum NaN. */
function check(value: number): void {
  if (!Number.isFinite(value)) {
    throw new GoodputError('usage', 'a sample of the run has an invalid number', {
      hint: 'samples.jsonl was changed or is damaged: measure again.',
    });
  }
}

/** A distribution of one value per request. All values are kept, so every figure is exact. */
export class ExactDistribution implements Distribution {
  #values = new Numbers();
  #isSorted = false;
  readonly #unit: DistributionUnit;
  #moments: { mean: number; stddev: number } | null = null;

  constructor(unit: DistributionUnit) {
    this.#unit = unit;
  }

  add(value: number): void {
    check(value);
    this.#values.push(value);
    this.#isSorted = false;
    this.#moments = null;
  }

  /** The values; in the order in which they were added until the first figure is read. */
  get values(): Numbers {
    return this.#values;
  }

  get count(): number {
    return this.#values.length;
  }

  get min(): number | null {
    return this.#ordered().at(0) ?? null;
  }

  get max(): number | null {
    return this.#ordered().at(this.count - 1) ?? null;
  }

  get mean(): number | null {
    return this.count === 0 ? null : this.#spread().mean;
  }

  get stddev(): number | null {
    return this.count === 0 ? null : this.#spread().stddev;
  }

  at(percentile: Percentile): number | null {
    return this.count === 0 ? null : this.#ordered().at(nearestRank(percentile, this.count) - 1)!;
  }

  histogram(): Histogram {
    const histogram = emptyHistogram();
    const scale = HISTOGRAM_SCALE[this.#unit];
    // Rounding to microseconds can make a lag of −1 µs; a histogram starts at 0.
    for (const value of this.#ordered().values())
      histogram.recordValue(Math.max(0, Math.round(value * scale)));
    return histogram;
  }

  /** Sorts the values in a list of their own: sorted ones need fewer bytes. */
  #ordered(): Numbers {
    if (!this.#isSorted) this.#values = Numbers.of(this.#values.values().sort());
    this.#isSorted = true;
    return this.#values;
  }

  #spread(): { mean: number; stddev: number } {
    return (this.#moments ??= momentsOf(this.#ordered().values()));
  }
}

/** Computes mean and deviation in two passes over shifted values: no digits are lost if the spread is small compared with the mean. */
function momentsOf(values: Float64Array): { mean: number; stddev: number } {
  const shift = values[0]!;
  let sum = 0;
  for (const value of values) sum += value - shift;
  const mean = shift + sum / values.length;
  let squares = 0;
  let rest = 0;
  for (const value of values) {
    squares += (value - mean) * (value - mean);
    rest += value - mean;
  }
  const variance = (squares - (rest * rest) / values.length) / values.length;
  return { mean, stddev: Math.sqrt(Math.max(0, variance)) };
}

/** The number of samples that share one shift before their moments are added to those of all. */
const BLOCK = 512;

/**
 * A distribution of gaps pooled over all requests, in ms: percentiles from an HdrHistogram of nanoseconds (within 0.1%), all other
 * figures exact. Means and variances of blocks are combined by the formula of Chan, Golub and LeVeque (1979).
 */
export class PooledDistribution implements Distribution {
  readonly #histogram = emptyHistogram();
  #min = Infinity;
  #max = -Infinity;
  #count = 0;
  /** The sum of all samples in microseconds: whole numbers, so exact up to 2^53. */
  #sum = 0;
  /** The sum of squared deviations from the mean, over the closed blocks. */
  #squares = 0;
  #closedCount = 0;
  #closedMean = 0;
  #shift = 0;
  #blockAdds = 0;
  #blockCount = 0;
  #blockSum = 0;
  #blockSquares = 0;

  /** Adds `tokens` samples of `gap_us / tokens` each. */
  add(gap_us: number, tokens: number): void {
    const each = gap_us / tokens;
    check(each);
    this.#histogram.recordValueWithCount(Math.round(each * NS_PER_US), tokens);
    if (each < this.#min) this.#min = each;
    if (each > this.#max) this.#max = each;
    if (this.#count === 0) this.#shift = each;
    this.#count += tokens;
    this.#sum += gap_us;
    const off = each - this.#shift;
    this.#blockCount += tokens;
    this.#blockSum += off * tokens;
    this.#blockSquares += off * off * tokens;
    if (++this.#blockAdds === BLOCK) this.#closeBlock();
  }

  get count(): number {
    return this.#count;
  }

  get min(): number | null {
    return this.#count === 0 ? null : this.#min / 1000;
  }

  get max(): number | null {
    return this.#count === 0 ? null : this.#max / 1000;
  }

  get mean(): number | null {
    return this.#count === 0 ? null : this.#sum / this.#count / 1000;
  }

  get stddev(): number | null {
    if (this.#count === 0) return null;
    this.#closeBlock();
    return Math.sqrt(Math.max(0, this.#squares) / this.#count) / 1000;
  }

  at(percentile: Percentile): number | null {
    if (this.#count === 0) return null;
    const rank = nearestRank(percentile, this.#count);
    if (rank === this.#count) return this.max;
    const histogram = this.#histogram;
    let seen = 0;
    for (let index = 0; index < histogram.countsArrayLength; index++) {
      seen += histogram.getCountAtIndex(index);
      if (seen < rank) continue;
      // The middle of the cell has half the error of its end, and no percentile may exceed the exact extremes.
      const ns = histogram.medianEquivalentValue(histogram.valueFromIndex(index));
      return Math.min(this.max!, Math.max(this.min!, ns / 1e6));
    }
    return this.max;
  }

  histogram(): Histogram {
    return this.#histogram;
  }

  #closeBlock(): void {
    if (this.#blockCount === 0) return;
    const mean = this.#shift + this.#blockSum / this.#blockCount;
    const inside = Math.max(0, this.#blockSquares - this.#blockSum * (this.#blockSum / this.#blockCount));
    const difference = mean - this.#closedMean;
    const count = this.#closedCount + this.#blockCount;
    this.#squares += inside + difference * difference * this.#closedCount * (this.#blockCount / count);
    this.#closedMean += difference * (this.#blockCount / count);
    this.#closedCount = count;
    this.#shift = this.#closedMean;
    this.#blockAdds = this.#blockCount = this.#blockSum = this.#blockSquares = 0;
  }
}
