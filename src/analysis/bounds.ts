import { type Metric, metricNamed, SERIES_METRICS, type SeriesMetricName } from '../metrics/registry.ts';
import { batchedInterval, batchedMean } from '../statistics/batches.ts';
import { effectiveSize } from '../statistics/effective-size.ts';
import type { ClosedInterval, Interval } from '../statistics/interval.ts';
import { QuantileSeries, smallestBounded } from '../statistics/quantile.ts';
import { effectiveWilson, shareInterval } from '../statistics/share.ts';
import type { Rates } from './report-figures.ts';
import { judgedMarks, type RunSeries } from './series.ts';
import { batchedRate, slicedRateOf } from './slices.ts';

/** The interval of one figure at a confidence, and the number of requests for a narrower one. */
export interface Bounds extends Interval {
  /** The number of requests that it is computed from. */
  requests: number;
  /**
   * Returns about how many requests of the same load exclude `limit` from the interval if the figure stays the same; `null` if the
   * figure equals the limit.
   */
  requestsUntil(limit: number): number | null;
}

/**
 * Returns the interval of a figure by the methods for one run: S for means and rates, S or N for shares, Q for percentiles. `null` if
 * there is no method for it, or the run has too few values.
 */
export function boundsOf(
  series: RunSeries,
  rates: Rates,
  metric: string,
  aggregation: string | null,
  confidence: number,
): Bounds | null {
  if (aggregation === null) return ofRun(series, rates, metricNamed(metric)!, confidence);
  const name = SERIES_METRICS.find((each) => each.name === metric)?.name;
  if (name === undefined) return null;
  if (aggregation === 'mean') return ofMean(series, name, confidence);
  const p = Number(`${aggregation.slice(1)}e-2`);
  return aggregation.startsWith('p') && p > 0 && p < 1 ? ofQuantile(series, name, p, confidence) : null;
}

function ofMean({ metrics }: RunSeries, metric: SeriesMetricName, confidence: number): Bounds | null {
  const mean = batchedMean(metrics[metric].values());
  if (mean === null) return null;
  return byRoot(mean.value, batchedInterval(mean, confidence), metrics[metric].length);
}

function ofQuantile(
  { metrics }: RunSeries,
  metric: SeriesMetricName,
  p: number,
  confidence: number,
): Bounds | null {
  const quantiles = new QuantileSeries(metrics[metric].values());
  const value = quantiles.at(p);
  if (value === null) return null;
  const requests = quantiles.length;
  const interval = quantiles.interval(p, confidence);
  const root = byRoot(value, interval, requests);
  const bounded = Math.ceil(
    (requests * smallestBounded(p, confidence)) / Math.max(1, quantiles.effectiveAt(p)),
  );
  return {
    ...root,
    // An open end has to become bounded first; its distance is unknown until then.
    requestsUntil: (limit) => {
      const end = limit > value ? interval.high : interval.low;
      return end === null ? Math.max(bounded, requests + 1) : root.requestsUntil(limit);
    },
  };
}

function ofRun(series: RunSeries, rates: Rates, metric: Metric, confidence: number): Bounds | null {
  const marks = judgedMarks(series, metric);
  if (marks !== null && rates[metric.name as keyof Rates] === null) return null;
  if (marks !== null) return ofShare(series, marks, confidence);
  const sliced = slicedRateOf(metric);
  const rate = sliced === null ? null : batchedRate(series.sliced, rates, sliced.rate);
  if (sliced === null || rate === null) return null;
  const { low, high } = batchedInterval(rate, confidence);
  const { scale } = sliced;
  const interval = { low: Math.max(0, low) * scale, high: high * scale };
  return byRoot(rate.value * scale, interval, series.inFlight.length);
}

function ofShare(series: RunSeries, hits: Uint8Array, confidence: number): Bounds | null {
  const { burstSize } = new QuantileSeries(series.metrics.ttft.values());
  const interval = shareInterval(hits, burstSize, confidence);
  if (interval === null) return null;
  const requests = hits.length;
  const share = hits.reduce((sum, hit) => sum + hit, 0) / requests;
  if (interval.method === 'S') return byRoot(share, interval, requests);
  const size = Math.min(effectiveSize(hits), burstSize);
  return {
    low: interval.low,
    high: interval.high,
    requests,
    requestsUntil: (limit) => {
      if (share === limit) return null;
      return Math.ceil((requests * wilsonSize(share, limit, confidence)) / size);
    },
  };
}

/** Returns the number of effective trials from which Wilson's interval of a share excludes `limit`. */
function wilsonSize(share: number, limit: number, confidence: number): number {
  const outside = (size: number): boolean => {
    const { low, high } = effectiveWilson(share, size, confidence);
    return limit < share ? low >= limit : high <= limit;
  };
  let enough = 1;
  while (!outside(enough) && enough < 1e12) enough *= 2;
  let few = enough / 2;
  while (enough - few > 1e-6 * enough) {
    const middle = (few + enough) / 2;
    if (outside(middle)) enough = middle;
    else few = middle;
  }
  return enough;
}

/** Returns bounds whose width shrinks with the square root of the number of requests. */
function byRoot(value: number, { low, high }: Interval | ClosedInterval, requests: number): Bounds {
  return {
    low,
    high,
    requests,
    requestsUntil: (limit) => {
      const distance = Math.abs(value - limit);
      const end = limit < value ? low : high;
      if (distance === 0 || end === null) return null;
      return Math.ceil(requests * (Math.abs(value - end) / distance) ** 2);
    },
  };
}
