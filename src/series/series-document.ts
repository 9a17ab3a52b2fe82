import type { Report } from '../analysis/report.ts';
import type { Judgement } from '../analysis/judging.ts';
import type { RunHeader } from '../record/header.ts';
import type { Outcome } from '../sample.ts';

/**
 * Values in order, one per bin, percentile or request. Columns of one object have the same length. `null`: no value, or too few samples for it.
 */
export type Column = (number | null)[];

/** Attainment and goodput in equal parts of W. */
export interface AttainmentSeries {
  /** Length of a part, in seconds. */
  part_s: number;
  /** Start of the first part, in seconds since the run's origin. */
  start_s: number;
  judged: number[];
  good: number[];
  attainment: Column;
  /** Wilson's 95% interval of each attainment. */
  low: Column;
  high: Column;
  /** Good requests that completed in the part ÷ its length. */
  goodput_rps: number[];
}

/** Figures of equal bins of the run, from the warm-up to the drain. */
export interface TimeSeries {
  /** Length of a bin, in seconds. W is a whole number of bins. */
  bin_s: number;
  /** Start of the first bin, in seconds since the run's origin. */
  start_s: number;
  /** Requests sent in the bin ÷ its length. */
  sent_rps: Column;
  /** Successes that completed in the bin ÷ its length. */
  completed_rps: Column;
  /** Time-average of the requests in flight. */
  in_flight: Column;
  /** Time-average of the requests that were planned and not sent yet. */
  waiting: number[];
  output_tps: Column;
  input_tps: Column;
  /** Percentiles over the requests that start in the bin. */
  ttft_p50_ms: Column;
  ttft_p99_ms: Column;
  ttft_max_ms: Column;
  /** Percentiles over the tokens that arrive in the bin. */
  itl_p50_ms: Column;
  itl_p99_ms: Column;
  /** The longest gap between two events of one request that ends in the bin. */
  max_gap_ms: Column;
  /** Outcome → failures that ended in the bin. Only outcomes that occurred. */
  failures: Partial<Record<Outcome, number[]>>;
}

/** The reports of servers and devices in the bins of `time`: the latest scrape of each bin. */
export interface TelemetrySeries {
  /** Requests, over all servers. */
  running: Column;
  waiting: Column;
  /** Use of the KV cache, 0 to 1. */
  kv_use: Column;
  /** Share of the prompt tokens since the scrape before that came from the prefix cache. */
  hit_share: Column;
  /** Preemptions in the bin. */
  preemptions: Column;
  /** Share of the time in which the devices had work, 0 to 1. */
  busy: Column;
  /** Power of all devices together. */
  power_watt: Column;
}

/** The percentiles of one metric over the cohort, from the median to 99.99%. */
export interface Spectrum {
  metric: string;
  unit: string;
  /** Number of values. */
  count: number;
  /** Percentiles in percent: 50 to 99.99. */
  percent: number[];
  value: Column;
  /** 95% interval of each percentile; `null`: that end is unknown. */
  low: Column;
  high: Column;
  /** The first percentile whose value is a lower bound, because too few samples bound it from above; `null` if none is. */
  bound_from: number | null;
  /** Why the last percentiles have no value; `null` if all have one. */
  why: string | null;
}

/** Single requests of the cohort. */
export interface Points {
  /** Requests of the cohort, and how many of them are listed. */
  requests: number;
  listed: number;
  /** The parts of `listed`, and the number of requests that they were chosen from. */
  chosen: {
    failed: { listed: number; of: number };
    /** The worst of those that missed an SLO. */
    missed: { listed: number; of: number };
    /** A seeded sample of the others. */
    others: { listed: number; of: number };
  };
  outcomes: Outcome[];
  judgements: Judgement[];
  /** Number of the request in the plan. */
  i: number[];
  start_s: number[];
  /** Time from the start to the end of the request. */
  ended_ms: number[];
  /** Counted input tokens; `planned_input` has those of the plan. */
  input_tokens: Column;
  planned_input: Column;
  output_tokens: Column;
  ttft_ms: Column;
  e2e_ms: Column;
  max_gap_ms: Column;
  /** Index into `outcomes`. */
  outcome: number[];
  /** Index into `judgements`. */
  judgement: number[];
}

/** One request with its instants, in seconds since the run's origin. */
export interface RequestSpan {
  i: number;
  outcome: Outcome;
  judgement: Judgement;
  status: number | null;
  /** The metrics whose limit it missed. */
  missed: string[];
  planned_s: number;
  released_s: number | null;
  sent_s: number | null;
  headers_s: number | null;
  first_s: number | null;
  last_s: number | null;
  ended_s: number;
  /** The start that latencies are counted from. */
  start_s: number;
  /** Its longest gaps between events: start and end. */
  gaps: { from_s: number; to_s: number }[];
  ttft_ms: number | null;
  e2e_ms: number | null;
  max_gap_ms: number | null;
  input_tokens: number | null;
  output_tokens: number | null;
  error: string | null;
  replica: string | null;
}

/** Figures of the requests that have something in common, such as the replica that they were sent to. */
export interface Group {
  name: string;
  requests: number;
  ok: number;
  failed: number;
  ttft_p50_ms: number | null;
  ttft_p99_ms: number | null;
}

export interface Grouping {
  /** The property that the requests of a group share: `replica`. */
  by: string;
  groups: Group[];
}

/** Every number that a page about a run draws: what `goodput report RUN --format series` prints. */
export interface SeriesDocument {
  /** Only of a simulated endpoint. */
  simulated?: true;
  schemaVersion: number;
  run: Pick<Report['run'], 'id' | 'name'>;
  /** The limits that requests were judged by. */
  slos: { metric: string; op: string; value: number }[];
  /** W in seconds since the run's origin; `null` if it has no length. */
  window: { start_s: number; end_s: number } | null;
  phases: { name: RunHeader['phases'][number]['name']; start_s: number; end_s: number }[];
  /** `null` without SLOs, without a window, or without a judged request. */
  attainment: AttainmentSeries | null;
  /** `null` without any request. */
  time: TimeSeries | null;
  /** Only of a run with telemetry. */
  telemetry?: TelemetrySeries;
  /** Metrics whose figures are withheld → the reason. */
  withheld: Record<string, string>;
  spectra: Spectrum[];
  points: Points;
  /** Failures of each kind, and the requests that exceeded their limits the most (without SLOs: the slowest), in the order of their start. */
  worst: RequestSpan[];
  groupings: Grouping[];
}

export const SERIES_SCHEMA_VERSION = 1;
