import type { RequestFigures, RequestMetric } from '../metrics/request.ts';
import type { Sample } from '../sample.ts';
import { BATCHES } from '../statistics/batches.ts';
import type { Microseconds } from '../units.ts';
import type { Judgement } from './judging.ts';
import { Numbers } from './numbers.ts';

/** Metrics whose values are kept in the order of the plan, for intervals. */
export const SERIES_METRICS = ['ttft', 'tpot', 'e2e'] as const satisfies readonly RequestMetric[];

export type SeriesMetric = (typeof SERIES_METRICS)[number];

/** Rates that are counted by batches of W, for intervals. */
export const SLICED_RATES = ['rps', 'goodput_rps', 'output_tps'] as const;

export type SlicedRate = (typeof SLICED_RATES)[number];

/** A run's cohort in the order of the plan: what intervals and comparisons are made from. */
export interface RunSeries {
  loop: 'open' | 'closed';
  /** Values of the requests that have one, in the metric's unit. */
  metrics: Readonly<Record<SeriesMetric, Float64Array>>;
  /** Of the judged: 1 for a good request. */
  good: Uint8Array;
  /** Of the judged: 1 for a failure. */
  failed: Uint8Array;
  /** Requests in flight or waiting when one starts, itself apart; in the order of their starts. */
  inFlight: Float64Array;
  /** Per second, in 20 equal batches of W; `null` where W has no length or an end that is not known. */
  slices: Readonly<Record<SlicedRate, readonly number[]>> | null;
}

/** Collects the series while samples come in any order: numbers alone, about 70 bytes a request. */
export class SeriesCollector {
  readonly #loop: 'open' | 'closed';
  readonly #slices: Slices | null;
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();
  readonly #cohortStarts = new Numbers();
  readonly #numbers = new Numbers();
  readonly #values: Record<SeriesMetric, Numbers> = {
    ttft: new Numbers(),
    tpot: new Numbers(),
    e2e: new Numbers(),
  };
  /** 1 good, 0 missed, −1 failed, NaN censored. */
  readonly #judgements = new Numbers();

  constructor(loop: 'open' | 'closed', window: { start_us: Microseconds; end_us: Microseconds } | null) {
    this.#loop = loop;
    this.#slices = window !== null && window.end_us > window.start_us ? new Slices(window) : null;
  }

  /** Every request: others than the cohort's are in flight too. */
  add(sample: Sample, figures: RequestFigures, good: boolean): void {
    this.#starts.push(figures.start_us);
    this.#ends.push(sample.ended_us);
    this.#slices?.add(sample, figures, good);
  }

  addOfCohort(sample: Sample, figures: RequestFigures, judgement: Judgement): void {
    this.#numbers.push(sample.i);
    this.#cohortStarts.push(figures.start_us);
    for (const metric of SERIES_METRICS) this.#values[metric].push(figures.value(metric) ?? NaN);
    this.#judgements.push(
      judgement === 'good' ? 1 : judgement === 'failed' ? -1 : judgement === 'censored' ? NaN : 0,
    );
  }

  /** Once all samples were added: some of what is kept loses its order. */
  series(): RunSeries {
    const numbers = this.#numbers.view();
    const order = new Uint32Array(numbers.length);
    for (let at = 0; at < order.length; at++) order[at] = at;
    order.sort((a, b) => numbers[a]! - numbers[b]!);
    const { ttft, tpot, e2e } = this.#values;
    const judged = inOrder(this.#judgements, order);
    return {
      loop: this.#loop,
      metrics: { ttft: inOrder(ttft, order), tpot: inOrder(tpot, order), e2e: inOrder(e2e, order) },
      good: marks(judged, 1),
      failed: marks(judged, -1),
      inFlight: this.#inFlight(),
      slices: this.#slices?.perSecond() ?? null,
    };
  }

  #inFlight(): Float64Array {
    const starts = this.#starts.sorted();
    const ends = this.#ends.sorted();
    let begun = 0;
    let over = 0;
    return this.#cohortStarts.sorted().map((at) => {
      while (begun < starts.length && starts[begun]! < at) begun++;
      while (over < ends.length && ends[over]! <= at) over++;
      // One that starts and ends at one instant has ended without having begun before it.
      return Math.max(0, begun - over);
    });
  }
}

/** The values that are there. Without `from` and `filter`, which keep a list of boxed numbers: 40 MB for a million. */
function inOrder(values: Numbers, order: Uint32Array): Float64Array {
  const view = values.view();
  const known = new Float64Array(view.length);
  let count = 0;
  for (const at of order) {
    const value = view[at]!;
    if (!Number.isNaN(value)) known[count++] = value;
  }
  return count === known.length ? known : known.slice(0, count);
}

/** 1 where the judgement is this one, else 0. */
function marks(judgements: Float64Array, judgement: number): Uint8Array {
  const series = new Uint8Array(judgements.length);
  for (let k = 0; k < series.length; k++) series[k] = judgements[k] === judgement ? 1 : 0;
  return series;
}

/** What happens in each twentieth of W, by the rules of the rates: completions and tokens belong to (from, to]. */
class Slices {
  readonly #from: Microseconds;
  readonly #length: Microseconds;
  readonly #completed = new Float64Array(BATCHES);
  readonly #good = new Float64Array(BATCHES);
  readonly #tokens = new Float64Array(BATCHES);

  constructor({ start_us, end_us }: { start_us: Microseconds; end_us: Microseconds }) {
    this.#from = start_us;
    this.#length = (end_us - start_us) / BATCHES;
  }

  add(sample: Sample, figures: RequestFigures, good: boolean): void {
    const end = this.#sliceOf(sample.ended_us);
    if (end >= 0 && end < BATCHES && sample.outcome === 'ok') {
      this.#completed[end]!++;
      if (good) this.#good[end]!++;
    }
    if (figures.tokens.events === 0) return;
    const first = Math.max(0, this.#sliceOf(figures.first_us));
    const last = Math.min(BATCHES - 1, this.#sliceOf(figures.last_us));
    for (let slice = first; slice <= last; slice++) {
      const from = this.#from + slice * this.#length;
      this.#tokens[slice]! += figures.tokensWithin(from, from + this.#length);
    }
  }

  perSecond(): RunSeries['slices'] {
    const rate = (counts: Float64Array): number[] => Array.from(counts, (n) => n / (this.#length / 1e6));
    return { rps: rate(this.#completed), goodput_rps: rate(this.#good), output_tps: rate(this.#tokens) };
  }

  #sliceOf(at: Microseconds): number {
    return Math.ceil((at - this.#from) / this.#length) - 1;
  }
}
