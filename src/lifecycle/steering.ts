import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** The part of a run that a `Steer` may use. */
export interface SteeredRun {
  /** Since the run's origin. */
  readonly now_us: Microseconds;
  /** Ends the run early with a valid measurement: the window closes at `end_us`, no request is sent any more, those in flight are cut. */
  conclude(end_us: Microseconds): void;
}

/** Called several times a second with the requests that have ended since the last call; may end the run. */
export type Steer = (samples: readonly Sample[], run: SteeredRun) => void;
