import type { Metric } from '../metrics/registry.ts';
import type { Withheld } from './misleading.ts';
import type { Distribution } from './distribution.ts';
import { certifies, enoughFor, hiddenBy, percentileNamed } from '../statistics/percentile.ts';
import type { Percentile } from '../statistics/percentile.ts';
import { PERCENTILES } from './report.ts';
import type { DistributionSummary, GateValue, PercentileName } from './report.ts';

const NOT_SHOWN: Readonly<Record<PercentileName, number | null>> = {
  p50: null,
  p75: null,
  p90: null,
  p95: null,
  p99: null,
  'p99.9': null,
};

const LISTED = PERCENTILES.map((name) => [name, percentileNamed(name)] as const);

/** A distribution with what failures hide of it. */
export interface Measured {
  metric: Metric;
  distribution: Distribution;
  /** Judged requests that have no value because they failed; 0 for metrics that failures do not hide. */
  lacking: number;
  judged: number;
  /** Why the run does not show it; its distribution is empty then. */
  withheld: Withheld | null;
}

/** Why a table shows no such percentile, or `null` where it does; failures go before few samples (docs/metrics.md). */
function hiddenWhy(
  { distribution, lacking, judged, withheld }: Measured,
  p: Percentile,
): 'samples' | 'failures' | Withheld | null {
  if (withheld !== null) return withheld;
  if (hiddenBy(p, lacking, judged)) return 'failures';
  return enoughFor(p, distribution.count) ? null : 'samples';
}

/** One row of the summary document's `metrics`. */
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

/** The figure that a gate asks for: a percentile of few samples is its nearest rank, marked uncertain. */
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
