import type { Microseconds } from '../units.ts';
import type { Job, Launcher } from './job.ts';
import type { Lookahead } from './lookahead.ts';
import type { Cap } from './shared.ts';
import { deadlineTimer } from './timer.ts';

export interface OpenLoopOptions<J extends Job> {
  /** In the order of their instants; none is `null`. */
  jobs: Lookahead<J>;
  launcher: Launcher<J>;
  cap: Cap | null;
  now: () => Microseconds;
}

/** If more requests are due than can be sent, other work (responses, timers, the end of the run) runs after this time. */
const TURN_US = 5000;

/** Sends every job at its absolute instant, independently of earlier requests. A late job is sent late, never dropped. */
export class OpenLoop<J extends Job> {
  readonly #options: OpenLoopOptions<J>;
  readonly #timer;
  readonly #issued = Promise.withResolvers<void>();
  #nextTurn: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(options: OpenLoopOptions<J>) {
    this.#options = options;
    this.#timer = deadlineTimer(options.now);
  }

  /** Resolves once every job was sent or abandoned; requests may still be in flight. */
  start(): Promise<void> {
    this.#step();
    return this.#issued.promise;
  }

  /** Sends no more requests. Jobs that were planned before `at_us` are recorded as never sent. */
  stop(at_us: Microseconds): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer.cancel();
    const { jobs, launcher } = this.#options;
    for (let job = jobs.peek(); job !== null && job.planned_us! <= at_us; job = jobs.peek()) {
      const released_us = this.#released_us(job.i, job.planned_us!);
      launcher.leave(job, { planned_us: job.planned_us!, released_us, at_us });
      jobs.take();
    }
    jobs.close();
    this.#issued.resolve();
  }

  #step(): void {
    const { jobs, launcher, cap, now } = this.#options;
    clearImmediate(this.#nextTurn);
    const began_us = now();
    while (!this.#stopped) {
      const job = jobs.peek();
      if (job === null) {
        this.#issued.resolve();
        return;
      }
      const planned_us = job.planned_us!;
      const at_us = now();
      if (planned_us > at_us) {
        this.#timer.arm(planned_us, () => this.#step());
        return;
      }
      if (at_us - began_us > TURN_US) {
        this.#nextTurn = setImmediate(() => this.#step());
        return;
      }
      if (cap !== null && cap.freeSince(job.i, now) === null) {
        cap.onFree(() => this.#step());
        // Another worker may have freed a place before the callback was registered.
        if (cap.freeSince(job.i, now) === null) return;
      }
      jobs.take();
      const released_us = this.#released_us(job.i, planned_us);
      const ended = launcher.launch(job, { planned_us, released_us, phase: job.phase });
      if (cap !== null) void ended.then(({ at_us: freed_us }) => cap.end(freed_us));
    }
  }

  /** Returns when the cap released the job; `null` if it has not. A late notification counts as `send_lag`, never as `queue_wait`. */
  #released_us(i: number, planned_us: Microseconds): Microseconds | null {
    const { cap, now } = this.#options;
    const free_us = cap?.freeSince(i, now) ?? null;
    return free_us === null ? null : Math.max(planned_us, Math.min(free_us, now()));
  }
}
