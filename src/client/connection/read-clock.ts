import { performance } from 'node:perf_hooks';
import type { Microseconds, Milliseconds } from '../../units.ts';

/**
 * libuv asks the kernel for up to 1,024 ready sockets, and asks again within the same iteration if it got that many: the second answer
 * may report bytes that arrived after the iteration's first stamp. Up to half as many reads cannot be from a second answer; the other
 * half allows for events that are not reads.
 */
const MAX_READS = 512;

/** The reads of one iteration of the event loop, and how late their stamps may be. */
export interface IterationReads {
  /** The time since the first of them. */
  for_us: Microseconds;
  /**
   * The time from the previous iteration's first read to this one's if the loop found data without waiting: it arrived meanwhile, and the
   * stamps are late by up to this time. 0 if the loop waited: the stamps are those of the arrival.
   */
  since_us: Microseconds;
  /** The number of reads with the stamp of the first. */
  shared: number;
  /** For each other read, its time since the first: its data may have arrived with that of the first. */
  own_us: readonly Microseconds[];
}

/** Stamps the reads of one thread, by iteration of the event loop. */
export class ReadClock {
  readonly #now: () => Microseconds;
  readonly #onIteration: ((reads: IterationReads) => void) | undefined;
  readonly #idle: () => Milliseconds;
  #first: Microseconds = 0;
  #since: Microseconds = 0;
  #shared = 0;
  #own: Microseconds[] = [];
  /** The idle time of the loop at the end of the previous iteration with reads. libuv counts it only where no data is ready. */
  #idleBefore: Milliseconds | null = null;
  iteration = 0;

  /**
   * @param onIteration called after each iteration with reads
   * @param idle the time that the event loop has waited so far
   */
  constructor(
    now: () => Microseconds,
    onIteration?: (reads: IterationReads) => void,
    idle = (): Milliseconds => performance.nodeTiming.idleTime,
  ) {
    this.#now = now;
    this.#onIteration = onIteration;
    this.#idle = idle;
  }

  read(): Microseconds {
    const at = Math.round(this.#now());
    if (this.#own.length + this.#shared === 0) {
      this.#since = this.#idle() === this.#idleBefore ? at - this.#first : 0;
      this.#first = at;
      this.iteration++;
      setImmediate(this.#end);
    }
    this.#own.push(at - this.#first);
    return at;
  }

  /**
   * Gives the latest read the first stamp of this iteration, by which all bytes that the kernel reported for it had arrived, however long the
   * reads took; returns `null` if that no longer holds.
   */
  share(): Microseconds | null {
    if (this.#own.length + this.#shared > MAX_READS) return null;
    this.#own.pop();
    this.#shared++;
    return this.#first;
  }

  readonly #end = (): void => {
    const [since_us, shared, own_us] = [this.#since, this.#shared, this.#own];
    this.#shared = 0;
    this.#own = [];
    this.#idleBefore = this.#idle();
    this.#onIteration?.({ for_us: this.#now() - this.#first, since_us, shared, own_us });
  };
}
