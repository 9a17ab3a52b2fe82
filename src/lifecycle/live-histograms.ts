import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import type { Histogram } from 'hdr-histogram-js';
import type { Microseconds, Milliseconds } from '../units.ts';

/** Returns a histogram of microseconds, exact to 1 %, for the progress line. Those of the report come from the samples (docs/precision.md). */
const emptyHistogram = (): Histogram =>
  build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 2,
    autoResize: true,
  });

const LIVE = ['ttft', 'gap'] as const;
type LiveName = (typeof LIVE)[number];

/** Histograms in the V2-compressed encoding, base64. */
export type EncodedLive = Record<LiveName, string>;

/** The latencies that a load worker measured since its last report: TTFT as soon as the first token arrives, not when the response ends. */
export class LiveHistograms {
  readonly #histograms: Record<LiveName, Histogram> = { ttft: emptyHistogram(), gap: emptyHistogram() };

  first(latency_us: Microseconds): void {
    this.#record('ttft', latency_us);
  }

  next(gap_us: Microseconds): void {
    this.#record('gap', gap_us);
  }

  take(): EncodedLive {
    const { ttft, gap } = this.#histograms;
    const encoded = { ttft: encodeIntoCompressedBase64(ttft), gap: encodeIntoCompressedBase64(gap) };
    ttft.reset();
    gap.reset();
    return encoded;
  }

  #record(name: LiveName, us: Microseconds): void {
    // A histogram counts NaN as 0.
    if (us >= 0) this.#histograms[name].recordValue(Math.round(us));
  }
}

/** The latencies of the last few seconds, over all workers. */
export class RecentHistograms {
  readonly #recent: { at_ms: Milliseconds; encoded: EncodedLive }[] = [];
  readonly #merged: Partial<Record<LiveName, Histogram>> = {};
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
    const merged = (this.#merged[name] ??= this.#merge(name));
    return merged.totalCount === 0 ? null : merged.getValueAtPercentile(percentile) / 1000;
  }

  #merge(name: LiveName): Histogram {
    const merged = emptyHistogram();
    for (const { encoded } of this.#recent) merged.add(decodeFromCompressedBase64(encoded[name], 32));
    return merged;
  }
}
