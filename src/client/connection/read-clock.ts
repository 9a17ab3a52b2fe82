import type { Microseconds } from '../../units.ts';

/**
 * libuv asks the kernel for up to 1,024 ready sockets, and asks again within the same iteration if it got that many: the second answer
 * may report bytes that arrived after the iteration's first stamp. Up to half as many reads cannot be from a second answer; the other
 * half allows for events that are not reads.
 */
const MAX_READS = 512;

/** Stamps the reads of one thread, by iteration of the event loop. */
export class ReadClock {
  readonly #now: () => Microseconds;
  readonly #onIteration: ((for_us: Microseconds) => void) | undefined;
  #reads = 0;
  #first: Microseconds = 0;
  iteration = 0;

  /** @param onIteration called after each iteration with reads, with the time since the first of them */
  constructor(now: () => Microseconds, onIteration?: (for_us: Microseconds) => void) {
    this.#now = now;
    this.#onIteration = onIteration;
  }

  read(): Microseconds {
    const at = Math.round(this.#now());
    if (this.#reads === 0) {
      this.#first = at;
      this.iteration++;
      setImmediate(this.#end);
    }
    this.#reads++;
    return at;
  }

  /**
   * The first stamp of this iteration, by which all bytes that the kernel reported for it had arrived, however long the reads took;
   * `null` if that no longer holds.
   */
  get iterationStart(): Microseconds | null {
    return this.#reads <= MAX_READS ? this.#first : null;
  }

  readonly #end = (): void => {
    this.#reads = 0;
    this.#onIteration?.(this.#now() - this.#first);
  };
}
