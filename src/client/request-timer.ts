import type { TimeoutKind } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import type { Timeouts } from './client.ts';

/** Node treats a longer delay as 1 ms. */
const MAX_DELAY_MS: Milliseconds = 2 ** 31 - 1;

/** Grace period for bytes that arrived before the deadline. */
const UNREAD_GRACE_US = 1_000_000;

export interface TimerHandler {
  /** Returns true while bytes that have arrived are not read yet: they may have met the deadline. */
  isBusy(): boolean;
  expired(kind: TimeoutKind): void;
}

/**
 * The five timeouts of one request. `connect` runs from the dispatch; `headers`, `first_token` and `total` from the send; `idle` from the
 * latest progress, which is an output event or a finish reason: keep-alive comments must not hold a request open forever.
 *
 * One timer serves them all: it fires at the earliest deadline and is set again if progress has moved that deadline, so an event costs
 * one assignment.
 */
export class RequestTimer {
  readonly #timeouts: Timeouts;
  readonly #now: () => Microseconds;
  readonly #handler: TimerHandler;
  readonly #dispatched: Microseconds;
  #sent: Microseconds | null = null;
  #hasHeaders = false;
  #progress: Microseconds | null = null;
  #timer: NodeJS.Timeout | null = null;
  #firesAt: Microseconds = 0;
  #stopped = false;

  constructor(timeouts: Timeouts, now: () => Microseconds, handler: TimerHandler) {
    this.#timeouts = timeouts;
    this.#now = now;
    this.#handler = handler;
    this.#dispatched = now();
    this.#setTimer(this.#nextDeadline().at);
  }

  sent(at: Microseconds): void {
    this.#sent = at;
    this.#setTimer(this.#nextDeadline().at);
  }

  headers(): void {
    this.#hasHeaders = true;
  }

  progress(at: Microseconds): void {
    const isFirst = this.#progress === null;
    this.#progress = at;
    // Only the first progress can bring the earliest deadline forward: it ends `first_token` and starts `idle`.
    if (!isFirst) return;
    const { at: due } = this.#nextDeadline();
    if (due < this.#firesAt) this.#setTimer(due);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #nextDeadline(): { kind: TimeoutKind; at: Microseconds } {
    if (this.#sent === null) return { kind: 'connect', at: this.#dispatched + this.#timeouts.connect * 1000 };
    const next: { kind: TimeoutKind; at: Microseconds } =
      this.#progress === null
        ? { kind: 'first_token', at: this.#sent + this.#timeouts.firstToken * 1000 }
        : { kind: 'idle', at: this.#progress + this.#timeouts.idle * 1000 };
    const headers = this.#sent + this.#timeouts.headers * 1000;
    const total = this.#sent + this.#timeouts.total * 1000;
    const first: { kind: TimeoutKind; at: Microseconds } =
      !this.#hasHeaders && headers <= next.at ? { kind: 'headers', at: headers } : next;
    return total < first.at ? { kind: 'total', at: total } : first;
  }

  #setTimer(until: Microseconds): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#firesAt = until;
    const delay = Math.max(1, Math.ceil((until - this.#now()) / 1000));
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(delay, MAX_DELAY_MS));
  }

  #onTimer(): void {
    const { at } = this.#nextDeadline();
    // Node runs timers before it polls sockets: after a pause of this process, the answer may be waiting in the kernel.
    if (this.#now() >= at) setImmediate(() => this.#recheck());
    else this.#setTimer(at);
  }

  #recheck(): void {
    if (this.#stopped) return;
    const { kind, at } = this.#nextDeadline();
    if (this.#now() < at) this.#setTimer(at);
    // A stream that never pauses is never completely read, so the grace period is limited.
    else if (this.#handler.isBusy() && this.#now() < at + UNREAD_GRACE_US)
      setImmediate(() => this.#recheck());
    else this.#handler.expired(kind);
  }
}
