import { hash } from 'node:crypto';

const WORDS = 4;
const FIRST_CAPACITY = 1024;

/**
 * A map from the first 128 bits of SHA-256 to a number, in typed arrays: 20 bytes for each slot, of which at most 70% are used. A JavaScript Map
 * of texts needs ten times as much.
 */
export class DigestTable {
  #capacity = FIRST_CAPACITY;
  #keys = new Uint32Array(FIRST_CAPACITY * WORDS);
  /** The value plus 1; 0: a free slot. */
  #values = new Uint32Array(FIRST_CAPACITY);
  #size = 0;
  readonly #digest = new Uint32Array(WORDS);

  get size(): number {
    return this.#size;
  }

  /** Returns the value of an equal text that was added before; else adds the text with this value, and returns `null`. */
  add(text: string, value: number): number | null {
    // UTF-8 has no lone surrogates.
    const digest = hash('sha256', text.isWellFormed() ? text : Buffer.from(text, 'utf16le'), 'buffer');
    for (let word = 0; word < WORDS; word++) this.#digest[word] = digest.readUInt32LE(word * 4);
    const slot = this.#slotOf(this.#digest);
    const found = this.#values[slot]!;
    if (found > 0) return found - 1;
    this.#set(slot, this.#digest, value + 1);
    this.#size++;
    if (this.#size > this.#capacity * 0.7) this.#grow();
    return null;
  }

  #slotOf(key: Uint32Array): number {
    const mask = this.#capacity - 1;
    for (let slot = key[0]! & mask; ; slot = (slot + 1) & mask) {
      if (this.#values[slot] === 0) return slot;
      const at = slot * WORDS;
      let word = 0;
      while (word < WORDS && this.#keys[at + word] === key[word]) word++;
      if (word === WORDS) return slot;
    }
  }

  #set(slot: number, key: Uint32Array, value: number): void {
    this.#keys.set(key, slot * WORDS);
    this.#values[slot] = value;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#capacity *= 2;
    this.#keys = new Uint32Array(this.#capacity * WORDS);
    this.#values = new Uint32Array(this.#capacity);
    for (const [slot, value] of values.entries()) {
      if (value === 0) continue;
      const key = keys.subarray(slot * WORDS, (slot + 1) * WORDS);
      this.#set(this.#slotOf(key), key, value);
    }
  }
}
