import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** A run as whoever steers it sees it. */
export interface Steered {
  /** Since the run's origin. */
  readonly now_us: Microseconds;
  /** The measurement has shown enough: W is what came before `end_us`, nothing more is sent, and what is out is cut. */
  conclude(end_us: Microseconds): void;
}

/** Looks at the requests that have ended since it looked last, several times a second, and may end the run. */
export type Steer = (samples: readonly Sample[], run: Steered) => void;

/** Why a request was cut. */
export const CONCLUDED = 'the measurement had shown enough';
