import { binomialCdf, binomialQuantile } from './binomial.ts';
import { effectiveSize } from './effective-size.ts';
import { CONFIDENCE, type Interval } from './interval.ts';
import { EFFECTIVE_DF } from './share.ts';
import { normalTail } from './special.ts';
import { tQuantile } from './student.ts';

/** Fewer values than these expected above a quantile see too few bursts for an n_eff of their own. */
const FEW_ABOVE = 40;
const BURST_LEVEL = 0.9;

/** A series in the order of the plan, with what its quantiles need worked out once. */
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

  /** The nearest rank, as reports show it; `null` of an empty series. */
  at(p: number): number | null {
    return this.#sorted[nearestRank(p, this.length) - 1] ?? null;
  }

  /** n_eff of "the value is at most the series' own quantile". */
  sizeAt(p: number): number {
    const known = this.#sizes.get(p);
    if (known !== undefined) return known;
    const size = this.length === 0 ? 0 : effectiveSize(atMost(this.#values, this.at(p)!));
    this.#sizes.set(p, size);
    return size;
  }

  /** n_eff of "at most the own p90": how many bursts the series has seen. */
  get burstSize(): number {
    return this.sizeAt(BURST_LEVEL);
  }

  /** Whole independent values that the interval of a quantile is computed from. */
  effectiveAt(p: number): number {
    const own = this.sizeAt(p);
    return Math.floor(this.length * (1 - p) < FEW_ABOVE ? Math.min(own, this.burstSize) : own);
  }

  /**
   * Method Q: order statistics around the quantile, their ranks from a binomial of n_eff trials and stretched to n. An end is
   * open (`null`) where n_eff values could all lie on one side of the quantile: at 95 % an upper one needs n_eff ≥ 7 for
   * p50, 82 for p95, 416 for p99.
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

/** Ranks of `size` independent values between which the quantile lies: 0 or `null` where there is no such rank. */
export function ranksAround(
  p: number,
  size: number,
  confidence: number,
): { lower: number; upper: number | null } {
  const tail = normalTail(tQuantile(confidence, EFFECTIVE_DF));
  // X of `size` values lie at or below the quantile. It is below rank l where X < l, and not below rank u where X ≥ u.
  const first = binomialQuantile(tail, size, p);
  const lower = binomialCdf(first, size, p) > tail ? first : first + 1;
  const upper = binomialQuantile(1 - tail, size, p) + 1;
  return { lower, upper: upper > size ? null : upper };
}

/** The fewest independent values whose quantile is bounded from both sides. */
export function smallestBounded(p: number, confidence: number): number {
  const tail = normalTail(tQuantile(confidence, EFFECTIVE_DF));
  // All of n values lie on one side of the quantile with the probability pⁿ or (1 − p)ⁿ.
  return Math.ceil(Math.log(tail) / Math.log(Math.max(p, 1 - p)));
}

/** 1 for values up to the limit, else 0. */
export function atMost(values: ArrayLike<number>, limit: number): Uint8Array {
  const series = new Uint8Array(values.length);
  for (let k = 0; k < series.length; k++) series[k] = values[k]! <= limit ? 1 : 0;
  return series;
}

/** max(1, ⌈p·n⌉); the millionth is what a double's p·n may lie above a whole number. */
const nearestRank = (p: number, n: number): number => Math.max(1, Math.ceil(p * n - 1e-6));
