import type { HashSet } from '../duplicates/hash-set.ts';
import { combine, mix } from '../text/hash.ts';

/** Kinds of chains, which have no prefix in common. */
export const CHAIN = { ids: 1, text: 2 } as const;

/** A sequence of blocks, identified by 64 bits that depend on all of them. */
export class BlockChain {
  #high: number;
  #low: number;

  constructor(kind: (typeof CHAIN)[keyof typeof CHAIN]) {
    this.#high = mix(kind);
    this.#low = mix(kind + 16);
  }

  append(high: number, low: number): void {
    this.#high = combine(this.#high, high);
    this.#low = combine(this.#low, low);
  }

  /** Appends a block whose content is named. */
  appendId(id: number): void {
    const high = Math.floor(id / 0x1_0000_0000);
    this.append(mix(id >>> 0), mix((id >>> 0) + Math.imul(high, 0x9e3779b1) + 1));
  }

  /** Adds the sequence so far to a set; returns true if it was there. */
  addTo(known: HashSet): boolean {
    return known.add(this.#high, this.#low);
  }

  /** Returns a name, below 2⁵³, of the sequence up to a part of its last block. */
  nameOf(part: number): number {
    return (combine(this.#high, part) >>> 11) * 0x1_0000_0000 + combine(this.#low, part);
  }
}
