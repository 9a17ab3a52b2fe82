import type { Microseconds } from '../../units.ts';

/**
 * libuv asks the kernel for up to 1,024 ready sockets and asks again within the same turn when it got as many: what the
 * second answer reports may have come after the turn's first stamp. Half of them are read before that can be; the other
 * half is left for reports that are no reads.
 */
const MOST_READS = 512;

/** Stamps the reads of one thread. */
export class ReadClock {
  readonly #now: () => Microseconds;
  readonly #onTurn: ((for_us: Microseconds) => void) | undefined;
  #reads = 0;
  #first: Microseconds = 0;
  /** Number of the turn of the event loop that the latest read belongs to. */
  turn = 0;

  /** @param onTurn called after each turn with reads, with the time from the first of them on */
  constructor(now: () => Microseconds, onTurn?: (for_us: Microseconds) => void) {
    this.#now = now;
    this.#onTurn = onTurn;
  }

  /** The instant of the read that begins now. */
  read(): Microseconds {
    const at = Math.round(this.#now());
    if (this.#reads === 0) {
      this.#first = at;
      this.turn++;
      setImmediate(this.#end);
    }
    this.#reads++;
    return at;
  }

  /**
   * The first stamp of this turn, or `null` where it serves no more: whatever the kernel reported for the turn had arrived by
   * then, however long the reads before this one have taken.
   */
  get turnAt(): Microseconds | null {
    return this.#reads <= MOST_READS ? this.#first : null;
  }

  readonly #end = (): void => {
    this.#reads = 0;
    this.#onTurn?.(this.#now() - this.#first);
  };
}
