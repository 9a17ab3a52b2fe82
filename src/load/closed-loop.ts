import { Heap } from '../heap.ts';
import { COMPLETE } from '../plan/share.ts';
import type { Phase } from '../sample.ts';
import type { PlanShare } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import type { Job, Launcher } from './job.ts';
import type { Lookahead } from './lookahead.ts';
import type { SharedCounters } from './shared.ts';
import { type ClosedLoopLimits, phaseOfNext } from './slot-rule.ts';
import { deadlineTimer } from './timer.ts';

export interface ClosedLoopOptions<J extends Job> extends ClosedLoopLimits {
  /** First turns of all sessions of the plan (with ranks: of the rank) in order, including those that other workers will take. */
  jobs: Lookahead<J>;
  launcher: Launcher<J>;
  counters: SharedCounters;
  /** The sessions of the plan that this process sends; absent: all. */
  share?: PlanShare;
  /** Users of this worker. */
  slots: number;
  now: () => Microseconds;
}

/** A user who thinks before the next turn. */
interface Thinking<J extends Job> {
  job: J;
  /** Phase of the session. */
  phase: Phase;
}

/** A slot waits this long after a request that could not be sent, so that a dead endpoint is not flooded and the folder stays small. */
const REST_MS = 100;

/**
 * The number of slots that begin in one turn of the event loop. Opening a connection takes 0.1 to 0.2 ms: 10,000 in one turn would
 * block the loop for 2 s, 16 block it for less than 3 ms.
 */
const BEGIN_PER_TURN = 16;

/**
 * Keeps a number of users busy: each carries out the turns of a session, thinks between them, and begins the next session of the plan as
 * soon as one has ended. With single requests a user is a slot that is always in use.
 */
export class ClosedLoop<J extends Job> {
  readonly #options: ClosedLoopOptions<J>;
  readonly #timer;
  readonly #issued = Promise.withResolvers<void>();
  readonly #thinking = new Heap<Thinking<J>>(
    (a, b) => a.job.planned_us! - b.job.planned_us! || a.job.i - b.job.i,
  );
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
      this.#arm();
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

  /** Arms the timer for the end of the measurement or the next turn of a user who thinks. */
  #arm(): void {
    if (this.#stopped) return;
    const due_us = this.#thinking.peek()?.job.planned_us ?? Infinity;
    const at_us = Math.min(due_us, this.#options.measureTo_us ?? Infinity);
    if (at_us !== Infinity) this.#timer.arm(at_us, () => this.#wake());
  }

  #wake(): void {
    const { measureTo_us, now } = this.#options;
    const at_us = now();
    for (let next = this.#thinking.peek(); next !== undefined; next = this.#thinking.peek()) {
      const due_us = next.job.planned_us!;
      if (due_us > at_us || this.#stopped) break;
      this.#thinking.pop();
      this.#continue(next.job, next.phase);
    }
    if (measureTo_us !== null && at_us >= measureTo_us) this.stop();
    else this.#arm();
  }

  /** @param freed_us when the slot's last response ended. The next request was due then: the time since then is goodput's own delay. */
  #next(freed_us: Microseconds | null): void {
    const { counters, now, share = COMPLETE } = this.#options;
    const at_us = now();
    const planned_us = freed_us === null ? at_us : Math.min(freed_us, at_us);
    const phase = this.#stopped ? null : phaseOfNext(this.#options, at_us, this.#takePlace, null);
    const job = phase === null ? null : this.#take(share.index + share.of * counters.takeNumber());
    if (job === null) this.#idle(planned_us);
    else this.#launch(job, planned_us, phase!);
  }

  /** Sends a later turn, which is due. */
  #continue(job: J, session: Phase): void {
    const due_us = job.planned_us!;
    const phase = phaseOfNext(this.#options, due_us, this.#takePlace, session);
    if (phase === null) this.#idle(due_us);
    else this.#launch(job, due_us, phase);
  }

  #idle(at_us: Microseconds): void {
    if (this.firstIdle_us === null) {
      this.firstIdle_us = at_us;
      this.onFirstIdle(at_us);
    }
    this.#busy--;
    if (this.#busy === 0) this.#issued.resolve();
  }

  #launch(job: J, planned_us: Microseconds, phase: Phase): void {
    const ended = this.#options.launcher.launch(job, { planned_us, released_us: null, phase });
    void ended.then(({ sent, at_us, next }) => {
      if (next !== null && !this.#stopped) {
        this.#thinking.push({ job: next, phase });
        // A turn without a delay is due now.
        this.#wake();
      } else if (sent || this.#stopped) this.#next(at_us);
      else setTimeout(() => this.#next(null), REST_MS);
    });
  }

  /** Returns the first turn of a session; other workers took those before it. `null` if the plan has ended. */
  #take(session: number): J | null {
    for (let job = this.#options.jobs.take(); job !== null; job = this.#options.jobs.take()) {
      if (job.session === session) return job;
    }
    return null;
  }
}
