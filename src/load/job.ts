import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** A planned request, as the load uses it: its number and, in an open loop, its instant. */
export interface Job {
  i: number;
  planned_us: Microseconds | null;
  phase: Phase | null;
}

/** The end of a request, as the load uses it. */
export interface Ended {
  /** True if the request was sent. */
  sent: boolean;
  /** When its response ended, which is a little before the load is notified. */
  at_us: Microseconds;
}

/** Carries out jobs. `launch` resolves when the request has ended, with any outcome. */
export interface Launcher<J extends Job> {
  launch(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; phase: Phase | null },
  ): Promise<Ended>;
  /** Records a request that was planned and will never be sent. */
  leave(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; at_us: Microseconds },
  ): void;
}
