import type { Window } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** W has about one bin per four requests within these limits, unless bins would be shorter than the shortest, or too many in all. */
const REQUESTS_PER_BIN = 4;
const FEWEST_OF_WINDOW = 24;
const MOST_OF_WINDOW = 120;
const MOST_BINS = 480;
const SHORTEST_US = 100_000;

/** Part of a bin that division may be off by; instants are whole microseconds. */
const ROUNDING = 1e-9;

/**
 * Equal bins of a run. W is a whole number of them, so that the sum over its bins is the figure of W. Starts belong to bin [a, b), ends and
 * arrivals to (a, b], as in docs/metrics.md.
 */
export class Bins {
  readonly from_us: Microseconds;
  readonly width_us: Microseconds;
  readonly count: number;

  constructor(from_us: Microseconds, width_us: Microseconds, count: number) {
    this.from_us = from_us;
    this.width_us = width_us;
    this.count = count;
  }

  /** Returns bins for a run whose last instant is `last_us`, and whose cohort has this many requests. */
  static over({ start_us, end_us }: Window, last_us: Microseconds, requests: number): Bins {
    const length_us = end_us - start_us;
    const all_us = Math.max(last_us, end_us);
    const wanted = Math.min(
      MOST_OF_WINDOW,
      Math.max(FEWEST_OF_WINDOW, Math.floor(requests / REQUESTS_PER_BIN)),
    );
    const shortest_us = Math.max(length_us / wanted, all_us / MOST_BINS, SHORTEST_US);
    const width_us = length_us / Math.max(1, Math.floor(length_us / shortest_us + ROUNDING));
    const before = Math.ceil(start_us / width_us - ROUNDING);
    const from_us = start_us - before * width_us;
    return new Bins(from_us, width_us, Math.max(1, Math.ceil((all_us - from_us) / width_us - ROUNDING)));
  }

  /** Returns the bin of a start; below 0 or from `count` on for one outside of all bins. */
  ofStart(at_us: Microseconds): number {
    return Math.floor((at_us - this.from_us) / this.width_us + ROUNDING);
  }

  /** Returns the bin of an end or an arrival; below 0 or from `count` on for one outside of all bins. */
  ofEnd(at_us: Microseconds): number {
    return Math.ceil((at_us - this.from_us) / this.width_us - ROUNDING) - 1;
  }

  /** Returns the start of a bin, which is the end of the one before. */
  edge(bin: number): Microseconds {
    return this.from_us + bin * this.width_us;
  }
}

/** The time in each bin, summed over spans. A span costs the same time whatever its length. */
export class SpanSums {
  readonly #bins: Bins;
  readonly #partial: Float64Array;
  /** The change in the number of spans that cover a whole bin. */
  readonly #whole: Float64Array;

  constructor(bins: Bins) {
    this.#bins = bins;
    this.#partial = new Float64Array(bins.count);
    this.#whole = new Float64Array(bins.count + 1);
  }

  add(from_us: Microseconds, to_us: Microseconds): void {
    const bins = this.#bins;
    const from = Math.max(from_us, bins.edge(0));
    const to = Math.min(to_us, bins.edge(bins.count));
    if (to <= from) return;
    const first = bins.ofStart(from);
    const last = bins.ofEnd(to);
    if (first >= last) {
      this.#partial[first]! += to - from;
      return;
    }
    this.#partial[first]! += bins.edge(first + 1) - from;
    this.#partial[last]! += to - bins.edge(last);
    this.#whole[first + 1]!++;
    this.#whole[last]!--;
  }

  /** Returns the time in each bin ÷ the length of a bin: the mean number of spans. */
  means(): number[] {
    let whole = 0;
    return Array.from(this.#partial, (partial, bin) => {
      whole += this.#whole[bin]!;
      return whole + partial / this.#bins.width_us;
    });
  }
}
