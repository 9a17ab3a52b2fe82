import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** What the load needs to know of a request: its number and, in open loop, its instant. */
export interface Job {
  i: number;
  planned_us: Microseconds | null;
  phase: Phase | null;
}

/** How a request ended, as far as the load has to know. */
export interface Ended {
  /** It was ever sent. */
  sent: boolean;
  /** When its answer was over, which is a little before anybody here comes to know. */
  at_us: Microseconds;
}

/** What happens to a job. `launch` resolves when the request has ended, whatever its outcome. */
export interface Launcher<J extends Job> {
  launch(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; phase: Phase | null },
  ): Promise<Ended>;
  /** The request was planned and is never sent. */
  leave(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; at_us: Microseconds },
  ): void;
}
