import type { Microseconds } from '../units.ts';
import type { Job, Launcher } from './job.ts';
import type { Lookahead } from './lookahead.ts';
import type { SharedCounters } from './shared.ts';
import { type ClosedLoopLimits, phaseOfNext } from './slot-rule.ts';
import { deadlineTimer } from './timer.ts';

export interface ClosedLoopOptions<J extends Job> extends ClosedLoopLimits {
  /** All jobs of the plan in order, including those that other workers will take. */
  jobs: Lookahead<J>;
  launcher: Launcher<J>;
  counters: SharedCounters;
  /** Slots of this worker. */
  slots: number;
  now: () => Microseconds;
}

/** A slot waits this long after a request that could not be sent, so that a dead endpoint is not flooded and the folder stays small. */
const REST_MS = 100;

/**
 * The number of slots that begin in one turn of the event loop. Opening a connection takes 0.1 to 0.2 ms: 10,000 in one turn would
 * block the loop for 2 s, 16 block it for less than 3 ms.
 */
const BEGIN_PER_TURN = 16;

/** Keeps a number of slots busy: each sends the next request of the plan as soon as its last one has ended. */
export class ClosedLoop<J extends Job> {
  readonly #options: ClosedLoopOptions<J>;
  readonly #timer;
  readonly #issued = Promise.withResolvers<void>();
  #busy = 0;
  #stopped = false;
  /** When a slot first had no request left to send. */
  firstIdle_us: Microseconds | null = null;
  onFirstIdle: (at_us: Microseconds) => void = () => undefined;

  constructor(options: ClosedLoopOptions<J>) {
    this.#options = options;
    this.#timer = deadlineTimer(options.now);
  }

  /** Resolves once no slot will send another request; some may still be in flight. */
  start(): Promise<void> {
    this.#busy = this.#options.slots;
    if (this.#busy === 0) this.#issued.resolve();
    // The origin is a moment in the future: instants before it would be negative.
    this.#timer.arm(0, () => {
      this.#begin(this.#options.slots);
      if (this.#options.measureTo_us !== null) this.#timer.arm(this.#options.measureTo_us, () => this.stop());
    });
    return this.#issued.promise;
  }

  /** Sends no more requests. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer.cancel();
    this.#options.jobs.close();
    this.#issued.resolve();
  }

  readonly #takePlace = (): number => this.#options.counters.takePlace();

  #begin(slots: number): void {
    const now = Math.min(slots, BEGIN_PER_TURN);
    for (let slot = 0; slot < now; slot++) this.#next(null);
    if (slots > now && !this.#stopped) setImmediate(() => this.#begin(slots - now));
  }

  /** @param freed_us when the slot's last response ended. The next request was due then: the time since then is goodput's own delay. */
  #next(freed_us: Microseconds | null): void {
    const { launcher, counters, now } = this.#options;
    const at_us = now();
    const planned_us = freed_us === null ? at_us : Math.min(freed_us, at_us);
    const phase = this.#stopped ? null : phaseOfNext(this.#options, at_us, this.#takePlace);
    const job = phase === null ? null : this.#take(counters.takeNumber());
    if (job === null) {
      if (this.firstIdle_us === null) {
        this.firstIdle_us = planned_us;
        this.onFirstIdle(planned_us);
      }
      this.#busy--;
      if (this.#busy === 0) this.#issued.resolve();
      return;
    }
    void launcher.launch(job, { planned_us, released_us: null, phase }).then(({ sent, at_us: ended_us }) => {
      if (sent || this.#stopped) this.#next(ended_us);
      else setTimeout(() => this.#next(null), REST_MS);
    });
  }

  /** Returns job `i`; other workers took those before it. */
  #take(i: number): J | null {
    for (let job = this.#options.jobs.take(); job !== null; job = this.#options.jobs.take()) {
      if (job.i === i) return job;
    }
    return null;
  }
}
