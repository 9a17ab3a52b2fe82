import { significant } from '../numbers.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader, Window } from '../record/header.ts';
import { isOverload } from '../sample.ts';
import type { Sample } from '../sample.ts';
import { formatDuration } from '../units.ts';
import type { Microseconds } from '../units.ts';
import { backlogGrows } from './backlog.ts';
import { missingShare, timeToFill, warmupFor } from './filling.ts';
import { isByCount } from './cohort.ts';
import { isCut, isFailure } from './judging.ts';
import { Numbers } from '../statistics/numbers.ts';
import type { Rates } from './report-figures.ts';
import type { SteadyFigures, SteadyStateName } from './steady-figures.ts';
import { trendOf } from '../statistics/trend.ts';
import type { Trend } from '../statistics/trend.ts';

const BATCHES = 20;

/**
 * The fewest starts in W for any state, for `steady`, and for `drifting`: with fewer, queues at 80% load look like trends too often.
 */
const STARTS_FOR_ANY = 20;
const STARTS_FOR_STEADY = 100;
const STARTS_FOR_DRIFT = 500;

/** The mean share of missing requests in flight over W above which a run is filling: 4 residences of equal length without a warm-up. */
const MISSING_SHARE = 0.125;
/** The share of the arrivals in W refused for load from which a server is overloaded. */
const REFUSED_SHARE = 0.05;

/** The least slope of a drift, in standard errors. */
const DRIFT_SIGNIFICANCE = 8;
/** The least difference between the halves of a drift, in their own spreads: 3.5 for a steady climb, far less for a random burst. */
const DRIFT_SPREADS = 2.5;
/** The least factor between the halves of a drift: a smaller one changes no conclusion. */
const DRIFT_FACTOR = 1.25;

/**
 * Determines the state of a run in W. Overloaded: more requests arrive than get a first token, or than end, until the end of W
 * (`backlogGrows`), or the server refuses them. Filling: the run is shorter than a few residences, so requests are missing in flight
 * (`missingShare`). Drifting: requests in flight or TTFT, in 20 batches of W, differ between its halves by more than noise. The limits are
 * conservative: false alarms are rarer than misses.
 */
export class SteadyState {
  readonly #window: Window;
  readonly #length: Microseconds;
  readonly #load: Pick<RunHeader['load'], 'loop' | 'requests' | 'sessions'>;
  #starts = 0;
  #succeeded = false;
  /** Requests planned in W, in open loop. */
  #arrivals = 0;
  #refused = 0;
  /** Requests cut off before a first token: their TTFT is longer than their time, which is shorter for later ones. */
  #unanswered = 0;
  /** For each batch: time in flight or waiting, summed over requests. */
  readonly #present = new Float64Array(BATCHES);
  /** For each batch: successes that completed in it. */
  readonly #completed = new Float64Array(BATCHES);
  readonly #ttft = new BatchMeans();
  /** Instants of all requests of the run, in the same order; Infinity if there was no first token, or if the request was cut off. */
  readonly #arrived = new Numbers();
  readonly #first = new Numbers();
  readonly #ended = new Numbers();
  #cut_us = Infinity;
  /** Residences of the requests that started in W, for those that were cut off until then. */
  readonly #residences = new Numbers();

  /** @param window has a known end and a length */
  constructor(window: Window, load: Pick<RunHeader['load'], 'loop' | 'requests' | 'sessions'>) {
    this.#window = window;
    this.#length = (window.end_us - window.start_us) / BATCHES;
    this.#load = load;
  }

  add(sample: Sample, figures: RequestFigures): void {
    const { start_us, first_us, tokens } = figures;
    const { outcome, ended_us } = sample;
    this.#addPresence(start_us, ended_us);
    if (outcome === 'ok') {
      this.#succeeded = true;
      this.#addCompletion(ended_us);
    }
    if (this.#load.loop === 'open') this.#addArrival(sample, tokens.events > 0 ? first_us : null);
    const batch = Math.floor((start_us - this.#window.start_us) / this.#length);
    if (batch < 0 || batch >= BATCHES) return;
    this.#starts++;
    if (isFailure(outcome)) return;
    const residence = ended_us - start_us;
    this.#residences.push(residence);
    if (tokens.events > 0) this.#ttft.add(batch, first_us - start_us);
    else if (isCut(outcome)) {
      this.#ttft.add(batch, residence);
      this.#unanswered++;
    }
  }

  /** Returns the state; `null` if too few requests started in W, or no request of the run succeeded. It may be called once. */
  result({
    offered_rps,
    sent_rps,
    rps,
  }: Pick<Rates, 'offered_rps' | 'rps'> & Partial<Pick<Rates, 'sent_rps'>>): SteadyFigures | null {
    const state = this.#state();
    if (state === null) return null;
    const present = this.#presentTrend();
    const ttft = this.#ttft.trend();
    const parts = [`in flight or waiting ${halves(present, (value) => significant(value, 2))}`];
    if (ttft !== null && this.#unanswered === 0)
      parts.push(`TTFT ${halves(ttft, (us) => formatDuration(us / 1000))}`);
    const overload = state === 'overloaded';
    return {
      state,
      ok: state === 'steady',
      overload,
      offered_rps: overload ? (offered_rps ?? sent_rps ?? null) : null,
      completed_rps: overload ? rps : null,
      warmup_needed_s: state === 'filling' ? warmupFor(timeToFill(this.#residences.values())) : null,
      first: this.#half(0, present.firstHalf, ttft?.firstHalf ?? null),
      second: this.#half(BATCHES / 2, present.secondHalf, ttft?.secondHalf ?? null),
      detail: `From the first to the second half of the window: ${parts.join(', ')}.`,
    };
  }

  #state(): SteadyStateName | null {
    if (!this.#succeeded) return null;
    if (this.#load.loop === 'open' && this.#isOverloaded()) return 'overloaded';
    if (this.#starts < STARTS_FOR_ANY) return null;
    if (this.#isFilling()) return 'filling';
    if (this.#starts >= STARTS_FOR_DRIFT) {
      const ttft = this.#ttft.trend();
      if (isDrift(this.#presentTrend()) || (ttft !== null && isDrift(ttft))) return 'drifting';
    }
    return this.#starts < STARTS_FOR_STEADY ? null : 'steady';
  }

  #isOverloaded(): boolean {
    if (this.#arrivals >= STARTS_FOR_ANY && this.#refused >= REFUSED_SHARE * this.#arrivals) return true;
    const arrived = this.#arrived.take();
    return [this.#first, this.#ended].some((reached) =>
      backlogGrows({ arrived, reached: reached.take() }, this.#window, this.#cut_us),
    );
  }

  /** A closed-loop run of N requests is not judged: it ends with its plan, in any wave. */
  #isFilling(): boolean {
    if (this.#load.loop === 'closed' && isByCount(this.#load)) return false;
    return missingShare(this.#residences.values(), this.#window) > MISSING_SHARE;
  }

  #presentTrend(): Trend {
    return trendOf(Array.from(this.#present, (time) => time / this.#length));
  }

  #half(from: number, inFlight: number, ttft_us: number | null): SteadyFigures['first'] {
    const completed = this.#completed.subarray(from, from + BATCHES / 2).reduce((sum, each) => sum + each, 0);
    return {
      rps: completed / ((this.#length * (BATCHES / 2)) / 1e6),
      ttft_ms: ttft_us === null ? null : ttft_us / 1000,
      in_flight: inFlight,
    };
  }

  #addArrival(sample: Sample, first_us: Microseconds | null): void {
    const { planned_us, ended_us, outcome } = sample;
    if (planned_us >= this.#window.start_us && planned_us < this.#window.end_us) {
      this.#arrivals++;
      if (isOverload(sample)) this.#refused++;
    }
    if (isCut(outcome)) this.#cut_us = Math.max(this.#cut_us === Infinity ? 0 : this.#cut_us, ended_us);
    // A failed request leaves no backlog; but one that timed out would have waited longer.
    if (isFailure(outcome) && outcome !== 'timeout') return;
    const end = isCut(outcome) || outcome === 'timeout' ? Infinity : ended_us;
    this.#arrived.push(planned_us);
    this.#first.push(first_us ?? end);
    this.#ended.push(end);
  }

  /** Adds a completion: an instant at the edge of two batches belongs to the first, because completions are in (w₀, w₁]. */
  #addCompletion(at: Microseconds): void {
    const batch = Math.ceil((at - this.#window.start_us) / this.#length) - 1;
    if (batch >= 0 && batch < BATCHES) this.#completed[batch]!++;
  }

  #addPresence(from: Microseconds, to: Microseconds): void {
    const first = Math.max(0, Math.floor((from - this.#window.start_us) / this.#length));
    for (let batch = first; batch < BATCHES; batch++) {
      const begins = this.#window.start_us + batch * this.#length;
      if (begins >= to) return;
      this.#present[batch]! += Math.min(to, begins + this.#length) - Math.max(from, begins);
    }
  }
}

/** The mean of each batch, over the requests that started in it. */
class BatchMeans {
  readonly #sums = new Float64Array(BATCHES);
  readonly #counts = new Float64Array(BATCHES);

  add(batch: number, value: number): void {
    this.#sums[batch]! += value;
    this.#counts[batch]!++;
  }

  /** Returns the trend; `null` if a batch is empty. */
  trend(): Trend | null {
    if (this.#counts.includes(0)) return null;
    return trendOf(Array.from(this.#sums, (sum, batch) => sum / this.#counts[batch]!));
  }
}

/**
 * Returns true for a drift beyond noise. Of 2,000 stationary queues each (M/M and M/D, 1 and 16 servers, 500 requests), this found none at
 * 80% load, 1 at 85% and 5 at 90%, where 500 requests are too few to see all of the variation of a queue.
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
