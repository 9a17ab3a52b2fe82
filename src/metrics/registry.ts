import { DECLARED_METRICS } from './declared-metrics.ts';
import type { Metric } from './metric.ts';

export { METRIC_UNITS } from './metric.ts';
export type { Metric, MetricUnit, Statement, TextLine } from './metric.ts';

type Declared = typeof DECLARED_METRICS;

/** The names of the metrics that have these columns. */
type NamesWith<Columns extends Partial<Metric>> = {
  [Name in keyof Declared]: Declared[Name] extends Columns ? Name : never;
}[keyof Declared];

export type RequestMetricName = NamesWith<{ kind: 'request' }>;
export type PooledMetricName = NamesWith<{ kind: 'pooled' }>;
export type RunMetricName = NamesWith<{ kind: 'run' }>;
/** A metric whose values are kept in the order of the plan. */
export type SeriesMetricName = NamesWith<{ series: 'values' }>;
/** A rate that is counted in each twentieth of W. */
export type SlicedMetricName = NamesWith<{ series: 'slices'; perMinuteOf: null }>;

type Named<Name extends string> = Metric & { name: Name };

export type RequestMetric = Named<RequestMetricName>;
export type RunMetric = Named<RunMetricName>;

/** Every metric, in the order of the docs and of the summary document. */
export const METRICS: readonly Metric[] = Object.entries<Omit<Metric, 'name'>>(DECLARED_METRICS).map(
  ([name, columns]) => Object.assign({ name }, columns),
);

const BY_NAME: ReadonlyMap<string, Metric> = new Map(METRICS.map((metric) => [metric.name, metric]));

export function metricNamed(name: string): Metric | undefined {
  return BY_NAME.get(name);
}

/** The metrics for which `has` is true, which is what `Name` says as a type. */
const metricsWith = <Name extends string>(has: (metric: Metric) => boolean): readonly Named<Name>[] =>
  METRICS.filter((metric): metric is Named<Name> => has(metric));

export const REQUEST_METRICS = metricsWith<RequestMetricName>(({ kind }) => kind === 'request');
export const POOLED_METRICS = metricsWith<PooledMetricName>(({ kind }) => kind === 'pooled');
export const RUN_METRICS = metricsWith<RunMetricName>(({ kind }) => kind === 'run');
export const SERIES_METRICS = metricsWith<SeriesMetricName>(({ series }) => series === 'values');
export const SLICED_METRICS = metricsWith<SlicedMetricName>(
  ({ series, perMinuteOf }) => series === 'slices' && perMinuteOf === null,
);
/** Metrics with a distribution: all but those of the run. */
export const DISTRIBUTION_METRICS: readonly Metric[] = METRICS.filter(({ kind }) => kind !== 'run');
/** Metrics that an SLO can limit. */
export const SLO_METRICS = metricsWith<RequestMetricName>(
  ({ kind, better }) => kind === 'request' && better !== null,
);
