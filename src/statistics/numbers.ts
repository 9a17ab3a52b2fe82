/** A growing list of numbers without an object per number: a million of them take 8 MB. */
export class Numbers {
  #values = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const grown = new Float64Array(2 * this.#length);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#length++] = value;
  }

  /** Returns a view of the pushed numbers, in their order. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  /** Returns a view of the pushed numbers, sorted in place: their order is lost. */
  sorted(): Float64Array {
    return this.#values.subarray(0, this.#length).sort();
  }
}
