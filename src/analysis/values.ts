import type { Window } from '../record/header.ts';
import { metricNamed } from '../metrics/registry.ts';
import type { LoggedHistogram } from '../record/hlog.ts';
import { boundsOf } from './bounds.ts';
import { distributionUnit } from './distribution.ts';
import type { Misleading } from './misleading.ts';
import { impossibleFor } from './impossible.ts';
import type { Rates } from './report-figures.ts';
import type { ReportValues } from './report.ts';
import type { RunSeries } from './series.ts';
import type { StatedReport } from './stated-report.ts';
import { gateValue, type Measured } from './distribution-summary.ts';

/** Returns an object with any figure of a run, for gates and comparisons. */
export function valuesOf(
  measured: readonly Measured[],
  rates: Rates,
  series: RunSeries,
  { misleading, stated: { machine } }: { misleading: Misleading; stated: StatedReport },
): ReportValues {
  const figures = new Map<string, number | null>(Object.entries(rates));
  return {
    value(name, aggregation) {
      if (aggregation !== null)
        return gateValue(
          measured.find(({ metric }) => metric.name === name)!,
          aggregation,
        );
      const value = figures.get(name) ?? null;
      if (value !== null) return { value, uncertain: false, why: null };
      const metric = metricNamed(name);
      const withheld = metric === undefined ? null : misleading.whyNot(metric);
      const isImpossible = impossibleFor(name, machine?.impossible ?? []).length > 0;
      return { value, uncertain: false, why: withheld ?? (isImpossible ? 'impossible' : 'none') };
    },
    bounds: (name, aggregation, confidence) => boundsOf(series, rates, name, aggregation, confidence),
  };
}

/** Returns every distribution for `latency.hlog`, that of `e2e` first and untagged. */
export function histogramsOf(measured: readonly Measured[], { start_us, end_us }: Window): LoggedHistogram[] {
  const first = measured.filter(({ metric }) => metric.name === 'e2e');
  const others = measured.filter(({ metric }) => metric.name !== 'e2e');
  return [...first, ...others].map(({ metric, distribution }) => ({
    tag: metric.name === 'e2e' ? null : metric.name,
    unit: distributionUnit(metric),
    histogram: distribution.histogram(),
    start_s: start_us / 1e6,
    length_s: (end_us - start_us) / 1e6,
  }));
}
