import { type Metric, SERIES_METRICS, type SeriesMetricName } from '../metrics/registry.ts';
import type { RequestFigures } from '../metrics/request-figures.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { distributionUnit, ExactDistribution } from './distribution.ts';
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
  metrics: Readonly<Record<SeriesMetricName, Numbers>>;
  /** For each judged request: 1 if it is good, else 0. */
  good: Uint8Array;
  /** For each judged request: 1 if it failed, else 0. */
  failed: Uint8Array;
  /** For each request: the number of other requests in flight or waiting when it starts, in the order of the starts. */
  inFlight: Numbers;
  /** `null` if W has no length or no known end. */
  sliced: SlicedRates | null;
}

/** Returns the marks of the judged requests whose mean is the metric; `null` if the metric is not such a share. */
export const judgedMarks = (
  { good, failed }: Pick<RunSeries, 'good' | 'failed'>,
  { series }: Pick<Metric, 'series'>,
): Uint8Array | null => (series === 'good' ? good : series === 'failed' ? failed : null);

/** The judgements as small numbers. */
const JUDGED: Readonly<Record<Judgement, number>> = {
  good: 1,
  missed: 0,
  cut_missed: 0,
  failed: 2,
  censored: 3,
};

/** Collects the series from samples in any order. */
export class SeriesCollector {
  readonly #loop: 'open' | 'closed';
  readonly #slices: Slices | null;
  readonly #starts = new Numbers();
  readonly #ends = new Numbers();
  /** For each request of the cohort: the number of requests outside of it that were added before. */
  readonly #outside = new Numbers();
  readonly #numbers = new Numbers();
  /** The values of the cohort, of the requests that have one, in the order of the samples. */
  readonly distributions = eachSeries((metric) => new ExactDistribution(distributionUnit(metric)));
  /** The sum of 2^k over the metrics that a request of the cohort has, by their places k in the registry. */
  readonly #has = new Numbers();
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

  /** Adds the request that was added last, if it is in the cohort. */
  addOfCohort(sample: Sample, figures: RequestFigures, judgement: Judgement): void {
    this.#outside.push(this.#starts.length - 1 - this.#outside.length);
    this.#numbers.push(sample.i);
    let has = 0;
    for (const [k, metric] of SERIES_METRICS.entries()) {
      const value = figures.isMisleading(metric) ? null : figures.value(metric.name);
      if (value === null) continue;
      this.distributions[metric.name].add(value);
      has += 2 ** k;
    }
    this.#has.push(has);
    this.#judgements.push(JUDGED[judgement]);
  }

  /**
   * Returns the series. Must be called before a figure of the distributions is read, and once; no sample may be added afterwards.
   * @param isShown returns false for a metric that is withheld, whose series is then empty
   */
  series(isShown: (metric: Metric) => boolean = () => true): RunSeries {
    const order = orderOf(this.#numbers.take());
    const judgements = this.#judgements.take();
    const has = order === null ? null : this.#has.take();
    return {
      loop: this.#loop,
      metrics: eachSeries((metric) => {
        const { values } = this.distributions[metric.name];
        if (!isShown(metric)) return new Numbers();
        const bit = 2 ** SERIES_METRICS.indexOf(metric);
        return order === null ? values : inOrder(values.values(), order, (at) => (has![at]! & bit) > 0);
      }),
      good: marks(judgements, order, JUDGED.good),
      failed: marks(judgements, order, JUDGED.failed),
      inFlight: this.#inFlight(),
      sliced: this.#slices?.result() ?? null,
    };
  }

  #inFlight(): Numbers {
    const starts = this.#starts.take();
    const ofCohort = this.#outside.take();
    for (let k = 0; k < ofCohort.length; k++) ofCohort[k] = starts[k + ofCohort[k]!]!;
    starts.sort();
    const ends = this.#ends.take().sort();
    const inFlight = new Numbers();
    let begun = 0;
    let over = 0;
    for (const at of ofCohort.sort()) {
      while (begun < starts.length && starts[begun]! < at) begun++;
      while (over < ends.length && ends[over]! <= at) over++;
      // A request that starts and ends at one instant counts as ended, but not as begun before it.
      inFlight.push(Math.max(0, begun - over));
    }
    return inFlight;
  }
}

/** Returns the places of the requests in the order of the plan; `null` if they are in this order. */
function orderOf(numbers: Float64Array): Uint32Array | null {
  if (numbers.every((number, at) => at === 0 || numbers[at - 1]! < number)) return null;
  const order = new Uint32Array(numbers.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  return order.sort((a, b) => numbers[a]! - numbers[b]!);
}

/** Returns the values in this order of the requests, for those that have one. */
function inOrder(values: Float64Array, order: Uint32Array, has: (at: number) => boolean): Numbers {
  const places = new Uint32Array(order.length);
  let place = 0;
  for (let at = 0; at < places.length; at++) {
    places[at] = place;
    if (has(at)) place++;
  }
  const found = new Numbers();
  for (const at of order) if (has(at)) found.push(values[places[at]!]!);
  return found;
}

/**
 * Returns 1 for each judged request with this judgement, else 0. Does not use `from` and `filter`, which need 40 MB for a million values.
 * @param order `null` if the judgements are in it
 */
function marks(judgements: Float64Array, order: Uint32Array | null, wanted: number): Uint8Array {
  const series = new Uint8Array(judgements.length);
  let count = 0;
  for (let k = 0; k < judgements.length; k++) {
    const judgement = judgements[order === null ? k : order[k]!]!;
    if (judgement !== JUDGED.censored) series[count++] = judgement === wanted ? 1 : 0;
  }
  return count === series.length ? series : series.slice(0, count);
}
