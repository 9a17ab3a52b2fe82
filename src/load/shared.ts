import type { Microseconds } from '../units.ts';

/** Before the instants: the three counters, and four bytes that align them. */
const HEAD_BYTES = 16;
/** An instant and its number. */
const INSTANT_BYTES = 12;
/** A worker that stands still may come to a place so many ends after it became free and still learn when that was. */
const SPARE = 1024;

/**
 * What load workers share, so that caps and slots are one queue over all of them and not a share per worker: three 32-bit
 * counters, and under a cap the instants of the latest ends.
 */
export class SharedCounters {
  readonly #cells: Int32Array;
  readonly #instants: Float64Array;
  /** Beside each instant the number of its end, from 1, written after it. */
  readonly #numbers: Int32Array;

  /** @param buffer of `SharedCounters.bytes` */
  constructor(buffer: SharedArrayBuffer) {
    const size = Math.floor((buffer.byteLength - HEAD_BYTES) / INSTANT_BYTES);
    this.#cells = new Int32Array(buffer, 0, 3);
    this.#instants = new Float64Array(buffer, HEAD_BYTES, size);
    this.#numbers = new Int32Array(buffer, HEAD_BYTES + 8 * size, size);
  }

  /** @param cap on requests in flight, if there is one */
  static bytes(cap: number | null): number {
    return HEAD_BYTES + (cap === null ? 0 : INSTANT_BYTES * (cap + SPARE));
  }

  /** Closed loop: takes the next number of the plan. */
  takeNumber(): number {
    return Atomics.add(this.#cells, 0, 1);
  }

  /** Closed loop by count: takes one of the places of the measurement; how many were taken before. */
  takePlace(): number {
    return Atomics.add(this.#cells, 1, 1);
  }

  /** Open loop with a cap: one released request has ended. */
  countEnd(at_us: Microseconds): void {
    const end = Atomics.add(this.#cells, 2, 1);
    const cell = end % this.#instants.length;
    this.#instants[cell] = at_us;
    Atomics.store(this.#numbers, cell, end + 1);
  }

  /** Whether end `k`, from 0, has come: its instant, or `null`. `now` where it is no longer known, or not yet. */
  endedAt(k: number, now: () => Microseconds): Microseconds | null {
    if (k >= Atomics.load(this.#cells, 2)) return null;
    const cell = k % this.#instants.length;
    const isThere = (): boolean => Atomics.load(this.#numbers, cell) === k + 1;
    const at_us = isThere() ? this.#instants[cell]! : null;
    // Another worker may have written over it in between.
    return at_us !== null && isThere() ? at_us : now();
  }
}

/**
 * A cap on requests in flight, first come first served over all workers. Requests are released in the order of the plan,
 * so request i may go exactly when fewer than `limit` of those before it are still out: when end i − limit has come.
 */
export class Cap {
  readonly #limit: number;
  readonly #counters: SharedCounters;
  readonly #announce: () => void;
  #waiting: (() => void) | null = null;

  /** @param announce tells the other workers that a place is free; each then calls its own `wake`. */
  constructor(limit: number, counters: SharedCounters, announce: () => void) {
    this.#limit = limit;
    this.#counters = counters;
    this.#announce = announce;
  }

  /**
   * Since when request i may go, `null`: not yet. That is when the request before it ended, and not when somebody here came to
   * notice: the time between is goodput's own.
   */
  freeSince(i: number, now: () => Microseconds): Microseconds | null {
    return i < this.#limit ? -Infinity : this.#counters.endedAt(i - this.#limit, now);
  }

  /** Calls back once when a place may have become free. */
  onFree(callback: () => void): void {
    this.#waiting = callback;
  }

  end(at_us: Microseconds): void {
    this.#counters.countEnd(at_us);
    this.wake();
    this.#announce();
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}
