import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** What the load needs to know of a request: its number and, in open loop, its instant. */
export interface Job {
  i: number;
  planned_us: Microseconds | null;
  phase: Phase | null;
}

/** What happens to a job. `launch` resolves when the request has ended, whatever its outcome, and tells whether it was ever sent. */
export interface Launcher<J extends Job> {
  launch(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; phase: Phase | null },
  ): Promise<{ sent: boolean }>;
  /** The request was planned and is never sent. */
  leave(job: J, when: { planned_us: Microseconds; at_us: Microseconds }): void;
}
