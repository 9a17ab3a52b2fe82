import type { Microseconds } from '../../units.ts';
import { BatchingEngine, type Step } from './batching-engine.ts';
import type { BatchingRequest, BatchingSettings } from './batching.ts';
import type { Clock } from './engine-clock.ts';
import { type CostModel, stepTimeOf } from './cost.ts';

/** Callbacks for one request. Instants are the engine's own, however late the calls are. */
export interface Listener {
  /** Token k = 0, 1, 2 … was computed. */
  token(k: number, at_us: Microseconds): void;
  /** The request begins to run, with this many tokens found in the cache; called again after each preemption. */
  admitted?(at_us: Microseconds, cached: number): void;
  preempted?(at_us: Microseconds): void;
}

export interface Submission {
  arrived_us: Microseconds;
  cancel(): void;
}

/** Node fires a longer timer immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Node's timers count whole milliseconds from a cached clock and may fire more than one late: timers stop this long before the instant. */
const TIMER_ERROR_US = 1500;
/** Polling through the last stretch is allowed once per this time, so that it cannot use a full core. */
const POLL_EVERY_US = 4000;
/** An iteration of the event loop takes some tens of microseconds, and a step begins right after the previous one. */
const ITERATION_US = 100;

/**
 * Runs the engine in real time, with one timer that is always set for the engine's next instant. Instants are absolute and the engine's
 * own, so a late timer delays the tokens that were due and no later ones.
 */
export class Driver {
  readonly #engine: BatchingEngine;
  readonly #clock: Clock;
  readonly #listeners = new Map<number, { output: number; listener: Listener }>();
  #armedFor_us: Microseconds | null = null;
  #disarm: () => void = () => {};
  #lastPoll_us = -Infinity;
  /** The engine's instant during `advance`: a submission or cancellation by a callback happens then. */
  #at_us: Microseconds | null = null;

  constructor(settings: BatchingSettings, cost: CostModel, clock: Clock, onStep?: (step: Step) => void) {
    this.#clock = clock;
    this.#engine = new BatchingEngine(settings, stepTimeOf(cost), {
      admitted: (id, at_us, cached) => this.#listeners.get(id)?.listener.admitted?.(at_us, cached),
      preempted: (id, at_us) => this.#listeners.get(id)?.listener.preempted?.(at_us),
      ...(onStep === undefined ? {} : { step: onStep }),
    });
  }

  get inFlight(): number {
    return this.#engine.inFlight;
  }

  get running(): number {
    return this.#engine.running;
  }

  get cacheUsage(): number {
    return this.#engine.cacheUsage;
  }

  submit(request: BatchingRequest, listener: Listener): Submission {
    const arrived_us = this.#advance();
    const id = this.#engine.submit(arrived_us, request);
    this.#listeners.set(id, { output: request.output, listener });
    this.#arm();
    return {
      arrived_us,
      cancel: () => {
        if (!this.#listeners.delete(id)) return;
        this.#engine.cancel(this.#advance(), id);
        this.#arm();
      },
    };
  }

  /** Makes everything that `submit` submits arrive at the same instant. */
  batch(submit: () => void): void {
    if (this.#at_us !== null) {
      submit();
      return;
    }
    this.#at_us = this.#advance();
    try {
      submit();
    } finally {
      this.#at_us = null;
    }
    this.#arm();
  }

  /** Pauses the engine; work in progress ends that much later. */
  delay(by_us: Microseconds): void {
    this.#advance();
    this.#engine.delay(by_us);
    this.#arm();
  }

  stop(): void {
    this.#disarm();
    this.#listeners.clear();
  }

  #advance(): Microseconds {
    if (this.#at_us !== null) return this.#at_us;
    const now_us = this.#clock.now();
    this.#engine.advance(now_us, (id, k, at_us) => {
      this.#at_us = at_us;
      const known = this.#listeners.get(id);
      if (known === undefined) return;
      if (k === known.output - 1) this.#listeners.delete(id);
      known.listener.token(k, at_us);
    });
    this.#at_us = null;
    return now_us;
  }

  #arm(): void {
    // `#advance` is followed by `#arm`.
    if (this.#at_us !== null) return;
    const next_us = this.#engine.next_us();
    if (next_us === this.#armedFor_us) return;
    this.#disarm();
    this.#disarm = () => {};
    this.#armedFor_us = next_us;
    if (next_us !== null) this.#waitFor(next_us, false);
  }

  /**
   * Waits for an instant. Even if it has passed, waits for an iteration of the event loop, so that sockets are served when the engine is
   * late.
   */
  #waitFor(next_us: Microseconds, isPolling: boolean): void {
    const now_us = this.#clock.now();
    const left_us = next_us - now_us;
    const look = (polled: boolean) => (): void => {
      if (this.#clock.now() < next_us) {
        this.#waitFor(next_us, polled);
        return;
      }
      this.#armedFor_us = null;
      this.#advance();
      this.#arm();
    };
    if (left_us > TIMER_ERROR_US) {
      const wait_ms = Math.floor((left_us - TIMER_ERROR_US) / 1000) + 1;
      this.#disarm = this.#clock.after(Math.min(wait_ms, MAX_TIMER_MS), look(false));
    } else if (left_us <= ITERATION_US || isPolling || now_us - this.#lastPoll_us >= POLL_EVERY_US) {
      if (left_us > ITERATION_US) this.#lastPoll_us = now_us;
      this.#disarm = this.#clock.soon(look(isPolling || left_us > ITERATION_US));
    } else {
      this.#disarm = this.#clock.after(1, look(false));
    }
  }
}
