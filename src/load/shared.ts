import type { Microseconds } from '../units.ts';

/** The bytes before the instants: four counters. */
const HEAD_BYTES = 16;
/** The bytes of an instant and its number. */
const INSTANT_BYTES = 12;
/** Instants that are kept beyond the cap: a worker that was blocked can read when a place became free until this many later ends. */
const EXTRA_INSTANTS = 1024;

/**
 * Memory that the load workers share, so that a cap or the slots are one queue over all workers and not a share per worker: four
 * 32-bit counters and, with a cap, the instants of the latest ends.
 */
export class SharedCounters {
  readonly #cells: Int32Array;
  readonly #instants: Float64Array;
  /** For each instant the number of its end, from 1, written after the instant. */
  readonly #numbers: Int32Array;

  /** @param buffer of the size that `SharedCounters.bytes` returns */
  constructor(buffer: SharedArrayBuffer) {
    const size = Math.floor((buffer.byteLength - HEAD_BYTES) / INSTANT_BYTES);
    this.#cells = new Int32Array(buffer, 0, 4);
    this.#instants = new Float64Array(buffer, HEAD_BYTES, size);
    this.#numbers = new Int32Array(buffer, HEAD_BYTES + 8 * size, size);
  }

  /** @param cap the limit on requests in flight, if there is one */
  static bytes(cap: number | null): number {
    return HEAD_BYTES + (cap === null ? 0 : INSTANT_BYTES * (cap + EXTRA_INSTANTS));
  }

  /** Closed loop: takes the next number of the plan. */
  takeNumber(): number {
    return Atomics.add(this.#cells, 0, 1);
  }

  /** Closed loop of N requests: takes one of the places of the measurement. @returns the number of places taken before */
  takePlace(): number {
    return Atomics.add(this.#cells, 1, 1);
  }

  /** Open loop with a cap and sessions of several turns: takes the next ticket. */
  takeTicket(): number {
    return Atomics.add(this.#cells, 3, 1);
  }

  /** Open loop with a cap: records the end of a released request. */
  countEnd(at_us: Microseconds): void {
    const end = Atomics.add(this.#cells, 2, 1);
    const cell = end % this.#instants.length;
    this.#instants[cell] = at_us;
    Atomics.store(this.#numbers, cell, end + 1);
  }

  /** Returns the instant of end `k`, from 0; `null` if it has not happened; `now` if its instant is no longer known, or not yet. */
  endedAt(k: number, now: () => Microseconds): Microseconds | null {
    if (k >= Atomics.load(this.#cells, 2)) return null;
    const cell = k % this.#instants.length;
    const isStored = (): boolean => Atomics.load(this.#numbers, cell) === k + 1;
    const at_us = isStored() ? this.#instants[cell]! : null;
    // Another worker may have overwritten it in between.
    return at_us !== null && isStored() ? at_us : now();
  }
}

/**
 * A cap on requests in flight, first come first served over all workers. Requests are released in the order of their tickets, which is that
 * of the plan, or that in which they were due: ticket t may be sent exactly when fewer than `limit` earlier ones are in flight, which is
 * when end t − limit has happened.
 */
export class Cap {
  readonly #limit: number;
  readonly #counters: SharedCounters;
  readonly #announce: () => void;
  #waiting: (() => void) | null = null;

  /** @param announce notifies the other workers that a place is free; each then calls its own `wake` */
  constructor(limit: number, counters: SharedCounters, announce: () => void) {
    this.#limit = limit;
    this.#counters = counters;
    this.#announce = announce;
  }

  /**
   * Returns when ticket t was released; `null`: not yet. This is when an earlier request ended, not when this worker noticed: the time
   * in between is goodput's own delay.
   */
  freeSince(t: number, now: () => Microseconds): Microseconds | null {
    return t < this.#limit ? -Infinity : this.#counters.endedAt(t - this.#limit, now);
  }

  /** Calls back once, when a place may have become free. */
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
