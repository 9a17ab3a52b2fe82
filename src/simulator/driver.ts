import type { Microseconds, Milliseconds } from '../units.ts';
import type { Engine, EngineRequest } from './engine.ts';

export interface Clock {
  /** Whole microseconds, monotonic, rounded down: no token leaves before its instant. */
  now(): Microseconds;
  /** Calls back once after `ms`; returns the way to take that back. */
  after(ms: Milliseconds, callback: () => void): () => void;
}

/** This process's monotonic clock. */
const REAL_CLOCK: Clock = {
  now: () => Math.floor(performance.now() * 1000),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** A longer timer of Node's fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs an engine in real time with one timer, which is always set for the engine's next instant. Every instant is the
 * engine's own, so a late timer makes the tokens due meanwhile late and none after them.
 */
export class Driver {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #listeners = new Map<number, (k: number) => void>();
  #armedFor_us: Microseconds | null = null;
  #disarm: () => void = () => {};

  constructor(engine: Engine, clock: Clock = REAL_CLOCK) {
    this.#engine = engine;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#engine.inFlight;
  }

  /** `onToken(k)` is called once for each token; returns the way to cancel what has not come yet. */
  submit(request: EngineRequest, onToken: (k: number) => void): () => void {
    const now_us = this.#advance();
    const id = this.#engine.submit(now_us, request);
    this.#listeners.set(id, (k) => {
      if (k === request.output - 1) this.#listeners.delete(id);
      onToken(k);
    });
    this.#arm();
    return () => {
      if (!this.#listeners.delete(id)) return;
      this.#engine.cancel(this.#advance(), id);
      this.#arm();
    };
  }

  stop(): void {
    this.#disarm();
    this.#listeners.clear();
  }

  #advance(): Microseconds {
    const now_us = this.#clock.now();
    this.#engine.advance(now_us, (id, k) => this.#listeners.get(id)?.(k));
    return now_us;
  }

  #arm(): void {
    const next_us = this.#engine.next_us();
    if (next_us === this.#armedFor_us) return;
    this.#disarm();
    this.#armedFor_us = next_us;
    if (next_us === null) {
      this.#disarm = () => {};
      return;
    }
    // Node's timers count whole milliseconds and may fire up to one early; rounding up saves most second looks.
    const wait_ms = Math.ceil((next_us - this.#clock.now()) / 1000);
    this.#disarm = this.#clock.after(Math.min(Math.max(wait_ms, 0), LONGEST_TIMER_MS), () => {
      this.#armedFor_us = null;
      this.#advance();
      this.#arm();
    });
  }
}
