import type { Microseconds } from '../../units.ts';
import { BatchingEngine, type Step } from './batching-engine.ts';
import type { BatchingRequest, BatchingSettings } from './batching.ts';
import type { Clock } from './engine-clock.ts';
import { type CostModel, stepTimeOf } from './cost.ts';

/** What a request hears of the engine. Instants are the engine's own, however late they are told. */
export interface Listener {
  /** Token k = 0, 1, 2 … was computed. */
  token(k: number, at_us: Microseconds): void;
  /** It begins to run, with so many tokens found in the cache; again after each preemption. */
  admitted?(at_us: Microseconds, cached: number): void;
  preempted?(at_us: Microseconds): void;
}

export interface Ticket {
  /** When it entered the engine. */
  arrived_us: Microseconds;
  /** No more tokens, and its place is free; nothing where it has ended. */
  cancel(): void;
}

/** A longer timer of Node's fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Node's timers count whole milliseconds from a cached clock, so they may come more than one late: stop that much before. */
const COARSE_US = 1500;
/** Looking again and again through the last stretch is allowed once per this time, so that it cannot fill a core. */
const POLL_EVERY_US = 4000;
/** A turn of the loop takes some tens of microseconds. A step begins right after the one before. */
const SOON_US = 100;

/**
 * Runs the engine in real time, with one timer that is always set for the engine's next instant. Instants are absolute and the
 * engine's own, so a late timer makes the tokens due meanwhile late and none after them.
 */
export class Driver {
  readonly #engine: BatchingEngine;
  readonly #clock: Clock;
  readonly #listeners = new Map<number, { output: number; listener: Listener }>();
  #armedFor_us: Microseconds | null = null;
  #disarm: () => void = () => {};
  #lastPoll_us = -Infinity;
  /** The engine's instant while it advances: whoever submits or cancels in return to a token does so then. */
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

  /** Share of the KV cache's blocks that requests hold. */
  get cacheUsage(): number {
    return this.#engine.cacheUsage;
  }

  submit(request: BatchingRequest, listener: Listener): Ticket {
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

  /** All that is submitted meanwhile arrives at one instant. */
  together(submit: () => void): void {
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

  /** The engine stands still for so long; what is under way ends that much later. */
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
    // Whoever advances arms at the end.
    if (this.#at_us !== null) return;
    const next_us = this.#engine.next_us();
    if (next_us === this.#armedFor_us) return;
    this.#disarm();
    this.#disarm = () => {};
    this.#armedFor_us = next_us;
    if (next_us !== null) this.#await(next_us, false);
  }

  /** Waits, and looks again. What is due already waits for a turn of the loop too, so that a late engine lets sockets live. */
  #await(next_us: Microseconds, polling: boolean): void {
    const now_us = this.#clock.now();
    const left_us = next_us - now_us;
    const look = (polled: boolean) => (): void => {
      if (this.#clock.now() < next_us) {
        this.#await(next_us, polled);
        return;
      }
      this.#armedFor_us = null;
      this.#advance();
      this.#arm();
    };
    if (left_us > COARSE_US) {
      const wait_ms = Math.floor((left_us - COARSE_US) / 1000) + 1;
      this.#disarm = this.#clock.after(Math.min(wait_ms, LONGEST_TIMER_MS), look(false));
    } else if (left_us <= SOON_US || polling || now_us - this.#lastPoll_us >= POLL_EVERY_US) {
      if (left_us > SOON_US) this.#lastPoll_us = now_us;
      this.#disarm = this.#clock.soon(look(polling || left_us > SOON_US));
    } else {
      this.#disarm = this.#clock.after(1, look(false));
    }
  }
}
