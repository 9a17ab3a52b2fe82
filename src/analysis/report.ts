import type { TruthAudit } from './truth.ts';
import type { RateStage, RunHeader, StoppedBy } from '../record/header.ts';
import type { LocalLimit, Outcome, TokenSource } from '../sample.ts';
import { type MetricUnit, RUN_METRICS, type RunMetric, type RunMetricName } from '../metrics/registry.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Bounds } from './bounds.ts';
import type { Deliveries, TokenUnit, Withheld } from './misleading.ts';
import type { Note } from './note.ts';
import type { OverTime } from './over-time.ts';
import type { SloGridReport } from './slo-grid.ts';

export const PERCENTILES = ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'] as const;

export type PercentileName = (typeof PERCENTILES)[number];

/** A distribution as the summary document shows it: the key set of `metrics.<name>`. */
export interface DistributionSummary extends Record<PercentileName, number | null> {
  unit: MetricUnit;
  count: number;
  min: number | null;
  mean: number | null;
  /** Of the population. */
  stddev: number | null;
  max: number | null;
  /** Only for percentiles that are uncertain: `high: null` means that no upper bound exists ("≥ low"). */
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
  /** metric → limit in the metric's own unit. */
  limits: Record<string, number>;
  attainment: { value: number | null; low: number | null; high: number | null; kind: 'independent' | 'lost' };
  each: Record<string, { met: number; missed: number; not_applicable: number; failed: number }>;
  /** `null` of a run whose W has no length or no known end. */
  over_time: OverTime | null;
}

/**
 * 95 % intervals of what this run's figures would be of a run without end, by methods that allow for queueing.
 * Empty where the run is too short for any.
 */
export interface RunIntervals {
  confidence: number;
  /** `inconclusive`: too short. `short`: to be read with care. */
  length: 'inconclusive' | 'short' | 'enough';
  /** Why there is none though there are requests enough: the plan changes the rate, or results are lost. */
  why: 'load' | 'lost' | null;
  /** Of `requests`, how many independent ones they are worth, by the requests in flight (closed loop: by TPOT). */
  effective: number;
  requests: number;
  /** Requests that a run of this load needs for intervals; `null` where it has enough for them. */
  needed: number | null;
  /** metric → figure (`mean`, `p50`, `p95`, `p99`) → interval in the metric's unit; `null`: that end is not bounded. */
  metrics: Record<string, Record<string, Interval>>;
  /** Figure of the run → interval. */
  rates: Record<string, Interval>;
}

/** What one of several replicas did of the cohort. */
export interface ReplicaReport {
  url: string;
  requests: number;
  ok: number;
  failed: number;
  ttft_p50_ms: number | null;
  ttft_p99_ms: number | null;
}

export interface FailureClass {
  outcome: Outcome;
  count: number;
  /** One example message, with its code or status. */
  example: string;
  status: number | null;
  /** Refused for load (429, 503, 529 and their kin): a limit that the server keeps, and no defect. */
  overload?: true;
  /** The server was just closing the kept connection that they were sent on. */
  race?: true;
  /** The longest pause that the server asked for. It is recorded, and never obeyed. */
  retry_after_ms?: number;
}

/** What the measuring side says of itself over W; of several load workers the worst. `null`: not known. */
export interface HealthFigures {
  send_lag_p50_ms: number | null;
  send_lag_p99_ms: number | null;
  send_lag_max_ms: number | null;
  dispatch_lag_p50_ms: number | null;
  dispatch_lag_p99_ms: number | null;
  dispatch_lag_max_ms: number | null;
  /** Of the requests that opened a connection. */
  connect_p50_ms: number | null;
  connect_p99_ms: number | null;
  connect_max_ms: number | null;
  /** Requests of the cohort that had to open a connection. */
  connections_opened: number;
  /** How late an event that arrived at a random instant of W was stamped because a load worker was blocked. `null`: not known. */
  event_loop_delay_p50_ms: number | null;
  event_loop_delay_p95_ms: number | null;
  event_loop_delay_p99_ms: number | null;
  /** W, and the drain after it, where requests of W were still being stamped. */
  event_loop_delay_max_ms: number | null;
  /** 0 … 1 */
  event_loop_utilization: number | null;
  gc_pauses_ms: number | null;
  gc_pause_max_ms: number | null;
  /** Processor time of the process ÷ W: 1 is one processor. The embedded endpoint, where it is used, counts too. */
  cpu_user_share: number | null;
  cpu_system_share: number | null;
  /** Each load worker, and the main thread, as `run.json` has them. */
  workers: RunHeader['workers'];
  main: RunHeader['main'];
  host: RunHeader['host'];
}

/** One half of W. */
interface HalfFigures {
  /** Successes that completed in it ÷ its length. */
  rps: number;
  /** Mean over the requests that started in it. */
  ttft_ms: number | null;
  /** Time-average of the requests in flight or waiting. */
  in_flight: number;
}

/**
 * `filling`: the run is too short beside the residences. `overloaded`: more requests arrive than complete, and it stays so.
 * `drifting`: the halves of W differ otherwise.
 */
export type SteadyStateName = 'steady' | 'filling' | 'overloaded' | 'drifting';

/** Is W a steady state, and what is it else? */
export interface SteadyFigures {
  state: SteadyStateName;
  /** The state is `steady`. */
  ok: boolean;
  /** The state is `overloaded`. */
  overload: boolean;
  /** Only when overloaded: requests planned in W, and successes completed in W, ÷ W. */
  offered_rps: number | null;
  completed_rps: number | null;
  /** Only while filling: a warm-up that would be enough. */
  warmup_needed_s: number | null;
  first: HalfFigures;
  second: HalfFigures;
  /** The halves in words. */
  detail: string;
}

/** Everything of the summary document that follows from the samples and `run.json` alone. */
export interface Report {
  /** Only where it was asked for (`--audit-truth`). */
  truth?: TruthAudit;
  schemaVersion: number;
  run: {
    id: string;
    name: string;
    dir: string;
    startedAt: string;
    version: string;
    seed: number;
    status: 'complete' | 'interrupted' | 'failed' | 'running';
    reason: string | null;
    /** The fix for `reason`; only in a run that ended because its endpoint answers no request. */
    fix?: string;
    /** Only of a run that was ended early: a gate could not be met any more, or the endpoint answers no request. */
    stopped_by?: StoppedBy;
  };
  endpoint: {
    url: string;
    api: string;
    model: string | null;
    simulated: boolean;
    /** Only of a run on a virtual clock. */
    virtual?: true;
  };
  load: {
    loop: 'open' | 'closed';
    arrivals: string | null;
    /** Only of gamma arrivals. */
    burstiness?: number;
    rate_rps: number | null;
    /** Only where there were some; `rate_rps` is `null` then. */
    stages?: RateStage[];
    concurrency: number | null;
    max_concurrency: number | null;
    clock: 'planned' | 'sent';
    requests: number | null;
    warmup_s: number;
    window_s: number;
  };
  counts: {
    /** Requests planned in W (open loop) or started for it (closed loop). */
    planned: number;
    sent: number;
    cohort: number;
    judged: number;
    ok: number;
    failed: number;
    good: number;
    /** Of the failed: refused for load. Earlier versions did not tell. */
    overload?: number;
    censored: number;
    /** Cut by goodput and already beyond a limit: misses that are no errors. */
    cut_missed: number;
    /** Only of a run that never closed. */
    lost: number;
    outcomes: Partial<Record<Outcome, number>>;
    finish: Record<string, number>;
  };
  /** Every distribution metric of the registry. */
  metrics: Record<string, DistributionSummary>;
  rates: Rates;
  /** `null` where no request SLO was declared. */
  slo: SloReport | null;
  /** Only where it was asked for (`--slo-grid`). */
  slo_grid?: SloGridReport;
  intervals: RunIntervals;
  tokens: {
    from: Partial<Record<TokenSource, number>>;
    /** The unit of token figures; `null` if there was nothing to count. Absent in earlier versions. */
    unit?: TokenUnit | null;
    /** Mean over the requests whose events stand for tokens; `null` where there are none, or the run did not count words. */
    words_per_event?: number | null;
    /** Means over the cohort of what was planned and what the server counted; null where unknown. */
    input: { planned_mean: number | null; actual_mean: number | null };
    output: { planned_mean: number | null; actual_mean: number | null };
    cached: number | null;
    /** Cached ÷ all input tokens of the requests of which the server told both; `null` where it told of none. Earlier versions did not tell. */
    cached_share?: number | null;
    reasoning: number | null;
    hidden: number | null;
  };
  failures: FailureClass[];
  /** Only where there were several. */
  replicas?: ReplicaReport[];
  /** From `run.json` and from the analysis. */
  notes: Note[];
  /** Facts that the verdict's validity rules read. */
  health: HealthFigures & {
    /** The highest send lag but one; `null` for fewer than two. */
    send_lag_second_ms: number | null;
    /** Released (or planned) and never sent through goodput's own fault. */
    unsent: number;
    released: number;
    /** Requests of the cohort that found no descriptor, port or memory on goodput's own machine, by error code. */
    local_limits: Partial<Record<LocalLimit, number>>;
    /** Requests of the cohort that failed on a kept connection because the server was closing it just then. */
    keep_alive_races: number;
    /** Whether metrics.md's precondition for a warning on `little` holds. */
    little_applies: boolean;
    deliveries?: Deliveries;
    steady: SteadyFigures | null;
  };
}

/** One figure of a run as a gate asks for it: exact, and before the sample rule hides it. */
export interface GateValue {
  /** In the metric's own unit. `null`: there is none, and a gate on it fails. */
  value: number | null;
  /** A percentile with fewer samples than certify it at 95 % (metrics.md): its true value may lie beyond. */
  uncertain: boolean;
  /** `samples`: the table shows no such percentile, the value is the nearest rank of few. All others: why `value` is null. */
  why: 'samples' | 'failures' | 'none' | Withheld | null;
}

/** Asks a report for any metric of the registry; kept beside it because gates may name percentiles it does not list. */
export interface ReportValues {
  /** `aggregation`: `mean`, `min`, `max`, or `p` and a percentile above 0 and below 100 (`p42`, `p99.9`); `null` for run metrics. */
  value(metric: string, aggregation: string | null): GateValue;
  /** Its interval, for what has one (metrics/confidence.ts); `null` where the run has too few values. */
  bounds(metric: string, aggregation: string | null, confidence: number): Bounds | null;
}
