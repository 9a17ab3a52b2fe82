import type { Phase } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/** A planned request, as the load uses it. */
export interface Job {
  /** Number of the request in the plan. */
  i: number;
  /** Number of its session in the plan. */
  session: number;
  /** In an open loop, and for a later turn of a session, the instant at which it is due. */
  planned_us: Microseconds | null;
  phase: Phase | null;
  /** True for the last turn of a session, which no other follows. */
  isLast: boolean;
}

/** The end of a request, as the load uses it. */
export interface Ended<J extends Job> {
  /** True if the request was sent. */
  sent: boolean;
  /** When its response ended, which is a little before the load is notified. */
  at_us: Microseconds;
  /** The next turn of its session, with its instant; `null` if the session has ended. */
  next: J | null;
}

/** When a job is sent, and in which phase. */
export interface LaunchTime {
  planned_us: Microseconds;
  released_us: Microseconds | null;
  phase: Phase | null;
}

/** Carries out jobs. `launch` resolves when the request has ended, with any outcome. */
export interface Launcher<J extends Job> {
  launch(job: J, when: LaunchTime): Promise<Ended<J>>;
  /** Records a request that was due and will never be sent. */
  leave(
    job: J,
    when: { planned_us: Microseconds; released_us: Microseconds | null; at_us: Microseconds },
  ): void;
}
