import { drawLength, type Length } from '../../lengths.ts';
import { randomStream } from '../../random.ts';

/** Draws the lengths at which a model ends its answers by itself, from the seed. */
export class NaturalLengths {
  readonly #length: Length | null;
  readonly #seed: number;
  #n = 0;

  constructor(length: Length | null, seed: number) {
    this.#length = length;
    this.#seed = seed;
  }

  /** Returns the natural length of the next answer in tokens; `null` for a model that never ends an answer by itself. */
  next(): number | null {
    if (this.#length === null) return null;
    return drawLength(this.#length, randomStream(this.#seed, 'natural length', this.#n++));
  }
}
