/** Stored in place of NaN and Infinity, which sort in this order too. */
const NOT_A_NUMBER = 0xffffffff;
const INFINITE = 0xfffffffe;
/** From this length on a list grows by a quarter, which leaves less memory unused than doubling. */
const LARGE = 1 << 20;

/**
 * A growing list of numbers without an object per number. While all are whole multiples of a step, as durations in whole microseconds
 * are, a number takes 4 bytes; otherwise 8. Every number reads back as it was pushed, but −0 as 0.
 */
export class Numbers {
  readonly #perUnit: number;
  #values: Uint32Array | Float64Array = new Uint32Array(64);
  #isCompact = true;
  #length = 0;

  /** @param perUnit steps in a unit: 1 for whole numbers, 1000 for microseconds in ms */
  constructor(perUnit = 1) {
    this.#perUnit = perUnit;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    if (!this.#isCompact) {
      this.#values[this.#length++] = value;
      return;
    }
    const steps = this.#stepsOf(value);
    if (steps === null) {
      this.#widen();
      this.#values[this.#length++] = value;
    } else this.#values[this.#length++] = steps;
  }

  /** @param index from 0, below the length */
  at(index: number): number {
    const stored = this.#values[index]!;
    if (!this.#isCompact) return stored;
    return stored < INFINITE ? stored / this.#perUnit : stored === INFINITE ? Infinity : NaN;
  }

  /** Returns the pushed numbers, in their order: 8 bytes each for as long as the caller keeps them. */
  toArray(): Float64Array {
    const all = new Float64Array(this.#length);
    for (let k = 0; k < all.length; k++) all[k] = this.at(k);
    return all;
  }

  /** Sorts the list in place: the order of the pushed numbers is lost. */
  sort(): this {
    this.#values.subarray(0, this.#length).sort();
    return this;
  }

  #stepsOf(value: number): number | null {
    if (value === Infinity) return INFINITE;
    if (Number.isNaN(value)) return NOT_A_NUMBER;
    const steps = Math.round(value * this.#perUnit);
    return steps >= 0 && steps < INFINITE && steps / this.#perUnit === value ? steps : null;
  }

  #grow(): void {
    const size = this.#length < LARGE ? 2 * this.#length : Math.ceil(1.25 * this.#length);
    const grown = this.#isCompact ? new Uint32Array(size) : new Float64Array(size);
    grown.set(this.#values);
    this.#values = grown;
  }

  #widen(): void {
    const wide = new Float64Array(this.#values.length);
    for (let k = 0; k < this.#length; k++) wide[k] = this.at(k);
    this.#values = wide;
    this.#isCompact = false;
  }
}
