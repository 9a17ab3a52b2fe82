/**
 * The counters that load workers share, so that caps and slots are one queue over all of them and not a share per worker.
 * `SharedArrayBuffer` of three 32-bit integers.
 */
export class SharedCounters {
  static readonly BYTES = 12;
  readonly #cells: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#cells = new Int32Array(buffer);
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
  countEnd(): void {
    Atomics.add(this.#cells, 2, 1);
  }

  get ended(): number {
    return Atomics.load(this.#cells, 2);
  }
}

/**
 * A cap on requests in flight, first come first served over all workers. Requests are released in the order of the plan,
 * so request i may go exactly when fewer than `limit` of those before it are still out: i < ended + limit.
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

  mayGo(i: number): boolean {
    return i < this.#counters.ended + this.#limit;
  }

  /** Calls back once when a place may have become free. */
  onFree(callback: () => void): void {
    this.#waiting = callback;
  }

  end(): void {
    this.#counters.countEnd();
    this.wake();
    this.#announce();
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.();
  }
}
