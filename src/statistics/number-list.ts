/** A list of numbers that grows, in one typed array. */
export class NumberList<T extends Float64Array | Uint32Array> {
  #values: T;
  #length = 0;

  /** @param values the first array; its type is kept */
  constructor(values: T) {
    this.#values = values;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow(this.#length + 1);
    this.#values[this.#length++] = value;
  }

  pushAll(values: readonly number[]): void {
    const length = this.#length + values.length;
    if (length > this.#values.length) this.#grow(length);
    this.#values.set(values, this.#length);
    this.#length = length;
  }

  #grow(least: number): void {
    const Kind = this.#values.constructor as new (length: number) => T;
    const larger = new Kind(Math.max(16, least, this.#values.length * 2));
    larger.set(this.#values);
    this.#values = larger;
  }

  /** Returns the values, without a copy. */
  values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }
}

export const float64List = (): NumberList<Float64Array> => new NumberList(new Float64Array(0));
export const uint32List = (): NumberList<Uint32Array> => new NumberList(new Uint32Array(0));
