import type { Microseconds } from '../units.ts';
import { DueJobs, type Tickets } from './due-jobs.ts';
import type { Ended, Job, Launcher } from './job.ts';
import type { Lookahead } from './lookahead.ts';
import type { Cap } from './shared.ts';
import { deadlineTimer } from './timer.ts';

export interface OpenLoopOptions<J extends Job> {
  /** First turns of sessions in the order of their instants; none is `null`. */
  jobs: Lookahead<J>;
  launcher: Launcher<J>;
  cap: Cap | null;
  /** Tickets of the cap; `null` if sessions have one turn, whose number is then its ticket. */
  tickets: Tickets | null;
  /** The number of ranks, each of which sends every `ranks`-th session of the plan; absent: 1. */
  ranks?: number;
  /** Later turns that are due at or after this instant are not sent; `null`: all are. */
  until_us: Microseconds | null;
  now: () => Microseconds;
}

/** If more requests are due than can be sent, other work (responses, timers, the end of the run) runs after this time. */
const TURN_US = 5000;

/**
 * Sends every first turn at its absolute instant, independently of earlier requests, and every later turn when it is due. A late job is
 * sent late, never dropped.
 */
export class OpenLoop<J extends Job> {
  readonly #options: OpenLoopOptions<J>;
  readonly #jobs: DueJobs<J>;
  readonly #timer;
  readonly #issued = Promise.withResolvers<void>();
  #nextTurn: NodeJS.Immediate | undefined;
  #stopped = false;
  /** Requests in flight that another turn may follow. */
  #continuing = 0;

  constructor(options: OpenLoopOptions<J>) {
    this.#options = options;
    this.#jobs = new DueJobs(options.jobs, options.tickets, options.ranks ?? 1);
    this.#timer = deadlineTimer(options.now);
  }

  /** Resolves once every job was sent or abandoned; requests may still be in flight. */
  start(): Promise<void> {
    this.#step();
    return this.#issued.promise;
  }

  /** Sends no more requests. Jobs that were due before `at_us` are recorded as never sent. */
  stop(at_us: Microseconds): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer.cancel();
    const jobs = this.#jobs;
    const { launcher } = this.#options;
    jobs.stamp(at_us);
    for (let job = jobs.peek(); job !== null && job.planned_us! <= at_us; job = jobs.peek()) {
      const released_us = this.#released_us(job);
      launcher.leave(job, { planned_us: job.planned_us!, released_us, at_us });
      jobs.take();
    }
    jobs.close();
    this.#issued.resolve();
  }

  #step(): void {
    const { cap, now } = this.#options;
    const jobs = this.#jobs;
    clearImmediate(this.#nextTurn);
    const began_us = now();
    while (!this.#stopped) {
      const at_us = now();
      jobs.stamp(at_us);
      const job = jobs.peek();
      if (job === null) {
        if (this.#continuing === 0) this.#issued.resolve();
        return;
      }
      if (job.planned_us! > at_us) {
        this.#timer.arm(job.planned_us!, () => this.#step());
        return;
      }
      if (at_us - began_us > TURN_US) {
        this.#nextTurn = setImmediate(() => this.#step());
        return;
      }
      const ticket = jobs.ticketOf(job);
      if (cap !== null && cap.freeSince(ticket, now) === null) {
        cap.onFree(() => this.#step());
        // Another worker may have freed a place before the callback was registered.
        if (cap.freeSince(ticket, now) === null) {
          this.#stampLater();
          return;
        }
      }
      const released_us = this.#released_us(job);
      jobs.take();
      this.#launch(job, released_us);
    }
  }

  /** Gives jobs that become due while the cap holds others back their tickets. */
  #stampLater(): void {
    const next_us = this.#jobs.nextUnstamped_us;
    if (next_us === null) return;
    this.#timer.arm(next_us, () => {
      this.#jobs.stamp(this.#options.now());
      this.#stampLater();
    });
  }

  #launch(job: J, released_us: Microseconds | null): void {
    const { launcher, cap } = this.#options;
    const ended = launcher.launch(job, { planned_us: job.planned_us!, released_us, phase: job.phase });
    if (!job.isLast) this.#continuing++;
    if (cap !== null || !job.isLast) void ended.then((end) => this.#ended(job, end));
  }

  #ended(job: J, { at_us, next }: Ended<J>): void {
    const { cap, until_us } = this.#options;
    if (!job.isLast) {
      this.#continuing--;
      if (next !== null && (until_us === null || next.planned_us! < until_us)) this.#jobs.add(next);
    }
    cap?.end(at_us);
    // The next turn may be the next job, and with the last one the load has ended.
    if (!job.isLast && !this.#stopped) this.#step();
  }

  /** Returns when the cap released the next job; `null` if it has not. A late notification counts as `send_lag`, never as `queue_wait`. */
  #released_us(job: J): Microseconds | null {
    const { cap, now } = this.#options;
    const free_us = cap?.freeSince(this.#jobs.ticketOf(job), now) ?? null;
    return free_us === null ? null : Math.max(job.planned_us!, Math.min(free_us, now()));
  }
}
