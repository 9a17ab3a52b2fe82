import { ScratchFile } from '../scratch-file.ts';

/** The number of values that are packed together. */
const BLOCK = 4096;
/** Bytes of packed values that a list keeps in memory. */
const IN_MEMORY = 4 * 1024 * 1024;

/** The factors that make a value whole: 1 for microseconds and counts, 1000 for milliseconds of whole microseconds. */
const SCALES = [1, 1000];

const KINDS = [Uint8Array, Uint16Array, Uint32Array, Float64Array] as const;
type Kind = (typeof KINDS)[number];
type Codes = InstanceType<Kind>;

/** Packed values in the scratch file of their list. */
interface Written {
  Kind: Kind;
  position: number;
}

/** A packed block: each value is `(code + least) / scale`. Codes are `null` if all values are equal; `scale` is 0 if they are the values. */
interface Block {
  codes: Codes | Written | null;
  least: number;
  scale: number;
}

/**
 * A growing list of numbers in few bytes. Each block of 4096 whole numbers, or thousandths, is kept in 0, 1, 2 or 4 bytes per number, as its
 * range needs, and any other in 8. Blocks beyond 4 MB are in a scratch file, unless that cannot be written. Every number is read as
 * it was added, bit by bit, except that all NaN are equal.
 */
export class Numbers {
  #blocks: Block[] = [];
  /** The last values, which are not packed yet. */
  #open = new Float64Array(64);
  #used = 0;
  /** Bytes of the packed values in memory. */
  #inMemory = 0;
  #limit = IN_MEMORY;
  #scratch: ScratchFile | null = null;
  /** The block that was read last from the scratch file. */
  #read: { block: Block; codes: Codes } | null = null;

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
    const codes = this.#codesOf(block);
    const code = codes === null ? 0 : codes[index % BLOCK]!;
    return block.scale === 0 ? code : (code + block.least) / block.scale;
  }

  /** Returns a copy of the numbers in their order, of 8 bytes each. */
  values(): Float64Array {
    const values = new Float64Array(this.length);
    this.#blocks.forEach((block, at) =>
      unpack(block, this.#codesOf(block), values.subarray(at * BLOCK, (at + 1) * BLOCK)),
    );
    values.set(this.#open.subarray(0, this.#used), this.#blocks.length * BLOCK);
    return values;
  }

  /** Returns the numbers as `values` does, and empties the list. */
  take(): Float64Array {
    const values = this.values();
    this.#blocks = [];
    this.#open = new Float64Array(64);
    this.#used = this.#inMemory = 0;
    this.#limit = IN_MEMORY;
    this.#scratch?.close();
    this.#scratch = this.#read = null;
    return values;
  }

  #makeRoom(): void {
    if (this.#used < BLOCK) {
      const grown = new Float64Array(2 * this.#used);
      grown.set(this.#open);
      this.#open = grown;
      return;
    }
    const block = packed(this.#open);
    if (ArrayBuffer.isView(block.codes)) block.codes = this.#kept(block.codes);
    this.#blocks.push(block);
    this.#used = 0;
  }

  /** Moves the codes to the scratch file, if there are enough in memory. Without room on the disk they stay, and so do all later ones. */
  #kept(codes: Codes): Codes | Written {
    if (this.#inMemory + codes.byteLength <= this.#limit) {
      this.#inMemory += codes.byteLength;
      return codes;
    }
    try {
      this.#scratch ??= new ScratchFile();
      const position = this.#scratch.size;
      this.#scratch.append(new Uint8Array(codes.buffer));
      return { Kind: KINDS.find((Each) => codes instanceof Each)!, position };
    } catch {
      this.#limit = Infinity;
      return codes;
    }
  }

  #codesOf(block: Block): Codes | null {
    if (block.codes === null || ArrayBuffer.isView(block.codes)) return block.codes;
    if (this.#read?.block === block) return this.#read.codes;
    const { Kind, position } = block.codes;
    const codes = new Kind(BLOCK);
    this.#scratch!.read(position, new Uint8Array(codes.buffer));
    this.#read = { block, codes };
    return codes;
  }
}

function packed(values: Float64Array): Block {
  for (const scale of SCALES) {
    const range = rangeOf(values, scale);
    if (range === null) continue;
    const { least, most } = range;
    if (most === least) return { codes: null, least, scale };
    const Fitting = most - least < 2 ** 8 ? Uint8Array : most - least < 2 ** 16 ? Uint16Array : Uint32Array;
    const codes = new Fitting(values.length);
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

function unpack({ least, scale }: Block, codes: Codes | null, into: Float64Array): void {
  if (codes === null) into.fill(least / scale);
  else if (scale === 0) into.set(codes);
  else for (let k = 0; k < into.length; k++) into[k] = (codes[k]! + least) / scale;
}
