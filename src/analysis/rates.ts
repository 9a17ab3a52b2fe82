import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { completionIn } from './completion-share.ts';
import { isCut } from './judging.ts';
import { Numbers } from '../statistics/numbers.ts';
import { type Rates, ratesOf } from './report-figures.ts';
import { RUN_FORMULAS, type RunTotals } from './run-formulas.ts';
import type { StatedReport } from './stated-report.ts';

/** Counts that the rates need besides those of W. */
export interface RateContext {
  /** Requests of the plan in W that left no sample. */
  lost: number;
  /** Requests of the cohort. */
  judged: number;
  good: number;
  failed: number;
}

/** Returns every run metric. */
export const ratesFrom = (totals: RunTotals, stated: StatedReport): Rates =>
  ratesOf(({ name }) => RUN_FORMULAS[name](totals, stated));

/**
 * Counts what happens in the window W, also for requests outside of the cohort (docs/metrics.md, "Per run"): starts in [w₀, w₁),
 * completions and arrivals of tokens in (w₀, w₁]. In closed loop completions count by shares (`completionIn`).
 */
export class WindowRates {
  readonly #loop: 'open' | 'closed';
  readonly #from: Microseconds;
  readonly #to: Microseconds;
  #planned = 0;
  #sent = 0;
  #completed = 0;
  #good = 0;
  #goodTokens = 0;
  #outputTokens = 0;
  #firstTokens = 0;
  #inputKnown = 0;
  #inputTokens = 0;
  #cachedTokens = 0;
  /** Time in flight within W, summed over requests. */
  #inFlight_us = 0;
  readonly #cut = { requests: 0, inFlight_us: 0 };
  #ends = 0;
  #residence_us = 0;
  /** Requests in flight in W. */
  #flights = 0;
  readonly #entries = new Numbers();
  readonly #exits = new Numbers();

  /** @param to_us Infinity for a run that never closed: no sample has an instant beyond its true end */
  constructor(loop: 'open' | 'closed', from_us: Microseconds, to_us: Microseconds) {
    this.#loop = loop;
    this.#from = from_us;
    this.#to = to_us;
  }

  add(sample: Sample, figures: RequestFigures, good: boolean): void {
    if (this.#starts(sample.planned_us)) this.#planned++;
    this.#outputTokens += figures.tokensWithin(this.#from, this.#to);
    if (figures.tokens.events > 0 && this.#happens(figures.first_us)) {
      this.#firstTokens++;
      if (sample.input_tokens !== null) {
        this.#inputKnown++;
        this.#inputTokens += sample.input_tokens;
        this.#cachedTokens += Math.min(sample.cached_tokens ?? 0, sample.input_tokens);
      }
    }
    const completed = completionIn(sample, this.#loop, this.#from, this.#to);
    this.#completed += completed;
    if (good) {
      this.#good += completed;
      this.#goodTokens += completed * figures.tokens.total;
    }
    if (sample.sent_us !== null) this.#addFlight(sample.sent_us, sample.ended_us, isCut(sample.outcome));
  }

  /** Requests planned in W that left a sample. */
  get planned(): number {
    return this.#planned;
  }

  /**
   * The mean of `ended − sent` over all ends in W of requests that were sent, or the mean time in flight in W if that is longer: of requests
   * of 10 s in a window of 8 s, only refusals end. `null` if no request ended.
   */
  get meanResidence_us(): Microseconds | null {
    if (this.#ends === 0) return null;
    return Math.max(this.#residence_us / this.#ends, this.#inFlight_us / Math.max(1, this.#flights));
  }

  /** Requests in flight in W that goodput cut off, and their share of the time in flight, which closed-loop rates do not count. */
  get cut(): { requests: number; share: number } {
    const { requests, inFlight_us } = this.#cut;
    return { requests, share: this.#inFlight_us === 0 ? 0 : inFlight_us / this.#inFlight_us };
  }

  /** Returns the sums over a window of this length. No sample may be added afterwards, and it may be called once. */
  totals(window_us: Microseconds, { lost, judged, good, failed }: RateContext): RunTotals {
    return {
      window_us,
      seconds: window_us / 1e6,
      planned: this.#loop === 'open' ? this.#planned + lost : null,
      sent: this.#sent,
      completed: this.#completed,
      completedGood: this.#good,
      goodTokens: this.#goodTokens,
      outputTokens: this.#outputTokens,
      inputTokens: this.#firstTokens > 0 && this.#inputKnown === 0 ? null : this.#inputTokens,
      cachedTokens: this.#cachedTokens,
      inFlight_us: this.#inFlight_us,
      maxInFlight: this.#maxInFlight(),
      residence_us: this.#residence_us,
      ends: this.#ends,
      judged,
      good,
      failed,
    };
  }

  #starts(at: Microseconds): boolean {
    return at >= this.#from && at < this.#to;
  }

  #happens(at: Microseconds): boolean {
    return at > this.#from && at <= this.#to;
  }

  #addFlight(sent: Microseconds, ended: Microseconds, cut: boolean): void {
    if (this.#starts(sent)) this.#sent++;
    if (this.#happens(ended)) {
      this.#ends++;
      this.#residence_us += ended - sent;
    }
    const from = Math.max(sent, this.#from);
    const to = Math.min(ended, this.#to);
    if (to <= from) return;
    this.#inFlight_us += to - from;
    if (cut) {
      this.#cut.requests++;
      this.#cut.inFlight_us += to - from;
    }
    this.#flights++;
    this.#entries.push(from);
    this.#exits.push(to);
  }

  /** Ends count before starts: a slot that is freed and used again at the same instant is one request in flight. */
  #maxInFlight(): number {
    const entries = this.#entries.take().sort();
    const exits = this.#exits.take().sort();
    let max = 0;
    let left = 0;
    for (let entered = 0; entered < entries.length; entered++) {
      while (exits[left]! <= entries[entered]!) left++;
      max = Math.max(max, entered + 1 - left);
    }
    return max;
  }
}
