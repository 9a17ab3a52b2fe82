import type { RequestFigures } from '../metrics/request.ts';
import type { Sample } from '../sample.ts';
import { formatDuration } from '../units.ts';
import type { Microseconds } from '../units.ts';
import { isCut, isFailure } from './judging.ts';
import type { SteadyFigures } from './report.ts';
import { trendOf } from './trend.ts';
import type { Trend } from './trend.ts';

const BATCHES = 20;

/** Below these numbers of starts in W, queues at 80 % load look like trends too often. */
const STARTS_FOR_OVERLOAD = 100;
const STARTS_FOR_DRIFT = 500;

/** Standard errors that a slope must pass. */
const OVERLOAD_SIGNIFICANCE = 5;
const RESIDENCE_SIGNIFICANCE = 4;
const DRIFT_SIGNIFICANCE = 8;
/** A steady climb sets the halves 3.5 of their own spreads apart, a burst that chance put into one half far less. */
const DRIFT_SPREADS = 2.5;
/** A drift smaller than this factor between the halves changes no conclusion. */
const DRIFT_FACTOR = 1.25;

/**
 * Is W a steady state? Looks at the requests in flight or waiting, at TTFT and at residence in 20 batches of W: overload
 * where the queue grows by more than chance grows it and each request stays longer than the one before; a drift where
 * the second half of W differs from the first beyond its own noise. Conservative: it would rather miss than cry wolf.
 */
export class SteadyState {
  readonly #from: Microseconds;
  readonly #length: Microseconds;
  #starts = 0;
  /** Of each batch: time in flight or waiting, summed over requests. */
  readonly #present = new Float64Array(BATCHES);
  /** Successes that completed in it. */
  readonly #completed = new Float64Array(BATCHES);
  readonly #residence = new BatchMeans();
  readonly #ttft = new BatchMeans();

  /** Of a window with a known end and a length. */
  constructor(from_us: Microseconds, to_us: Microseconds) {
    this.#from = from_us;
    this.#length = (to_us - from_us) / BATCHES;
  }

  add(sample: Sample, figures: RequestFigures): void {
    const { start_us, first_us, tokens } = figures;
    this.#addPresence(start_us, sample.ended_us);
    if (sample.outcome === 'ok') this.#addCompletion(sample.ended_us);
    const batch = Math.floor((start_us - this.#from) / this.#length);
    if (batch < 0 || batch >= BATCHES) return;
    this.#starts++;
    if (isFailure(sample.outcome)) return;
    const stay = sample.ended_us - start_us;
    this.#residence.add(batch, stay);
    if (tokens.events > 0) this.#ttft.add(batch, first_us - start_us);
    else if (isCut(sample.outcome)) this.#ttft.add(batch, stay);
  }

  /** `null` where too few requests started in W for any answer. */
  result(): SteadyFigures | null {
    if (this.#starts < STARTS_FOR_OVERLOAD) return null;
    const present = trendOf(Array.from(this.#present, (time) => time / this.#length));
    const residence = this.#residence.trend();
    const ttft = this.#ttft.trend();
    const overload = this.#growsWithoutEnd(present, residence);
    const drifts = this.#starts >= STARTS_FOR_DRIFT;
    const inFlightDrifts = drifts && isDrift(present);
    const ttftDrifts = drifts && ttft !== null && isDrift(ttft);
    const parts = [`in flight or waiting ${halves(present, (value) => value.toFixed(value < 10 ? 1 : 0))}`];
    if (ttft !== null) parts.push(`TTFT ${halves(ttft, (us) => formatDuration(us / 1000))}`);
    return {
      ok: !overload && !inFlightDrifts && !ttftDrifts,
      overload,
      first: this.#half(0, present.firstHalf, ttft?.firstHalf ?? null),
      second: this.#half(BATCHES / 2, present.secondHalf, ttft?.secondHalf ?? null),
      detail: `From the first to the second half of the window: ${parts.join(', ')}.`,
    };
  }

  /**
   * Between Poisson arrivals and as random a service, chance alone moves a saturated queue by √(2n) over n arrivals (one
   * standard deviation), a queue below saturation by less. A pipeline that only fills up grows too, but no request stays longer.
   */
  #growsWithoutEnd(present: Trend, residence: Trend | null): boolean {
    return (
      present.significance > OVERLOAD_SIGNIFICANCE &&
      present.rise > 3 * Math.sqrt(this.#starts) &&
      residence !== null &&
      residence.significance > RESIDENCE_SIGNIFICANCE
    );
  }

  #half(from: number, inFlight: number, ttft_us: number | null): SteadyFigures['first'] {
    const completed = this.#completed.subarray(from, from + BATCHES / 2).reduce((sum, each) => sum + each, 0);
    return {
      rps: completed / ((this.#length * (BATCHES / 2)) / 1e6),
      ttft_ms: ttft_us === null ? null : ttft_us / 1000,
      in_flight: inFlight,
    };
  }

  /** Completions belong to (w₀, w₁], so to the batch that they close. */
  #addCompletion(at: Microseconds): void {
    const batch = Math.ceil((at - this.#from) / this.#length) - 1;
    if (batch >= 0 && batch < BATCHES) this.#completed[batch]!++;
  }

  #addPresence(from: Microseconds, to: Microseconds): void {
    const first = Math.max(0, Math.floor((from - this.#from) / this.#length));
    for (let batch = first; batch < BATCHES; batch++) {
      const begins = this.#from + batch * this.#length;
      if (begins >= to) return;
      this.#present[batch]! += Math.min(to, begins + this.#length) - Math.max(from, begins);
    }
  }
}

/** A mean per batch, over the requests that started in it. */
class BatchMeans {
  readonly #sums = new Float64Array(BATCHES);
  readonly #counts = new Float64Array(BATCHES);

  add(batch: number, value: number): void {
    this.#sums[batch]! += value;
    this.#counts[batch]!++;
  }

  /** `null` where a batch is empty. */
  trend(): Trend | null {
    if (this.#counts.includes(0)) return null;
    return trendOf(Array.from(this.#sums, (sum, batch) => sum / this.#counts[batch]!));
  }
}

/**
 * Of 2,000 stationary queues each (M/M and M/D, 1 and 16 servers, 500 requests), none drifted so at 80 % load, 1 at 85 % and
 * 5 at 90 %, where 500 requests are too few to see the whole of a queue's ups and downs.
 */
function isDrift({ firstHalf, secondHalf, spread, significance }: Trend): boolean {
  const factor = secondHalf / firstHalf;
  return (
    Math.abs(significance) > DRIFT_SIGNIFICANCE &&
    Math.abs(secondHalf - firstHalf) > DRIFT_SPREADS * spread &&
    (factor > DRIFT_FACTOR || factor < 1 / DRIFT_FACTOR)
  );
}

const halves = ({ firstHalf, secondHalf }: Trend, format: (value: number) => string): string =>
  `${format(firstHalf)} to ${format(secondHalf)}`;
