import { drawLength, type Length } from '../../lengths.ts';
import { randomStream } from '../../random.ts';

/** Where a model would end each answer by itself, drawn from the seed. */
export class NaturalLengths {
  readonly #length: Length | null;
  readonly #seed: number;
  #n = 0;

  constructor(length: Length | null, seed: number) {
    this.#length = length;
    this.#seed = seed;
  }

  /** Returns the natural length of the next request's answer in tokens; `null` for a model that ends no answer by itself. */
  next(): number | null {
    if (this.#length === null) return null;
    return drawLength(this.#length, randomStream(this.#seed, 'natural length', this.#n++));
  }
}
