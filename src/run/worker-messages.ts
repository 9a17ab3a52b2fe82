import type { Prepared } from '../client/connection/pool.ts';
import type { RequestProfile } from '../client/api/request-profile.ts';
import type { Route } from '../client/connection/network-route.ts';
import type { WorkerHealth } from '../record/header.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { WorkloadData } from '../workload/data.ts';
import type { Counters } from '../lifecycle/live-figures.ts';
import type { EncodedLive } from '../lifecycle/live-histograms.ts';
import type { LoopState } from '../health/thread-watch.ts';
import type { PackedSamples } from './sample-batch.ts';
import type { Calibration } from '../workload/calibration.ts';

/** The task of a load worker. It contains the API key and the private key, so it is passed in memory only. */
export interface WorkerTask {
  worker: number;
  workers: number;
  scenario: Scenario;
  url: string;
  route: Route;
  model: string;
  calibration: Calibration;
  profile: RequestProfile;
  /** The data sets, read once by the main thread; `null` for synthetic input. */
  data: WorkloadData | null;
  /** Memory of `SharedCounters`. */
  counters: SharedArrayBuffer;
  /** Channel on which a worker announces to the others that a place below the cap is free. */
  channel: string;
}

export type ToWorker =
  /** `origin_ns`: nanoseconds of the host's monotonic clock, as a decimal string. */
  | { kind: 'start'; origin_ns: string }
  /** The measurement has ended: requests in flight may finish within the drain. */
  | { kind: 'drain'; from_us: Microseconds }
  /** Send no more requests; those in flight may finish within the drain. */
  | { kind: 'stop'; at_us: Microseconds }
  /** The window closed at `end_us`: send no more requests, and cut those in flight now. */
  | { kind: 'conclude'; end_us: Microseconds }
  /** Cut all requests now. */
  | { kind: 'cut' };

export type FromWorker =
  | { kind: 'ready'; prepared: Prepared | null }
  | {
      kind: 'progress';
      counters: Counters;
      samples: PackedSamples;
      live: EncodedLive | null;
      loop: LoopState | null;
    }
  /** Closed loop of N requests: a slot of this worker has no request left to send. */
  | { kind: 'idle'; at_us: Microseconds }
  | {
      kind: 'done';
      counters: Counters;
      samples: PackedSamples;
      live: EncodedLive | null;
      loop: null;
      health: WorkerHealth;
      /** Closed loop: when a slot first had no request left to send. */
      firstIdle_us: Microseconds | null;
      lastEnd_us: Microseconds;
    }
  /** A defect of goodput ended the worker; `samples` are the requests that had ended. */
  | { kind: 'defect'; counters: Counters; samples: PackedSamples; live: null; loop: null; error: unknown };
