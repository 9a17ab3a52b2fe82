import type { Metric } from '../metrics/registry.ts';
import type { Withheld } from './report-figures.ts';
import type { Distribution } from './distribution.ts';
import { certifies, enoughFor, hiddenBy, percentileNamed } from '../statistics/percentile.ts';
import type { Percentile } from '../statistics/percentile.ts';
import { PERCENTILES } from './report-figures.ts';
import type { DistributionSummary, GateValue, PercentileName } from './report-figures.ts';

const NOT_SHOWN: Readonly<Record<PercentileName, number | null>> = {
  p50: null,
  p75: null,
  p90: null,
  p95: null,
  p99: null,
  'p99.9': null,
};

const LISTED = PERCENTILES.map((name) => [name, percentileNamed(name)] as const);

/** A metric with its distribution, and the requests that have no value of it. */
export interface Measured {
  metric: Metric;
  distribution: Distribution;
  /** Judged requests that have no value because they failed; 0 for metrics that failures do not hide. */
  withoutValue: number;
  judged: number;
  /** Why the metric is withheld, so that its distribution is empty; `null` if it is not. */
  withheld: Withheld | null;
}

/** Returns why a percentile is not shown, or `null`. Failures take precedence over few samples (docs/metrics.md). */
function hiddenWhy(
  { distribution, withoutValue, judged, withheld }: Measured,
  p: Percentile,
): 'samples' | 'failures' | Withheld | null {
  if (withheld !== null) return withheld;
  if (hiddenBy(p, withoutValue, judged)) return 'failures';
  return enoughFor(p, distribution.count) ? null : 'samples';
}

/** Returns the entry of a metric in the `metrics` of the summary document. */
export function summarise(measured: Measured): DistributionSummary {
  const { metric, distribution } = measured;
  const shown = { ...NOT_SHOWN };
  const bounds: DistributionSummary['bounds'] = {};
  const why: DistributionSummary['why'] = {};
  for (const [name, p] of LISTED) {
    const hidden = hiddenWhy(measured, p);
    const value = hidden === null ? distribution.at(p) : null;
    shown[name] = value;
    if (hidden !== null) why[name] = hidden;
    if (value !== null && !certifies(p, distribution.count)) bounds[name] = { low: value, high: null };
  }
  const { count, min, mean, stddev, max } = distribution;
  return { unit: metric.unit, count, min, mean, stddev, max, ...shown, bounds, why };
}

/** Returns a figure for a gate: a percentile of few samples is the nearest rank, marked uncertain. */
export function gateValue(measured: Measured, aggregation: string): GateValue {
  const { distribution, withheld } = measured;
  if (withheld !== null) return { value: null, uncertain: false, why: withheld };
  if (aggregation === 'mean' || aggregation === 'min' || aggregation === 'max') {
    const value = distribution[aggregation];
    return { value, uncertain: false, why: value === null ? 'none' : null };
  }
  const p = percentileNamed(aggregation);
  const hidden = hiddenWhy(measured, p);
  if (hidden === 'failures') return { value: null, uncertain: false, why: hidden };
  const value = distribution.at(p);
  if (value === null) return { value, uncertain: false, why: 'none' };
  return { value, uncertain: !certifies(p, distribution.count), why: hidden };
}
