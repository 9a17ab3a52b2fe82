const SEGMENTS = 1024;
const FIRST_CAPACITY = 16;
const GROWTH = 1.5;

/**
 * A set of hashes of 49 bits, in 5 bytes for each slot, of which at most 80% are used. It consists of segments that grow one by one, so that
 * growing needs little memory. A prefix index has one hash for each block of each prompt: some ten millions.
 */
export class HashSet {
  readonly #segments: (Segment | undefined)[] = [];

  /** Adds a hash of two times 32 bits. Returns true if it was there. */
  add(high: number, low: number): boolean {
    const at = high % SEGMENTS;
    const segment = (this.#segments[at] ??= new Segment());
    return segment.add(low, (high >>> 10) & 0x7f);
  }
}

class Segment {
  #size = 0;
  #capacity = FIRST_CAPACITY;
  #low = new Uint32Array(FIRST_CAPACITY);
  /** 7 more bits, and a bit for a slot that is in use. */
  #high = new Uint8Array(FIRST_CAPACITY);

  add(low: number, high: number): boolean {
    const used = high | 0x80;
    if (this.#find(low, used)) return true;
    this.#size++;
    if (this.#size > this.#capacity * 0.8) this.#grow();
    return false;
  }

  /** Returns true if the hash is there; else it is added. */
  #find(low: number, used: number): boolean {
    for (let slot = low % this.#capacity; ; slot = slot + 1 === this.#capacity ? 0 : slot + 1) {
      if (this.#high[slot] === 0) {
        this.#low[slot] = low;
        this.#high[slot] = used;
        return false;
      }
      if (this.#low[slot] === low && this.#high[slot] === used) return true;
    }
  }

  #grow(): void {
    const [low, high] = [this.#low, this.#high];
    this.#capacity = Math.ceil(this.#capacity * GROWTH);
    this.#low = new Uint32Array(this.#capacity);
    this.#high = new Uint8Array(this.#capacity);
    for (const [slot, used] of high.entries()) if (used > 0) this.#find(low[slot]!, used);
  }
}
