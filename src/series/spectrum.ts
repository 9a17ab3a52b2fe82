import { roundedTo } from '../numbers.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import { type Metric, metricNamed, SERIES_METRICS } from '../metrics/registry.ts';
import { QuantileSeries } from '../statistics/quantile.ts';
import { millis } from './compact.ts';
import type { Spectrum } from './series-document.ts';

/** The metrics of which every percentile is drawn. */
export const DRAWN_METRICS = ['ttft', 'tpot', 'itl', 'e2e', 'max_gap'] as const;

/** Parts of 1 − p within a factor of ten. */
const STEPS = ['10', '8', '6', '5', '4', '3', '2.5', '2', '1.5', '1.2'];

/** Percentiles in percent, evenly spaced on a logarithmic scale of 1 − p: 50 to 99.99. */
export const PERCENTS: readonly number[] = [100, 10, 1, 0.1]
  .flatMap((decade) => STEPS.map((step) => roundedTo(100 - (Number(step) * decade) / 10, 4)))
  .concat(99.99)
  .filter((percent) => percent >= 50);

/** Percentiles for which an interval is computed, which takes time in long runs. */
const WITH_INTERVAL = new Set([50, 75, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9]);

/** Returns the spectra of the main metrics that have a value. */
export function spectraOf(
  report: Pick<Report, 'intervals' | 'metrics'>,
  values: ReportValues,
  series: RunSeries,
): Spectrum[] {
  const { length, why } = report.intervals;
  const hasIntervals = length !== 'inconclusive' && why === null;
  return DRAWN_METRICS.flatMap((name) => {
    const metric = metricNamed(name)!;
    const found = report.metrics[name];
    if (found === undefined || found.count === 0) return [];
    return [spectrumOf(metric, found.count, values, hasIntervals ? quantilesOf(name, series) : null)];
  });
}

function quantilesOf(name: string, { metrics }: RunSeries): QuantileSeries | null {
  const known = SERIES_METRICS.find((metric) => metric.name === name);
  return known === undefined ? null : new QuantileSeries(metrics[known.name].values());
}

function spectrumOf(
  { name, unit }: Metric,
  count: number,
  values: ReportValues,
  quantiles: QuantileSeries | null,
): Spectrum {
  const figures = PERCENTS.map((percent) => values.value(name, `p${percent}`));
  const shown = figures.map(({ value, why }) => (why === null ? value : null));
  const intervals = PERCENTS.map((percent, at) =>
    quantiles === null || shown[at] === null || !WITH_INTERVAL.has(percent)
      ? { low: null, high: null }
      : quantiles.interval(percent / 100),
  );
  const bound = figures.findIndex(({ uncertain }, at) => uncertain && shown[at] !== null);
  return {
    metric: name,
    unit,
    count,
    percent: [...PERCENTS],
    value: shown.map(millis),
    low: intervals.map(({ low }) => millis(low)),
    high: intervals.map(({ high }) => millis(high)),
    bound_from: bound === -1 ? null : PERCENTS[bound]!,
    why: figures.find(({ why }) => why !== null)?.why ?? null,
  };
}
