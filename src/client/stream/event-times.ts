import type { Microseconds } from '../../units.ts';

/** Up to 64 bytes V8 keeps the elements inside of the array object. */
const FEW = 16;
/** What an answer that outgrows them gets next: each step takes a memory of its own, and most answers are longer than 64. */
const SOME = 128;
const LARGEST = 2 ** 32 - 1;

/**
 * When the output events of one answer came: the first one's instant, and of each later one the time since the one before, in whole
 * microseconds. Four bytes an event in a growing typed array: 10,000 streams of 1,000 events take 40 MB and nothing of the collector's
 * time. A gap of more than 71 minutes makes it eight.
 */
export class EventTimes {
  #first: Microseconds = 0;
  #last: Microseconds = 0;
  #count = 0;
  /** `#gaps[k]` lies between events k and k + 1. */
  #gaps: Uint32Array | Float64Array = new Uint32Array(FEW);

  get count(): number {
    return this.#count;
  }

  /** Of the last event; 0 before the first. */
  get last(): Microseconds {
    return this.#last;
  }

  /** @returns the time since the event before; of the first one the instant */
  add(at: Microseconds): Microseconds {
    const gap = at - this.#last;
    if (this.#count === 0) this.#first = at;
    else this.#set(this.#count - 1, gap);
    this.#last = at;
    this.#count++;
    return gap;
  }

  /** The last event came at `at` already, which is not before the one that preceded it. */
  bringForward(at: Microseconds): void {
    const early = this.#last - at;
    if (this.#count === 1) this.#first -= early;
    else this.#gaps[this.#count - 2]! -= early;
    this.#last = at;
  }

  /** As a sample has them: the first from the origin, each later one as the difference to the one before. */
  deltas(): Float64Array {
    const deltas = new Float64Array(this.#count);
    if (this.#count === 0) return deltas;
    deltas[0] = this.#first;
    deltas.set(this.#gaps.subarray(0, this.#count - 1), 1);
    return deltas;
  }

  #set(k: number, gap: Microseconds): void {
    if (gap > LARGEST && this.#gaps instanceof Uint32Array) this.#gaps = new Float64Array(this.#gaps);
    if (k === this.#gaps.length) {
      const length = Math.max(2 * k, SOME);
      const grown = this.#gaps instanceof Uint32Array ? new Uint32Array(length) : new Float64Array(length);
      grown.set(this.#gaps);
      this.#gaps = grown;
    }
    this.#gaps[k] = gap;
  }
}
