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

  /** A view of what has been pushed so far, in that order. */
  view(): Float64Array {
    return this.#values.subarray(0, this.#length);
  }

  /** A view of what has been pushed so far, sorted in place: the order of pushing is lost. */
  sorted(): Float64Array {
    return this.#values.subarray(0, this.#length).sort();
  }
}
