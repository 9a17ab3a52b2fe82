import { binomialCdf, binomialQuantile } from './binomial.ts';
import { effectiveSize } from './effective-size.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { EFFECTIVE_DF } from './share.ts';
import { normalTail } from './special.ts';
import { tQuantile } from './student.ts';

/** With fewer values than this expected above a quantile, they contain too few bursts for an n_eff of their own. */
const FEW_ABOVE = 40;
const BURST_LEVEL = 0.9;

/** A series in the order of the plan, with the data for its quantiles computed once. */
export class QuantileSeries {
  readonly #values: ArrayLike<number>;
  readonly #sorted: Float64Array;
  readonly #sizes = new Map<number, number>();

  constructor(values: ArrayLike<number>) {
    this.#values = values;
    this.#sorted = new Float64Array(values).sort();
  }

  get length(): number {
    return this.#sorted.length;
  }

  /** Returns the nearest rank, as in reports; `null` for an empty series. */
  at(p: number): number | null {
    return this.#sorted[nearestRank(p, this.length) - 1] ?? null;
  }

  /** Returns n_eff of the marks "the value is at most the quantile of the series". */
  sizeAt(p: number): number {
    const known = this.#sizes.get(p);
    if (known !== undefined) return known;
    const size = this.length === 0 ? 0 : effectiveSize(atMost(this.#values, this.at(p)!));
    this.#sizes.set(p, size);
    return size;
  }

  /** n_eff of the marks "at most the p90 of the series": the number of bursts in it. */
  get burstSize(): number {
    return this.sizeAt(BURST_LEVEL);
  }

  /** Returns the number of independent values that the interval of a quantile is computed from. */
  effectiveAt(p: number): number {
    const own = this.sizeAt(p);
    return Math.floor(this.length * (1 - p) < FEW_ABOVE ? Math.min(own, this.burstSize) : own);
  }

  /**
   * Returns the interval of a quantile by method Q: order statistics around it, with ranks from a binomial of n_eff trials, scaled to n. An
   * end is open (`null`) if all n_eff values may be on one side of the quantile: at 95% an upper end needs n_eff ≥ 7 for p50, 82 for p95,
   * 416 for p99.
   */
  interval(p: number, confidence = CONFIDENCE): Interval {
    const n = this.length;
    const size = this.effectiveAt(p);
    if (size < 1) return { low: null, high: null };
    const { lower, upper } = ranksAround(p, size, confidence);
    return {
      low: this.#sorted[Math.floor((lower * n) / size) - 1] ?? null,
      high: upper === null ? null : this.#sorted[Math.min(n, Math.ceil((upper * n) / size)) - 1]!,
    };
  }
}

/** Returns the ranks of `size` independent values between which the quantile is: 0 or `null` if there is no such rank. */
export function ranksAround(
  p: number,
  size: number,
  confidence: number,
): { lower: number; upper: number | null } {
  const tail = normalTail(tQuantile(confidence, EFFECTIVE_DF));
  // X of `size` values are at or below the quantile. It is below rank l if X < l, and not below rank u if X ≥ u.
  const first = binomialQuantile(tail, size, p);
  const lower = binomialCdf(first, size, p) > tail ? first : first + 1;
  const upper = binomialQuantile(1 - tail, size, p) + 1;
  return { lower, upper: upper > size ? null : upper };
}

/** Returns the fewest independent values that bound the quantile on both sides. */
export function smallestBounded(p: number, confidence: number): number {
  const tail = normalTail(tQuantile(confidence, EFFECTIVE_DF));
  // All of n values are on one side of the quantile with a probability of pⁿ or (1 − p)ⁿ.
  return Math.ceil(Math.log(tail) / Math.log(Math.max(p, 1 - p)));
}

/** Returns 1 for each value up to the limit, else 0. */
export function atMost(values: ArrayLike<number>, limit: number): Uint8Array {
  const series = new Uint8Array(values.length);
  for (let k = 0; k < series.length; k++) series[k] = values[k]! <= limit ? 1 : 0;
  return series;
}

/** Returns max(1, ⌈p·n⌉); p·n as a double may exceed a whole number by less than a millionth. */
const nearestRank = (p: number, n: number): number => Math.max(1, Math.ceil(p * n - 1e-6));
