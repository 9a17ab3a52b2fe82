import type { Fact } from '../sample.ts';
import type { Microseconds } from '../units.ts';

export interface Window {
  start_us: Microseconds;
  end_us: Microseconds;
}

/** A period in which the planned rate changes linearly. */
export interface RateStage {
  from_rps: number;
  to_rps: number;
  for_s: number;
}

/** How the instants of a trace were replayed. */
export interface ReplayedTrace {
  /** The factor by which its times were divided. */
  speed: number;
  /** The time of the trace at which its window began. */
  from_s: number;
  /** The tick of its clock over which instants were spread, in its own time; `null`: they are as recorded. */
  tick_ms: number | null;
}

/** Health of a thread over the measurement window W. */
export interface ThreadHealth {
  /**
   * How late an event that arrives at a random instant of W is noticed because the event loop is blocked, the longest delay and the reading
   * of sockets left out. `null` where W was too short, and in runs of earlier versions.
   */
  event_loop_delay_p50_ms: number | null;
  event_loop_delay_p95_ms: number | null;
  event_loop_delay_p99_ms: number | null;
  event_loop_delay_max_ms: number;
  /**
   * How late the stamps of the reads in W may be, because the loop was busy with earlier reads, at the 99th percentile. `null` for a
   * thread that reads no responses, for few reads, and in runs of earlier versions.
   */
  stamp_delay_p99_ms: number | null;
  /** After W, while requests of W were still being stamped. `null` if it was not measured. */
  drain_delay_max_ms: number | null;
  /** Busy share of the loop over W, 0 … 1. */
  event_loop_utilization: number | null;
  gc_pauses_ms: number | null;
  gc_pause_max_ms: number | null;
}

/** Health of one load worker. */
export interface WorkerHealth extends ThreadHealth {
  worker: number;
  /** Only in a merged run. */
  rank?: number;
  connections_opened: number;
}

/** Processor time of the complete process over W (`over_ms`, as measured): load, main thread and, if it is used, the embedded endpoint. */
export interface ProcessHealth {
  over_ms: number;
  cpu_user_ms: number;
  cpu_system_ms: number;
}

/** Health of the machine over W; `null` for what the system does not report. Shares are 0 … 1. */
export interface HostHealth {
  /** 1 min load averages at both ends of W. */
  load_before: number | null;
  load_after: number | null;
  /** Share of all processors' time that was used. */
  busy_share: number | null;
  /** Share of all processors' time that the hypervisor took for other machines. */
  steal_share: number | null;
  /** Share of W in which some task waited for a processor (PSI). */
  pressure_share: number | null;
  /** How long the machine slept. */
  suspended_ms: number | null;
  /** How many processors it has, and how many of them (on average) other processes than this one kept busy. */
  processors: number | null;
  others_processors: number | null;
}

/** Results of the preflight. */
export interface PreflightResult {
  /** `null` if the preflight did not learn it. */
  tokens_per_word: number | null;
  /** Prompt tokens that the server adds to every request (chat template). */
  overhead_tokens: number | null;
  /** Why it failed, or what it could not learn. */
  note: string | null;
  requests: number;
  /** Optional fields of every measured request, which the server accepts. Absent in older runs, like the following keys. */
  asked?: readonly string[];
  /** Name of the chat API's limit of output tokens; `null`: the API has only one. */
  limit?: string | null;
  /** Optional field that the server refused → the server's message. */
  refused?: Readonly<Record<string, string>>;
  /** Optional fields that were not refused and had no effect. */
  ignored?: readonly string[];
}

/** A run as a search window of a capacity search. */
export interface SearchStep {
  number: number;
  kind: 'single' | 'bracket' | 'refinement';
  /** Requests per second, or in flight. */
  level: number;
  /** Share of good requests that the search is for, in (0, 1). */
  target: number;
  /** `null` until the run has closed. */
  ended: 'full' | 'clear' | 'aborted' | 'interrupted' | null;
}

/** Where the samples of a run come from that another tool measured. */
export interface Imported {
  /** Name of the tool. */
  tool: string;
  /** Version of the tool; `null` if its files do not hold it. */
  version: string | null;
  /** Names of its files, without folders. */
  files: string[];
  /** Facts that the files do not hold: no figure is computed from them. */
  lacks: Fact[];
}

/** How the start of a rank was agreed on. */
export interface RankStart {
  /** `host`: rank 0 has the same monotonic clock. `http`: timestamps were exchanged with rank 0. `folder`: by the wall clocks. */
  by: 'host' | 'http' | 'folder';
  /** The wall clock of this host minus that of rank 0; `null` if it was not measured. */
  offset_ms: number | null;
  /** The start differs from that of rank 0 by at most this. */
  error_ms: number;
}

/** The requests of a rank's plan: an upper limit if sessions have several turns. */
export interface RankPlan {
  warmup: number;
  measure: number;
}

/** A run as one of several ranks that share a plan. */
export interface Rank {
  index: number;
  of: number;
  /** The plan of every rank, so that the share of a lost one is known; `null` in a closed loop. */
  planned: readonly RankPlan[] | null;
  /** `null` if the ranks did not meet. */
  start: RankStart | null;
}

/** A rank of a merged run. */
export interface MergedRank {
  index: number;
  /** Identifies its run; `null`: there is no run folder. */
  id: string | null;
  started: string | null;
  /** `running`: it was killed, or has not ended; `missing`: there is no run folder. */
  status: RunHeader['status'] | 'missing';
  /** Why it was interrupted or failed. */
  reason: string | null;
  environment: RunHeader['environment'];
  start: RankStart | null;
  /** Requests with a record. */
  requests: number;
  /** Planned requests without a record, in the complete run and in W. */
  lost: number;
  lost_in_window: number;
  /** True if more requests may be lost than `lost` says: a closed loop sends as many as the server completes. */
  lost_more: boolean;
  /** Its self-audit; `null` if it was lost, or had no request to send in W. */
  audit: { status: 'valid' | 'suspect' | 'invalid'; reasons: readonly string[] } | null;
}

/** The ranks of a merged run. */
export interface MergedRanks {
  of: number;
  /** True if all ranks that have a run folder met before the start. */
  met: boolean;
  /** Greatest difference between two starts: the bound of the meeting, or without one the difference by the wall clocks. */
  starts_within_ms: number;
  each: readonly MergedRank[];
}

/** The data sets of a run. */
export interface RecordedData {
  files: readonly { path: string; sha256: string; bytes: number }[];
  format: string;
  /** From the manifests of the files; `null` if they have none. */
  licence: string | null;
  /** The steps that made the files, from their manifests. */
  steps: readonly unknown[];
  /** Sessions that the run may send. */
  sessions: number;
  order: 'shuffle' | 'file';
  take: number | null;
  replacement: boolean;
  cycle: boolean;
  history: 'actual' | 'recorded' | 'none';
  blockTokens: number;
  /** Sessions of the data that were sent, each counted once; `null` until the run has closed. */
  distinct: number | null;
  /** How often the session that was sent most often was sent. */
  most_repeated: number | null;
}

/** The reason why a run ended before its plan did. */
export type StoppedBy = 'gate' | 'endpoint';

/** `run.json`: the facts of a run that are not in its samples. */
export interface RunHeader {
  schemaVersion: number;
  version: string;
  /** Only in a run of `goodput batch`. */
  kind?: 'batch';
  id: string;
  name: string;
  /** ISO 8601. */
  started: string;
  /** Origin of every instant; `monotonic_ns`: the host's monotonic clock, a decimal string. */
  origin: { epoch_ms: number; monotonic_ns: string };
  /** The resolved scenario in the file's own keys, secrets redacted. */
  scenario: Record<string, unknown>;
  /** `null` in an imported run. */
  seed: number | null;
  /** The measuring machine; `null` in an imported run. */
  environment: { node: string; os: string; cpu: string; cores: number; memory_bytes: number } | null;
  endpoint: {
    url: string;
    api: string;
    model: string | null;
    /** Models of sessions and their shares, if there are several. */
    models?: Readonly<Record<string, number>>;
    simulated: boolean;
    /** Base URLs of several replicas, in the order in which requests are distributed. */
    replicas?: string[];
    /** Only in a run on a virtual clock: nothing was sent, and instants are not from the host's clock. */
    virtual?: true;
    /** Facts that the endpoint reported before the measurement (server header, models). */
    said: Record<string, unknown>;
  };
  load: {
    loop: 'open' | 'closed';
    arrivals: string | null;
    /** Only with gamma arrivals. */
    burstiness?: number;
    /** `null` in closed loop and with stages. */
    rate_rps: number | null;
    stages?: RateStage[];
    concurrency: number | null;
    max_concurrency: number | null;
    clock: 'planned' | 'sent';
    /** A run of N requests: the cohort is every request of phase `measure`. */
    requests: number | null;
    /** Only of a trace. */
    trace?: ReplayedTrace;
    /** The unit of the rate and of the concurrency if sessions have several turns; absent: requests. */
    unit?: 'sessions';
    /** A run of N sessions; absent in others. */
    sessions?: number;
    warmup_s: number;
    duration_s: number | null;
  };
  /** Defines W. `null` until the run has closed. */
  window: Window | null;
  phases: { name: 'warmup' | 'measure' | 'drain'; start_us: Microseconds; end_us: Microseconds }[];
  /** Requests planned (open loop: before the cut; closed loop: started). `null` until the run has closed. */
  planned: number | null;
  workers: WorkerHealth[];
  main: ThreadHealth | null;
  process: ProcessHealth | null;
  host: HostHealth | null;
  probe: PreflightResult | null;
  /** Only in a run that another tool measured. */
  imported?: Imported;
  /** Only in one of several ranks. */
  rank?: Rank;
  /** Only in a run that was merged from those of its ranks. */
  ranks?: MergedRanks;
  /** Only in a search window of `goodput capacity`: its kind, and how it ended. */
  search?: SearchStep;
  /** Only in a run of data sets. */
  data?: RecordedData;
  /** Sentences for the reader of the report. */
  notes: string[];
  /** `running` on disk means: never closed (killed), or still going. */
  status: 'running' | 'complete' | 'interrupted' | 'failed';
  /** Why it was interrupted or failed. */
  reason: string | null;
  /** The fix for `reason`; only in a run that ended because its endpoint answers no request. */
  fix?: string;
  /**
   * Only of a run that goodput ended early: because a gate could not be met any more (`--fail-fast`), or because the endpoint answers no
   * request.
   */
  stopped_by?: StoppedBy;
}
