import type { Microseconds } from '../units.ts';

export const SCHEMA_VERSION = 1;

export interface Window {
  start_us: Microseconds;
  end_us: Microseconds;
}

/** What one load worker says of itself over the measurement window. */
export interface WorkerHealth {
  worker: number;
  event_loop_delay_max_ms: number;
  /** Busy share of the loop over W, 0 … 1. */
  event_loop_utilization: number;
  gc_pauses_ms: number;
  gc_pause_max_ms: number;
  connections_opened: number;
}

/** What the probe before the measurement learnt. */
export interface ProbeResult {
  /** `null` where the probe did not learn it. */
  tokens_per_word: number | null;
  /** Prompt tokens that the server adds to every request (chat template). */
  overhead_tokens: number | null;
  /** Why it failed, or what it could not learn. */
  note: string | null;
  requests: number;
}

/** `run.json`: the facts of a run that are not in its samples. */
export interface RunHeader {
  schemaVersion: number;
  version: string;
  id: string;
  name: string;
  /** ISO 8601. */
  started: string;
  /** What every instant counts from; `monotonic_ns`: the host's monotonic clock, a decimal string. */
  origin: { epoch_ms: number; monotonic_ns: string };
  /** The resolved scenario in the file's own keys, secrets redacted. */
  scenario: Record<string, unknown>;
  seed: number;
  environment: { node: string; os: string; cpu: string; cores: number; memory_bytes: number };
  endpoint: {
    url: string;
    api: string;
    model: string | null;
    simulated: boolean;
    /** What the endpoint said of itself (server header, models), as seen before the measurement. */
    said: Record<string, unknown>;
  };
  load: {
    loop: 'open' | 'closed';
    arrivals: string | null;
    rate_rps: number | null;
    concurrency: number | null;
    max_concurrency: number | null;
    clock: 'planned' | 'sent';
    /** A run of N requests: the cohort is every request of phase `measure`. */
    requests: number | null;
    warmup_s: number;
    duration_s: number | null;
  };
  /** It alone defines W. `null` until the run has closed. */
  window: Window | null;
  phases: { name: 'warmup' | 'measure' | 'drain'; start_us: Microseconds; end_us: Microseconds }[];
  /** Requests planned (open loop: before the cut; closed loop: started). `null` until the run has closed. */
  planned: number | null;
  workers: WorkerHealth[];
  main: { event_loop_delay_max_ms: number } | null;
  probe: ProbeResult | null;
  /** Things a reader of the report should know, in whole sentences. */
  notes: string[];
  /** `running` on disk means: never closed (killed), or still going. */
  status: 'running' | 'complete' | 'interrupted' | 'failed';
  /** Why it was interrupted or failed. */
  reason: string | null;
}
