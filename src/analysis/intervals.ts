import { RUN_METRICS, SERIES_METRICS, SLICED_METRICS } from '../metrics/registry.ts';
import { batchedInterval, batchedMean } from '../statistics/batches.ts';
import { runLength, requestsNeeded, type RunLength } from '../statistics/run-length.ts';
import { CONFIDENCE, type Interval } from '../statistics/interval.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import { shareInterval } from '../statistics/share.ts';
import type { Rates } from './report-figures.ts';
import type { RunIntervals } from './report.ts';
import { judgedMarks, type RunSeries } from './series.ts';
import { batchedRate } from './slices.ts';

/** The quantiles that have an interval in the report. */
const BOUNDED_QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** The conditions, besides the length of the run, under which intervals may be shown. */
export interface IntervalContext {
  /** True if the plan keeps the rate: otherwise there is no long-run figure to estimate. */
  steadyLoad: boolean;
  lost: number;
  /** True if an imported run has no starts of its requests, so that their order is unknown. */
  lacksStarts?: boolean;
}

/**
 * Judges the length of a run by the requests in flight, which show how the load varies even if no request was slow. In closed loop
 * their number is constant, so TPOT is used, which shows less.
 */
const runLengthOf = ({ loop, inFlight, metrics }: RunSeries, lacksStarts: boolean): RunLength =>
  runLength(
    (loop === 'open' && !lacksStarts
      ? inFlight
      : metrics.tpot.length > 0
        ? metrics.tpot
        : metrics.ttft
    ).values(),
  );

/** Returns the intervals of one run, by the method that suits each figure. */
export function intervalsOf(series: RunSeries, rates: Rates, context: IntervalContext): RunIntervals {
  const { lacksStarts = false } = context;
  const run = runLengthOf(series, lacksStarts);
  const why = lacksStarts ? 'imported' : !context.steadyLoad ? 'load' : context.lost > 0 ? 'lost' : null;
  const shown = why === null && run.length !== 'inconclusive';
  return {
    confidence: CONFIDENCE,
    length: lacksStarts ? 'inconclusive' : run.length,
    why,
    effective: run.effective,
    requests: run.requests,
    needed: !lacksStarts && run.length === 'inconclusive' && run.requests > 0 ? requestsNeeded(run) : null,
    ...(shown ? intervalsOfAnyLength(series, rates) : { metrics: {}, rates: {} }),
  };
}

/** Returns the intervals without regard to the length of the run. */
export const intervalsOfAnyLength = (
  series: RunSeries,
  rates: Rates,
): Pick<RunIntervals, 'metrics' | 'rates'> => ({
  metrics: ofMetrics(series),
  rates: ofRates(series, rates),
});

/** Returns intervals by method S for means and Q for quantiles. */
function ofMetrics({ metrics }: RunSeries): RunIntervals['metrics'] {
  const found: RunIntervals['metrics'] = {};
  for (const { name } of SERIES_METRICS) {
    const values = metrics[name].values();
    const mean = batchedMean(values);
    if (mean === null) continue;
    const quantiles = new QuantileSeries(values);
    found[name] = {
      mean: batchedInterval(mean),
      ...mapped(BOUNDED_QUANTILES, (p) => quantiles.interval(p)),
    };
  }
  return found;
}

/** Returns intervals by method S for rates, and S or N for shares. */
function ofRates(series: RunSeries, rates: Rates): RunIntervals['rates'] {
  const found: RunIntervals['rates'] = {};
  for (const { name } of SLICED_METRICS) {
    const rate = batchedRate(series.sliced, rates, name);
    if (rate === null) continue;
    const { low, high } = batchedInterval(rate);
    found[name] = { low: Math.max(0, low), high };
  }
  const { burstSize } = new QuantileSeries(series.metrics.ttft.values());
  for (const metric of RUN_METRICS) {
    const { name } = metric;
    const marks = judgedMarks(series, metric);
    const interval = marks === null || rates[name] === null ? null : shareInterval(marks, burstSize);
    if (interval !== null) found[name] = { low: interval.low, high: interval.high };
  }
  return found;
}

const mapped = <K extends string>(from: Readonly<Record<K, number>>, to: (p: number) => Interval) =>
  Object.fromEntries(Object.entries<number>(from).map(([key, p]) => [key, to(p)]));
