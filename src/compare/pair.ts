import { SERIES_METRICS } from '../analysis/series.ts';
import { batchedRate, SLICED_RATES, type SlicedRate } from '../analysis/slices.ts';
import type { Figure } from '../slo/grammar.ts';
import { batchedMean, type BatchedMean } from '../statistics/batches.ts';
import { welch, type Bounded } from '../statistics/differences.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import type { ComparedRun } from './compared-run.ts';
import { ofEstimate, ofIntervals, type Difference } from './difference.ts';
import { valueIn } from './figures.ts';

/** Rates told by the minute. */
const BY_THE_MINUTE = new Map<string, SlicedRate>(Object.entries({ rpm: 'rps', goodput_rpm: 'goodput_rps' }));

/**
 * Differences of two single runs, taken for independent: Welch's t of corrected batch means (W) for means, shares and rates,
 * squaring and adding of order statistics (M) for percentiles. Requests of one plan are not set against each other: that
 * would take a machine that was 1 % slower for one run for a change of the server.
 */
export class RunPair {
  readonly #base: ComparedRun;
  readonly #new: ComparedRun;
  readonly #quantiles = new Map<string, QuantileSeries>();

  constructor(base: ComparedRun, next: ComparedRun) {
    this.#base = base;
    this.#new = next;
  }

  /** `null` where these runs tell nothing of it. */
  difference(figure: Figure): Difference | null {
    if (valueIn(this.#base, figure) === null || valueIn(this.#new, figure) === null) return null;
    const { aggregation } = figure;
    if (aggregation !== null && aggregation !== 'mean') return this.#ofQuantile(figure.metric, aggregation);
    const base = batchesOf(this.#base, figure);
    const next = batchesOf(this.#new, figure);
    if (base === null || next === null) return null;
    // Twenty batches that are all alike on both sides: nothing happened that could have varied.
    if (base.variance === 0 && next.variance === 0) return null;
    return ofEstimate('W', welch(base, next));
  }

  #ofQuantile(metric: string, name: string): Difference {
    const p = Number(name.slice(1)) / 100;
    const side = (run: ComparedRun): ((confidence: number) => Bounded) => {
      const series = this.#series(run, metric);
      return (confidence) => ({ value: series.at(p)!, ...series.interval(p, confidence) });
    };
    return ofIntervals('M', side(this.#base), side(this.#new));
  }

  #series(run: ComparedRun, metric: string): QuantileSeries {
    const key = `${run === this.#base ? 'base' : 'new'} ${metric}`;
    const known = this.#quantiles.get(key);
    if (known !== undefined) return known;
    const name = SERIES_METRICS.find((each) => each === metric)!;
    const series = new QuantileSeries(run.series.metrics[name]);
    this.#quantiles.set(key, series);
    return series;
  }
}

/** A mean, share or rate of one run with what its twenty batches say of it. */
function batchesOf({ series, report }: ComparedRun, { metric }: Figure): BatchedMean | null {
  if (metric === 'attainment') return batchedMean(series.good);
  if (metric === 'error_rate') return batchedMean(series.failed);
  const name = SERIES_METRICS.find((each) => each === metric);
  if (name !== undefined) return batchedMean(series.metrics[name]);
  const rate = SLICED_RATES.find((each) => each === (BY_THE_MINUTE.get(metric) ?? metric));
  const mean = rate === undefined ? null : batchedRate(series.sliced, report.rates, rate);
  if (mean === null || !BY_THE_MINUTE.has(metric)) return mean;
  return { ...mean, value: mean.value * 60, variance: mean.variance * 3600 };
}
