import type { TruthAudit } from './truth-audit.ts';
import type {
  Imported,
  MergedRanks,
  RateStage,
  RecordedData,
  ReplayedTrace,
  RunHeader,
  StoppedBy,
} from '../record/header.ts';
import type { LocalLimit, Outcome } from '../sample.ts';
import type { Interval } from '../statistics/interval.ts';
import type { Bounds } from './bounds.ts';
import type { GroupRow, GroupTotal } from './group-row.ts';
import type { Deliveries } from './misleading.ts';
import type { Note } from './note.ts';
import type { ReuseShares } from './reuse.ts';
import type { SessionReport } from './session-figures.ts';
import type { SloGridReport } from './slo-grid.ts';
import type { StatedReport } from './stated-report.ts';
import type { SteadyFigures } from './steady-figures.ts';
import type { ServerTimingReport } from './server-timings.ts';
import type { TelemetryReport } from './telemetry-figures.ts';
import type { TokenReport } from './token-report.ts';
import type { DistributionSummary, FailureClass, GateValue, Rates, SloReport } from './report-figures.ts';

export {
  type DistributionSummary,
  type FailureClass,
  type GateValue,
  PERCENTILES,
  type PercentileName,
  type Rates,
  type SloReport,
} from './report-figures.ts';

/**
 * 95% intervals of the long-run figures at this load, by methods that account for queueing. Empty if the run is too short.
 */
export interface RunIntervals {
  confidence: number;
  /** `inconclusive`: too short for intervals. `short`: the intervals are less reliable. */
  length: 'inconclusive' | 'short' | 'enough';
  /**
   * Why there are no intervals although the run is long enough: the plan changes the rate, results were lost, or an imported file has no
   * start times.
   */
  why: 'load' | 'lost' | 'imported' | null;
  /** The number of independent requests that `requests` are equivalent to, by the requests in flight (closed loop: by TPOT). */
  effective: number;
  requests: number;
  /** Requests that a run at this load needs for intervals; `null` if it has enough. */
  needed: number | null;
  /** metric → figure (`mean`, `p50`, `p95`, `p99`) → interval in the unit of the metric; `null`: that end is not bounded. */
  metrics: Record<string, Record<string, Interval>>;
  /** run metric → interval. */
  rates: Record<string, Interval>;
}

/** The figures of one of several replicas, over the cohort. */
export interface ReplicaReport {
  url: string;
  requests: number;
  ok: number;
  failed: number;
  ttft_p50_ms: number | null;
  ttft_p99_ms: number | null;
}

/** Figures of the load generator over W; with several load workers those of the worst. `null`: unknown. */
export interface HealthFigures {
  send_lag_p50_ms: number | null;
  send_lag_p99_ms: number | null;
  send_lag_max_ms: number | null;
  dispatch_lag_p50_ms: number | null;
  dispatch_lag_p99_ms: number | null;
  dispatch_lag_max_ms: number | null;
  /** Time to open a connection, over the requests that opened one. */
  connect_p50_ms: number | null;
  connect_p99_ms: number | null;
  connect_max_ms: number | null;
  /** Requests of the cohort that opened a connection. */
  connections_opened: number;
  /** The delay of the timestamp of an event that arrives at a random instant of W, because a load worker is blocked. */
  event_loop_delay_p50_ms: number | null;
  event_loop_delay_p95_ms: number | null;
  event_loop_delay_p99_ms: number | null;
  /** How late the stamps of a worker may be, at the 99th percentile of the reads in W, or of random instants if that is more. */
  stamp_delay_p99_ms: number | null;
  /** Over W and the drain, in which requests of W were still timestamped. */
  event_loop_delay_max_ms: number | null;
  /** 0 to 1. */
  event_loop_utilization: number | null;
  gc_pauses_ms: number | null;
  gc_pause_max_ms: number | null;
  /** Processor time of the process ÷ W: 1 is one processor. Includes that of an embedded endpoint. */
  cpu_user_share: number | null;
  cpu_system_share: number | null;
  /** Each load worker and the main thread, as in `run.json`. */
  workers: RunHeader['workers'];
  main: RunHeader['main'];
  host: RunHeader['host'];
}

/** The part of the summary document that is computed from the samples and `run.json` alone. */
export interface Report extends StatedReport {
  /** Only with `--audit-truth`. */
  truth?: TruthAudit;
  schemaVersion: number;
  run: {
    id: string;
    name: string;
    dir: string;
    startedAt: string;
    version: string;
    /** `null` in an imported run. */
    seed: number | null;
    status: 'complete' | 'interrupted' | 'failed' | 'running';
    reason: string | null;
    /** The fix for `reason`; only if the run ended because its endpoint answered no request. */
    fix?: string;
    /** Only if the run was stopped early: a gate could no longer be met, or the endpoint answered no request. */
    stopped_by?: StoppedBy;
  };
  /** Only of a run that another tool measured. */
  imported?: Imported;
  /** Only of a merged run. */
  ranks?: MergedRanks;
  /** Only of a run of data sets. */
  data?: RecordedData;
  endpoint: {
    url: string;
    api: string;
    model: string | null;
    /** Models of sessions and their shares, if there are several. */
    models?: Readonly<Record<string, number>>;
    simulated: boolean;
    /** Only for a run on a virtual clock. */
    virtual?: true;
  };
  load: {
    loop: 'open' | 'closed';
    arrivals: string | null;
    /** Only for gamma arrivals. */
    burstiness?: number;
    rate_rps: number | null;
    /** Only if the plan has stages; `rate_rps` is `null` then. */
    stages?: RateStage[];
    /** Only of a trace. */
    trace?: ReplayedTrace;
    concurrency: number | null;
    max_concurrency: number | null;
    clock: 'planned' | 'sent';
    requests: number | null;
    /** Only if the rate and the concurrency count sessions of several turns. */
    unit?: 'sessions';
    /** Only of a run of N sessions. */
    sessions?: number;
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
    /** The failed requests that were refused for load. Absent in earlier versions. */
    overload?: number;
    censored: number;
    /** Cut off by goodput when a limit had already been exceeded: missed, but not errors. */
    cut_missed: number;
    /** Planned requests without a record. */
    lost: number;
    outcomes: Partial<Record<Outcome, number>>;
    finish: Record<string, number>;
  };
  /** Every distribution metric of the registry. */
  metrics: Record<string, DistributionSummary>;
  rates: Rates;
  /** `null` without SLOs. */
  slo: SloReport | null;
  /** Only of a run whose sessions have several turns. */
  sessions?: SessionReport;
  /** Only with `--slo-grid`. */
  slo_grid?: SloGridReport;
  /** The key of `groups`: `turn`, `model`, `source`, `language`, `input_tokens`, `output_tokens` or another tag. */
  by?: string;
  /** With `--by`, or if requests differ in their turns or their models. */
  groups?: GroupRow[];
  /** The sums over `groups`. */
  groups_total?: GroupTotal;
  intervals: RunIntervals;
  tokens: TokenReport;
  /** Only of a trace with `hash_ids`. */
  reuse?: ReuseShares;
  failures: FailureClass[];
  /** Only for several replicas. */
  replicas?: ReplicaReport[];
  /** Only if the answers have the server's own times. */
  server_timing?: ServerTimingReport;
  /** Only of a run with telemetry. */
  telemetry?: TelemetryReport;
  /** From `run.json` and from the analysis. */
  notes: Note[];
  /** Facts for the rules of the self-audit. */
  health: HealthFigures & {
    /** The second highest send lag; `null` for fewer than two. */
    send_lag_second_ms: number | null;
    /** Requests that were released (or planned) and not sent because of goodput. */
    unsent: number;
    released: number;
    /** Requests of the cohort for which this machine had no descriptor, port or memory, by error code. */
    local_limits: Partial<Record<LocalLimit, number>>;
    /** Requests of the cohort that failed on a kept connection because the server was closing it. */
    keep_alive_races: number;
    /** True if Little's law applies to W (docs/metrics.md). */
    little_applies: boolean;
    deliveries?: Deliveries;
    steady: SteadyFigures | null;
  };
}

/** Any figure of a run. Separate from the report, because gates may use percentiles that it does not list. */
export interface ReportValues {
  /** @param aggregation `mean`, `min`, `max`, or `p` with a percentile above 0 and below 100 (`p42`, `p99.9`); `null` for run metrics */
  value(metric: string, aggregation: string | null): GateValue;
  /** Returns the interval of a figure that has one (`hasInterval`); `null` if the run has too few values. */
  bounds(metric: string, aggregation: string | null, confidence: number): Bounds | null;
}
