import { RUN_METRICS, SERIES_METRICS, SLICED_METRICS } from '../metrics/registry.ts';
import { batchedInterval, batchedMean } from '../statistics/batches.ts';
import { lengthGate, requestsNeeded, type LengthGate } from '../statistics/gate.ts';
import { CONFIDENCE, type Interval } from '../statistics/interval.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import { shareInterval } from '../statistics/share.ts';
import type { Rates, RunIntervals } from './report.ts';
import { judgedMarks, type RunSeries } from './series.ts';
import { batchedRate } from './slices.ts';

/** Quantiles that get an interval. */
const BOUNDED_QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** What decides whether a run's intervals may be shown, beside its length. */
export interface IntervalContext {
  /** The plan keeps the rate; there is no figure of a run without end else. */
  steadyLoad: boolean;
  lost: number;
}

/**
 * The gate looks at the requests in flight, which show the load move even where no request was slow. In closed loop they
 * are as many as the slots by construction: there TPOT stands in, which is a weaker witness.
 */
const gateOf = ({ loop, inFlight, metrics }: RunSeries): LengthGate =>
  lengthGate(loop === 'open' ? inFlight : metrics.tpot.length > 0 ? metrics.tpot : metrics.ttft);

/** The intervals of one run, by the methods that statistics recommend for each figure. */
export function intervalsOf(series: RunSeries, rates: Rates, context: IntervalContext): RunIntervals {
  const gate = gateOf(series);
  const why = !context.steadyLoad ? 'load' : context.lost > 0 ? 'lost' : null;
  const shown = why === null && gate.length !== 'inconclusive';
  return {
    confidence: CONFIDENCE,
    length: gate.length,
    why,
    effective: gate.effective,
    requests: gate.requests,
    needed: gate.length === 'inconclusive' && gate.requests > 0 ? requestsNeeded(gate) : null,
    ...(shown ? ungatedIntervals(series, rates) : { metrics: {}, rates: {} }),
  };
}

/** The same whatever the run's length. */
export const ungatedIntervals = (
  series: RunSeries,
  rates: Rates,
): Pick<RunIntervals, 'metrics' | 'rates'> => ({
  metrics: ofMetrics(series),
  rates: ofRates(series, rates),
});

/** S for means, Q for quantiles. */
function ofMetrics({ metrics }: RunSeries): RunIntervals['metrics'] {
  const found: RunIntervals['metrics'] = {};
  for (const { name } of SERIES_METRICS) {
    const mean = batchedMean(metrics[name]);
    if (mean === null) continue;
    const quantiles = new QuantileSeries(metrics[name]);
    found[name] = {
      mean: batchedInterval(mean),
      ...mapped(BOUNDED_QUANTILES, (p) => quantiles.interval(p)),
    };
  }
  return found;
}

/** S for what happens by the second, S or N for shares. */
function ofRates(series: RunSeries, rates: Rates): RunIntervals['rates'] {
  const found: RunIntervals['rates'] = {};
  for (const { name } of SLICED_METRICS) {
    const rate = batchedRate(series.sliced, rates, name);
    if (rate === null) continue;
    const { low, high } = batchedInterval(rate);
    found[name] = { low: Math.max(0, low), high };
  }
  const { burstSize } = new QuantileSeries(series.metrics.ttft);
  for (const metric of RUN_METRICS) {
    const { name } = metric;
    const marks = judgedMarks(series, metric);
    const interval = marks === null ? null : shareInterval(marks, burstSize);
    if (interval !== null) found[name] = { low: interval.low, high: interval.high };
  }
  return found;
}

const mapped = <K extends string>(from: Readonly<Record<K, number>>, to: (p: number) => Interval) =>
  Object.fromEntries(Object.entries<number>(from).map(([key, p]) => [key, to(p)]));
