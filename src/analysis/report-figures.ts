import { type MetricUnit, RUN_METRICS, type RunMetric, type RunMetricName } from '../metrics/registry.ts';
import type { Outcome } from '../sample.ts';
import type { OverTime } from './over-time.ts';

/** Figures of a report that several files compute parts of. `report.ts` has the whole. */

/**
 * The reason why a figure is withheld. `imported`: the files of the tool that measured the run do not hold what it needs. `per_event`:
 * events stand for tokens and have several each. `buffered`: most responses arrived all at once or in bursts, so that the pace is that of a buffer and not of the server.
 */
export type Withheld = 'imported' | 'per_event' | 'buffered';

export const PERCENTILES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'] as const;

export type PercentileName = (typeof PERCENTILES)[number];

/** A distribution in the summary document: the keys of `metrics.<name>`. */
export interface DistributionSummary extends Record<PercentileName, number | null> {
  unit: MetricUnit;
  count: number;
  min: number | null;
  mean: number | null;
  /** The standard deviation of the population. */
  stddev: number | null;
  max: number | null;
  /** Only for percentiles that are uncertain; `high: null` means that there is no upper bound ("≥ low"). */
  bounds: Partial<Record<PercentileName, { low: number; high: number | null }>>;
  /** Only for percentiles that are null. */
  why: Partial<Record<PercentileName, 'samples' | 'failures' | Withheld>>;
}

/** Every run metric of the registry. */
export type Rates = Record<RunMetricName, number | null>;

/** Returns the rates with the value that `valueOf` has for each. */
export const ratesOf = (valueOf: (metric: RunMetric) => number | null): Rates =>
  Object.fromEntries(RUN_METRICS.map((metric) => [metric.name, valueOf(metric)])) as Rates;

export interface SloReport {
  /** metric → limit in the unit of the metric. */
  limits: Record<string, number>;
  attainment: { value: number | null; low: number | null; high: number | null; kind: 'independent' | 'lost' };
  each: Record<string, { met: number; missed: number; not_applicable: number; failed: number }>;
  /** `null` if W has no length or no known end. */
  over_time: OverTime | null;
}

/** Failures with the same cause. */
export interface FailureClass {
  outcome: Outcome;
  count: number;
  /** The message of one of them, with its code; "" if there is none. */
  example: string;
  status: number | null;
  /** Present if they were refused for load (429, 503, 529 and similar), which is a limit of the server and not a defect. */
  overload?: true;
  /** Present if the server was closing the kept connection on which they were sent. */
  race?: true;
  /** The longest pause that the server requested. It is recorded and not followed. */
  retry_after_ms?: number;
}

/** One figure of a run for a gate: exact, also if a table would not show it because of few samples. */
export interface GateValue {
  /** The value in the unit of the metric. `null`: there is none, and a gate on it fails. */
  value: number | null;
  /** True for a percentile with fewer samples than bound it at 95% (docs/metrics.md): its true value may be beyond it. */
  uncertain: boolean;
  /** `samples`: a table does not show the percentile, the value is the nearest rank of few. All others: why `value` is `null`. */
  why: 'samples' | 'failures' | 'none' | 'impossible' | Withheld | null;
}
