import { hash } from 'node:crypto';

/** The size of a Bloom filter for n texts with a rate of false positives p (Bloom 1970): m = ⌈−n ln p ÷ ln² 2⌉ bits, k = round(m ÷ n · ln 2). */
export interface BloomSize {
  bits: number;
  hashes: number;
  /** The texts expected to be taken for duplicates by mistake: n·p. */
  expected_false: number;
}

export function bloomSize(n: number, p: number): BloomSize {
  const bits = Math.ceil((-n * Math.log(p)) / Math.LN2 ** 2);
  return { bits, hashes: Math.max(1, Math.round((bits / n) * Math.LN2)), expected_false: n * p };
}

/** A set of texts in bounded memory: it never misses one that was added, and rarely reports one that was not. */
export class BloomFilter {
  readonly #size: BloomSize;
  readonly #bytes: Uint8Array;

  constructor(size: BloomSize) {
    this.#size = size;
    this.#bytes = new Uint8Array(Math.ceil(size.bits / 8));
  }

  /** Adds a text. Returns true if it was probably there. */
  add(text: string): boolean {
    const digest = hash('sha256', text.isWellFormed() ? text : Buffer.from(text, 'utf16le'), 'buffer');
    // Two hashes give k (Kirsch and Mitzenmacher 2006). 48 bits are exact in a double, and so is their sum.
    const step = digest.readUIntLE(6, 6) % this.#size.bits;
    let at = digest.readUIntLE(0, 6) % this.#size.bits;
    let isKnown = true;
    for (let k = 0; k < this.#size.hashes; k++) {
      const byte = Math.floor(at / 8);
      const bit = 1 << (at % 8);
      if ((this.#bytes[byte]! & bit) === 0) {
        isKnown = false;
        this.#bytes[byte]! |= bit;
      }
      at = (at + step) % this.#size.bits;
    }
    return isKnown;
  }
}
