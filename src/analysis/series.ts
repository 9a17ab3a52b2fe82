import { type Metric, SERIES_METRICS, type SeriesMetricName } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import type { Judgement } from './judging.ts';
import { Numbers } from '../statistics/numbers.ts';
import { Slices, type SlicedRates } from './slices.ts';

/** Returns a record with what `valueOf` has for each metric whose values are kept in the order of the plan. */
const eachSeries = <T>(
  valueOf: (metric: (typeof SERIES_METRICS)[number]) => T,
): Record<SeriesMetricName, T> =>
  Object.fromEntries(SERIES_METRICS.map((metric) => [metric.name, valueOf(metric)])) as Record<
    SeriesMetricName,
    T
  >;

/** The cohort of a run in the order of the plan, from which intervals and comparisons are computed. */
export interface RunSeries {
  loop: 'open' | 'closed';
  /** The values of the requests that have one, in the unit of the metric. */
  metrics: Readonly<Record<SeriesMetricName, Float64Array>>;
  /** For each judged request: 1 if it is good, else 0. */
  good: Uint8Array;
  /** For each judged request: 1 if it failed, else 0. */
  failed: Uint8Array;
  /** For each request: the number of other requests in flight or waiting when it starts, in the order of the starts. */
  inFlight: Float64Array;
  /** `null` if W has no length or no known end. */
  sliced: SlicedRates | null;
}

/** Returns the marks of the judged requests whose mean is the metric; `null` if it is no such share. */
export const judgedMarks = (
  { good, failed }: Pick<RunSeries, 'good' | 'failed'>,
  { series }: Pick<Metric, 'series'>,
): Uint8Array | null => (series === 'good' ? good : series === 'failed' ? failed : null);

/** Collects the series from samples in any order, in 40 to 70 bytes per request. */
export class SeriesCollector {
  readonly #loop: 'open' | 'closed';
  readonly #slices: Slices | null;
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();
  readonly #cohortStarts = new Numbers();
  readonly #numbers = new Numbers();
  readonly #values = eachSeries(({ unit }) => new Numbers(unit === 'ms' ? 1000 : 1));
  /** 0: missed, 1: good, 2: failed, NaN: censored. */
  readonly #judgements = new Numbers();

  constructor(loop: 'open' | 'closed', window: { start_us: Microseconds; end_us: Microseconds } | null) {
    this.#loop = loop;
    this.#slices = window !== null && window.end_us > window.start_us ? new Slices(loop, window) : null;
  }

  /** Adds any request: those outside of the cohort are in flight too. */
  add(sample: Sample, figures: RequestFigures, good: boolean): void {
    this.#starts.push(figures.start_us);
    this.#ends.push(sample.ended_us);
    this.#slices?.add(sample, figures, good);
  }

  addOfCohort(sample: Sample, figures: RequestFigures, judgement: Judgement): void {
    this.#numbers.push(sample.i);
    this.#cohortStarts.push(figures.start_us);
    for (const metric of SERIES_METRICS) {
      const value = figures.isMisleading(metric) ? null : figures.value(metric.name);
      this.#values[metric.name].push(value ?? NaN);
    }
    this.#judgements.push(
      judgement === 'good' ? 1 : judgement === 'failed' ? 2 : judgement === 'censored' ? NaN : 0,
    );
  }

  /**
   * Returns the series. No sample may be added afterwards, because this sorts some of the data.
   * @param isShown returns false for a metric that is withheld, whose series is then empty
   */
  series(isShown: (metric: Metric) => boolean = () => true): RunSeries {
    const numbers = this.#numbers;
    const order = new Uint32Array(numbers.length);
    for (let at = 0; at < order.length; at++) order[at] = at;
    order.sort((a, b) => numbers.at(a) - numbers.at(b));
    const judged = inOrder(this.#judgements, order);
    return {
      loop: this.#loop,
      metrics: eachSeries((metric) =>
        isShown(metric) ? inOrder(this.#values[metric.name], order) : new Float64Array(0),
      ),
      good: marks(judged, 1),
      failed: marks(judged, 2),
      inFlight: this.#inFlight(),
      sliced: this.#slices?.result() ?? null,
    };
  }

  #inFlight(): Float64Array {
    const starts = this.#starts.sort();
    const ends = this.#ends.sort();
    let begun = 0;
    let over = 0;
    const inFlight = this.#cohortStarts.sort().toArray();
    for (let k = 0; k < inFlight.length; k++) {
      const at = inFlight[k]!;
      while (begun < starts.length && starts.at(begun) < at) begun++;
      while (over < ends.length && ends.at(over) <= at) over++;
      // A request that starts and ends at one instant counts as ended, but not as begun before it.
      inFlight[k] = Math.max(0, begun - over);
    }
    return inFlight;
  }
}

/** Returns the values that are not NaN, in this order. Does not use `from` and `filter`, which need 40 MB for a million values. */
function inOrder(values: Numbers, order: Uint32Array): Float64Array {
  const known = new Float64Array(values.length);
  let count = 0;
  for (const at of order) {
    const value = values.at(at);
    if (!Number.isNaN(value)) known[count++] = value;
  }
  return count === known.length ? known : known.slice(0, count);
}

/** Returns 1 for each request with this judgement, else 0. */
function marks(judgements: Float64Array, judgement: number): Uint8Array {
  const series = new Uint8Array(judgements.length);
  for (let k = 0; k < series.length; k++) series[k] = judgements[k] === judgement ? 1 : 0;
  return series;
}
