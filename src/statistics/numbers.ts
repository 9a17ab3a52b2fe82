/** The number of values that are packed together. */
const BLOCK = 4096;

/** The factors that make a value whole: 1 for microseconds and counts, 1000 for milliseconds of whole microseconds. */
const SCALES = [1, 1000];

type Codes = Uint8Array | Uint16Array | Uint32Array;

/** A packed block: each value is `(code + least) / scale`. Codes are `null` if all values are equal; `scale` is 0 if they are the values. */
interface Block {
  codes: Codes | Float64Array | null;
  least: number;
  scale: number;
}

/**
 * A growing list of numbers in few bytes. Each block of 4096 whole numbers, or thousandths, is kept in 0, 1, 2 or 4 bytes per number, as its
 * range needs, and any other in 8. Every number is read as it was added, bit by bit, except that all NaN are equal.
 */
export class Numbers {
  #blocks: Block[] = [];
  /** The last values, which are not packed yet. */
  #open = new Float64Array(64);
  #used = 0;

  static of(values: ArrayLike<number>): Numbers {
    const numbers = new Numbers();
    for (let k = 0; k < values.length; k++) numbers.push(values[k]!);
    return numbers;
  }

  get length(): number {
    return this.#blocks.length * BLOCK + this.#used;
  }

  push(value: number): void {
    if (this.#used === this.#open.length) this.#makeRoom();
    this.#open[this.#used++] = value;
  }

  /** Returns the number at an index from 0; `undefined` beyond the end. */
  at(index: number): number | undefined {
    const block = this.#blocks[Math.floor(index / BLOCK)];
    if (block === undefined) {
      const rest = index - this.#blocks.length * BLOCK;
      return rest < this.#used ? this.#open[rest] : undefined;
    }
    const { codes, least, scale } = block;
    const code = codes === null ? 0 : codes[index % BLOCK]!;
    return scale === 0 ? code : (code + least) / scale;
  }

  /** Returns a copy of the numbers in their order, of 8 bytes each. */
  values(): Float64Array {
    const values = new Float64Array(this.length);
    this.#blocks.forEach((block, at) => unpack(block, values.subarray(at * BLOCK, (at + 1) * BLOCK)));
    values.set(this.#open.subarray(0, this.#used), this.#blocks.length * BLOCK);
    return values;
  }

  /** Returns the numbers as `values` does, and empties the list. */
  take(): Float64Array {
    const values = this.values();
    this.#blocks = [];
    this.#open = new Float64Array(64);
    this.#used = 0;
    return values;
  }

  #makeRoom(): void {
    if (this.#used < BLOCK) {
      const grown = new Float64Array(2 * this.#used);
      grown.set(this.#open);
      this.#open = grown;
      return;
    }
    this.#blocks.push(packed(this.#open));
    this.#used = 0;
  }
}

function packed(values: Float64Array): Block {
  for (const scale of SCALES) {
    const range = rangeOf(values, scale);
    if (range === null) continue;
    const { least, most } = range;
    if (most === least) return { codes: null, least, scale };
    const Kind = most - least < 2 ** 8 ? Uint8Array : most - least < 2 ** 16 ? Uint16Array : Uint32Array;
    const codes = new Kind(values.length);
    for (let k = 0; k < codes.length; k++) codes[k] = Math.round(values[k]! * scale) - least;
    return { codes, least, scale };
  }
  return { codes: values.slice(), least: 0, scale: 0 };
}

/** Returns the range of the values times the scale; `null` if one of them is not exactly a whole number over the scale, or is too far. */
function rangeOf(values: Float64Array, scale: number): { least: number; most: number } | null {
  let least = Infinity;
  let most = -Infinity;
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    const whole = Math.round(value * scale);
    if (whole / scale !== value || Object.is(value, -0)) return null;
    if (whole < least) least = whole;
    if (whole > most) most = whole;
  }
  const isExact = Number.isSafeInteger(least) && Number.isSafeInteger(most);
  return isExact && most - least < 2 ** 32 ? { least, most } : null;
}

function unpack({ codes, least, scale }: Block, into: Float64Array): void {
  if (codes === null) into.fill(least / scale);
  else if (scale === 0) into.set(codes);
  else for (let k = 0; k < into.length; k++) into[k] = (codes[k]! + least) / scale;
}
