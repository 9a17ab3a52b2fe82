import type { Microseconds } from '../units.ts';
import type { Job, Launcher } from './job.ts';
import type { Lookahead } from './lookahead.ts';
import type { SharedCounters } from './shared.ts';
import { deadlineTimer } from './timer.ts';

export interface ClosedLoopOptions<J extends Job> {
  /** Every job of the plan in order, also those that other workers will take. */
  jobs: Lookahead<J>;
  launcher: Launcher<J>;
  counters: SharedCounters;
  /** Slots of this worker. */
  slots: number;
  /** End of the warm-up. */
  measureFrom_us: Microseconds;
  /** Exactly one of the two is set. */
  measureTo_us: Microseconds | null;
  /** Requests that start after the warm-up, over all workers. */
  requests: number | null;
  now: () => Microseconds;
}

/** After a request that could not even be sent its slot rests: a dead endpoint is not hammered, and the folder stays small. */
const REST_MS = 100;

/**
 * Slots that begin in one turn of the event loop. Opening a connection takes 0.1 to 0.2 ms: 10,000 in one turn stand in the
 * way of everything that arrives for 2 s, 16 for less than 3 ms.
 */
const BEGIN_PER_TURN = 16;

/** Keeps a number of slots busy: each takes the next request of the plan the moment its last one has ended. */
export class ClosedLoop<J extends Job> {
  readonly #options: ClosedLoopOptions<J>;
  readonly #timer;
  readonly #issued = Promise.withResolvers<void>();
  #busy = 0;
  #stopped = false;
  /** When a slot first had nothing left to send. */
  firstIdle_us: Microseconds | null = null;
  onFirstIdle: (at_us: Microseconds) => void = () => undefined;

  constructor(options: ClosedLoopOptions<J>) {
    this.#options = options;
    this.#timer = deadlineTimer(options.now);
  }

  /** Resolves once no slot will send any more; their requests may still be out. */
  start(): Promise<void> {
    this.#busy = this.#options.slots;
    if (this.#busy === 0) this.#issued.resolve();
    // The origin lies a moment ahead: instants before it would be negative.
    this.#timer.arm(0, () => {
      this.#begin(this.#options.slots);
      if (this.#options.measureTo_us !== null) this.#timer.arm(this.#options.measureTo_us, () => this.stop());
    });
    return this.#issued.promise;
  }

  /** No more sends. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer.cancel();
    this.#options.jobs.close();
    this.#issued.resolve();
  }

  #begin(slots: number): void {
    const now = Math.min(slots, BEGIN_PER_TURN);
    for (let slot = 0; slot < now; slot++) this.#next(null);
    if (slots > now && !this.#stopped) setImmediate(() => this.#begin(slots - now));
  }

  /** @param freed_us when the slot's last answer was over; what passed since then is our own, so the request was due then */
  #next(freed_us: Microseconds | null): void {
    const { launcher, counters, measureFrom_us, measureTo_us, requests, now } = this.#options;
    const at_us = now();
    const planned_us = freed_us === null ? at_us : Math.min(freed_us, at_us);
    const measuring = at_us >= measureFrom_us;
    const over =
      this.#stopped ||
      (measureTo_us !== null && at_us >= measureTo_us) ||
      (measuring && requests !== null && counters.takePlace() >= requests);
    const job = over ? null : this.#take(counters.takeNumber());
    if (job === null) {
      if (this.firstIdle_us === null) {
        this.firstIdle_us = planned_us;
        this.onFirstIdle(planned_us);
      }
      this.#busy--;
      if (this.#busy === 0) this.#issued.resolve();
      return;
    }
    const phase = measuring ? 'measure' : 'warmup';
    void launcher.launch(job, { planned_us, released_us: null, phase }).then(({ sent, at_us: ended_us }) => {
      if (sent || this.#stopped) this.#next(ended_us);
      else setTimeout(() => this.#next(null), REST_MS);
    });
  }

  /** Job `i`; those before it were taken by other workers. */
  #take(i: number): J | null {
    for (let job = this.#options.jobs.take(); job !== null; job = this.#options.jobs.take()) {
      if (job.i === i) return job;
    }
    return null;
  }
}
