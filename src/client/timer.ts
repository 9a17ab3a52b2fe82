import type { TimeoutKind } from '../sample.ts';
import type { Microseconds, Milliseconds } from '../units.ts';
import type { Timeouts } from './client.ts';

/** Node takes a longer delay for 1 ms. */
const LONGEST_DELAY: Milliseconds = 2 ** 31 - 1;

/** What has come in time is read within this. */
const PATIENCE_US = 1_000_000;

export interface TimerHandler {
  /** Bytes have arrived that are not read yet: what they hold may be in time. */
  busy(): boolean;
  expired(kind: TimeoutKind): void;
}

/**
 * The five limits of one request. `connect` runs from the dispatch; `headers`, `first_token` and `total` from the send;
 * `idle` from the latest progress, which is an output event or a finish reason and nothing else: keep-alive comments
 * must not hold a request open for ever.
 *
 * One timer stands for them all: it wakes at the earliest limit, looks again, and goes on sleeping where progress has
 * moved that limit, so an event costs an assignment.
 */
export class RequestTimer {
  readonly #timeouts: Timeouts;
  readonly #now: () => Microseconds;
  readonly #handler: TimerHandler;
  readonly #begun: Microseconds;
  #sent: Microseconds | null = null;
  #hasHeaders = false;
  #progress: Microseconds | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wakesAt: Microseconds = 0;
  #stopped = false;

  constructor(timeouts: Timeouts, now: () => Microseconds, handler: TimerHandler) {
    this.#timeouts = timeouts;
    this.#now = now;
    this.#handler = handler;
    this.#begun = now();
    this.#sleep(this.#earliest().at);
  }

  sent(at: Microseconds): void {
    this.#sent = at;
    this.#sleep(this.#earliest().at);
  }

  headers(): void {
    this.#hasHeaders = true;
  }

  progress(at: Microseconds): void {
    const isFirst = this.#progress === null;
    this.#progress = at;
    // Only the first progress can bring the earliest limit nearer: it ends `first_token` and begins `idle`.
    if (!isFirst) return;
    const { at: due } = this.#earliest();
    if (due < this.#wakesAt) this.#sleep(due);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #earliest(): { kind: TimeoutKind; at: Microseconds } {
    if (this.#sent === null) return { kind: 'connect', at: this.#begun + this.#timeouts.connect * 1000 };
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

  #sleep(until: Microseconds): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#wakesAt = until;
    const delay = Math.max(1, Math.ceil((until - this.#now()) / 1000));
    this.#timer = setTimeout(() => this.#wake(), Math.min(delay, LONGEST_DELAY));
  }

  #wake(): void {
    const { at } = this.#earliest();
    // Node runs timers before it polls sockets: after a stall of our own the answer may be waiting in the kernel.
    if (this.#now() >= at) setImmediate(() => this.#lookAgain());
    else this.#sleep(at);
  }

  #lookAgain(): void {
    if (this.#stopped) return;
    const { kind, at } = this.#earliest();
    if (this.#now() < at) this.#sleep(at);
    // What comes without end is never read whole.
    else if (this.#handler.busy() && this.#now() < at + PATIENCE_US) setImmediate(() => this.#lookAgain());
    else this.#handler.expired(kind);
  }
}
