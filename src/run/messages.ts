import type { Prepared } from '../client/connection/pool.ts';
import type { Asking } from '../client/api/asking.ts';
import type { Route } from '../client/connection/route.ts';
import type { WorkerHealth } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { PromptEntry } from '../workload/prompts.ts';
import type { EncodedLive } from './live-histograms.ts';
import type { PackedSamples } from './sample-batch.ts';
import type { Calibration } from '../workload/calibration.ts';

/** What a load worker is started with. The API key and the private key travel in memory only. */
export interface WorkerTask {
  worker: number;
  workers: number;
  scenario: Scenario;
  url: string;
  route: Route;
  model: string;
  calibration: Calibration;
  asking: Asking;
  /** Requests of a prompt file, read once by the main thread; `null` for synthetic prompts. */
  prompts: readonly PromptEntry[] | null;
  /** Memory of `SharedCounters`. */
  counters: SharedArrayBuffer;
  /** Channel on which a freed place under the cap is announced to the other workers. */
  channel: string;
}

export type ToWorker =
  /** Nanoseconds of the host's monotonic clock, a decimal string. */
  | { kind: 'start'; origin_ns: string }
  /** The measurement has ended: what is out then may end within the drain. */
  | { kind: 'drain'; from_us: Microseconds }
  /** Send nothing more; what is out may end within the drain. */
  | { kind: 'stop'; at_us: Microseconds }
  /** W closed at `end_us`: send nothing more, and end what is out now. */
  | { kind: 'conclude'; end_us: Microseconds }
  /** End everything now. */
  | { kind: 'cut' };

export interface Counters {
  sent: number;
  inFlight: number;
  ok: number;
  failed: number;
  outputEvents: number;
}

export type FromWorker =
  | { kind: 'ready'; prepared: Prepared | null }
  | { kind: 'progress'; counters: Counters; samples: PackedSamples; live: EncodedLive | null }
  /** Closed loop of N requests: a slot of this worker has nothing left to send. */
  | { kind: 'idle'; at_us: Microseconds }
  | {
      kind: 'done';
      counters: Counters;
      samples: PackedSamples;
      live: EncodedLive | null;
      health: WorkerHealth;
      /** Closed loop: when a slot first had nothing left to send. */
      firstIdle_us: Microseconds | null;
      lastEnd_us: Microseconds;
    }
  /** An exception of goodput's own ended the worker: the requests that had ended, and what it was. */
  | { kind: 'defect'; counters: Counters; samples: PackedSamples; live: null; error: unknown };
