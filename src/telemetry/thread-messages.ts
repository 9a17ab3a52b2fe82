import type { Milliseconds } from '../units.ts';
import type { TelemetryTarget } from './target.ts';

/** The settings of the scraping thread. */
export interface ThreadTask {
  targets: readonly TelemetryTarget[];
  every_ms: Milliseconds;
  /** The run folder. */
  dir: string;
}

/** The failed scrapes of a target. */
export interface TargetFailures {
  target: string;
  scrapes: number;
  failed: number;
  /** The reason of the first failure. */
  error: string;
}

export type ToThread = { kind: 'begin'; origin_ns: string } | { kind: 'end' };

export type FromThread =
  /** The first scrape of every target has ended. */
  | { kind: 'ready' }
  /** A target failed for the first time. */
  | { kind: 'failed'; target: string; error: string }
  /** `problem`: why scrapes could not be written; `null`: all were. */
  | { kind: 'done'; failures: readonly TargetFailures[]; problem: string | null };
