import { judgedMarks } from '../analysis/series.ts';
import { batchedRate, slicedRateOf } from '../analysis/slices.ts';
import { metricNamed, SERIES_METRICS } from '../metrics/registry.ts';
import type { Figure } from '../slo/grammar.ts';
import { batchedMean, type BatchedMean } from '../statistics/batches.ts';
import { welch, type Bounded } from '../statistics/differences.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import type { ComparedRun } from './compared-run.ts';
import { ofEstimate, ofIntervals, type Difference } from './difference.ts';
import { valueIn } from './figures.ts';

/**
 * Differences of two single runs, assumed independent: Welch's t of corrected batch means (W) for means, shares and rates,
 * squaring and adding of order statistics (M) for percentiles. Requests of one plan are not compared in pairs: a
 * machine that was 1% slower in one run would count as a change of the server.
 */
export class RunPair {
  readonly #base: ComparedRun;
  readonly #new: ComparedRun;
  readonly #quantiles = new Map<string, QuantileSeries>();

  constructor(base: ComparedRun, next: ComparedRun) {
    this.#base = base;
    this.#new = next;
  }

  /** Returns `null` if these runs have no interval of the figure. */
  difference(figure: Figure): Difference | null {
    if (valueIn(this.#base, figure) === null || valueIn(this.#new, figure) === null) return null;
    const { aggregation } = figure;
    if (aggregation !== null && aggregation !== 'mean') return this.#ofQuantile(figure.metric, aggregation);
    const base = batchesOf(this.#base, figure);
    const next = batchesOf(this.#new, figure);
    if (base === null || next === null) return null;
    // Twenty equal batches on both sides: nothing varied.
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
    const { name } = SERIES_METRICS.find((each) => each.name === metric)!;
    const series = new QuantileSeries(run.series.metrics[name].values());
    this.#quantiles.set(key, series);
    return series;
  }
}

/** Returns a mean, share or rate of a run with the variance of its twenty batches. */
function batchesOf({ series, report }: ComparedRun, { metric }: Figure): BatchedMean | null {
  const marks = judgedMarks(series, metricNamed(metric)!);
  if (marks !== null) return batchedMean(marks);
  const values = SERIES_METRICS.find((each) => each.name === metric);
  if (values !== undefined) return batchedMean(series.metrics[values.name].values());
  const sliced = slicedRateOf(metricNamed(metric)!);
  const mean = sliced === null ? null : batchedRate(series.sliced, report.rates, sliced.rate);
  if (sliced === null || mean === null) return mean;
  const { scale } = sliced;
  return { ...mean, value: mean.value * scale, variance: mean.variance * scale ** 2 };
}
