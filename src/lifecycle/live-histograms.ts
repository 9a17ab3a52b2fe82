import type { Microseconds, Milliseconds } from '../units.ts';

/** Buckets per unit of the natural logarithm: a value is exact to 0.25%. */
const PER_E = 200;
/** The last bucket holds everything from eleven days. */
const BUCKETS = 1 + Math.ceil(Math.log(1e12) * PER_E);

const bucketOf = (us: Microseconds): number =>
  us < 1 ? 0 : Math.min(1 + Math.round(Math.log(us) * PER_E), BUCKETS - 1);

const middleOf = (bucket: number): Microseconds => (bucket === 0 ? 0 : Math.exp((bucket - 1) / PER_E));

const LIVE = ['ttft', 'gap'] as const;
type LiveName = (typeof LIVE)[number];

/** Histograms as pairs of a bucket and its count. */
export type EncodedLive = Record<LiveName, Uint32Array>;

/**
 * The latencies that a load worker measured since its last report, for the progress line: TTFT as soon as the first token arrives, not when
 * the response ends. The distributions of the report come from the samples (docs/precision.md).
 */
export class LiveHistograms {
  readonly #counts = { ttft: new Uint32Array(BUCKETS), gap: new Uint32Array(BUCKETS) };

  first(latency_us: Microseconds): void {
    this.#record('ttft', latency_us);
  }

  next(gap_us: Microseconds): void {
    this.#record('gap', gap_us);
  }

  take(): EncodedLive {
    const { ttft, gap } = this.#counts;
    const encoded = { ttft: pairsOf(ttft), gap: pairsOf(gap) };
    ttft.fill(0);
    gap.fill(0);
    return encoded;
  }

  #record(name: LiveName, us: Microseconds): void {
    // No bucket is that of NaN.
    if (us >= 0) this.#counts[name][bucketOf(us)]!++;
  }
}

function pairsOf(counts: Uint32Array): Uint32Array {
  const pairs: number[] = [];
  for (const [bucket, count] of counts.entries()) if (count > 0) pairs.push(bucket, count);
  return Uint32Array.from(pairs);
}

interface Merged {
  counts: Float64Array;
  total: number;
}

/** The latencies of the last few seconds, over all workers. */
export class RecentHistograms {
  readonly #recent: { at_ms: Milliseconds; encoded: EncodedLive }[] = [];
  readonly #merged: Partial<Record<LiveName, Merged>> = {};
  readonly #over_ms: Milliseconds;

  constructor(over_ms: Milliseconds) {
    this.#over_ms = over_ms;
  }

  add(encoded: EncodedLive, at_ms: Milliseconds): void {
    this.#recent.push({ at_ms, encoded });
    while (at_ms - this.#recent[0]!.at_ms > this.#over_ms) this.#recent.shift();
    for (const name of LIVE) delete this.#merged[name];
  }

  /** Returns a percentile in ms; `null` if there is no value. */
  at(name: LiveName, percentile: number): Milliseconds | null {
    const { counts, total } = (this.#merged[name] ??= this.#merge(name));
    if (total === 0) return null;
    let left = Math.max(1, Math.ceil((percentile / 100) * total));
    const bucket = counts.findIndex((count) => (left -= count) <= 0);
    return middleOf(bucket) / 1000;
  }

  #merge(name: LiveName): Merged {
    const counts = new Float64Array(BUCKETS);
    let total = 0;
    for (const { encoded } of this.#recent) {
      const pairs = encoded[name];
      for (let at = 0; at < pairs.length; at += 2) {
        counts[pairs[at]!]! += pairs[at + 1]!;
        total += pairs[at + 1]!;
      }
    }
    return { counts, total };
  }
}
