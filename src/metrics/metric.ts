import type { Fact } from '../sample.ts';

export const METRIC_UNITS = [
  'ms',
  'tok/s',
  'req/s',
  'req/min',
  'ratio',
  'requests',
  // In the currency of the prices.
  'currency',
  'J',
] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

/**
 * The facts that a scenario must state for a metric: hardware and model; prices, of tokens or of devices; hardware, or telemetry that measures energy.
 */
export type Statement = 'machine' | 'cost' | 'energy';

/**
 * State of a metric of a request that goodput cut off. `final`: the value, if any, is known; the rest of the response could
 * not change it. `undecided`: nothing, because the rest of the response could still have changed it. All others are waits that were
 * still running: since the start of the request, since its send, since its planned instant (`held`: only under a cap), or since its
 * last output event.
 */
export type WhenCut =
  | 'final'
  | 'undecided'
  | 'since_start'
  | 'since_sent'
  | 'since_planned'
  | 'held'
  | 'since_event';

/**
 * The data that intervals of a metric are computed from. `values`: its values, one per request. `slices`: its value in each
 * twentieth of W. `good` and `failed`: a mark for each judged request, whose mean is the metric.
 */
export type SeriesKind = 'values' | 'slices' | 'good' | 'failed';

/** A figure that decides a comparison: a run metric by itself (`null`), or an aggregation of a distribution. */
export type DecidingAggregation = null | 'mean' | 'p95';

/** `isWhole`: the value is a whole number. */
export interface TextLine {
  line: 'requests' | 'tokens' | 'in_flight';
  word: string;
  isWhole?: true;
}

/** Returns true if a run that lacks these facts cannot have the metric. */
export const isLacking = ({ needsFacts }: Pick<Metric, 'needsFacts'>, lacks: readonly Fact[]): boolean =>
  needsFacts.some((fact) => lacks.includes(fact));

/** One metric: everything that the program knows about it besides the arithmetic of its formula. */
export interface Metric {
  /** The name in code, flags, JSON and docs. */
  name: string;
  /** The name in texts: "Time to first token". */
  label: string;
  /** `request`: one value per request. `pooled`: samples pooled over requests. `run`: one figure per run. */
  kind: 'request' | 'pooled' | 'run';
  unit: MetricUnit;
  /** True for the ratio of a part to its whole, which is never above 1 and is shown as a percentage. */
  isShare: boolean;
  /** The better direction. `null`: neither, so it cannot be an SLO, and a gate on it may use either comparison. */
  better: 'lower' | 'higher' | null;
  /** The formula as docs/metrics.md has it. */
  formula: string;
  /** The condition under which the metric exists; empty if it always does. */
  needs: string;
  /** True if percentiles are null when failures hide more than 1 − p of the judged requests. */
  isHiddenByFailures: boolean;
  /** True if the metric counts output tokens, or events in their place. */
  countsTokens: boolean;
  /** True if the metric is the pace of a stream, which a response that arrived all at once does not have. */
  needsStream: boolean;
  /** True if the metric is wrong by the tokens per event where events stand for tokens and have several words each. */
  needsTokens: boolean;
  /** True if the metric counts good requests, so that it depends on the SLOs. */
  countsGood: boolean;
  /** True for a delay of goodput or of the connection, which says nothing about the server and decides no comparison. */
  isClientDelay: boolean;
  /** The metric of which this one is the figure per minute; `null` for all others. */
  perMinuteOf: string | null;
  /** `null`: one run gives no interval. */
  series: SeriesKind | null;
  /** Metrics whose SLO limits this one is computed from. */
  needsLimits: readonly string[];
  /** `null`: nothing. */
  needsStated: Statement | null;
  /** The facts that the metric needs, which an imported run may lack. */
  needsFacts: readonly Fact[];
  /** Decides whether an SLO on a metric of kind `request` was missed by a request that was cut off. */
  whenCut: WhenCut;
  /** The figures that decide a comparison unless the user names others. */
  decides: readonly DecidingAggregation[];
  /** The line of the text report that shows a run metric, and the word before its value; `null` if no such line does. */
  textLine: TextLine | null;
}
