/** Name of all tokens up to the end of a block: equal keys mean equal tokens. */
export type ChainKey = string | number;

const NONE = -1;

/**
 * The blocks of the KV cache: their references, the free queue, and which block holds which chain.
 *
 * The free queue starts as 0 … size−1. Freed blocks are queued after those never used, so the latter are a counter and only the freed
 * ones are a list: a cache of any size costs nothing until it fills.
 */
export class BlockPool {
  readonly size: number;
  /** First block never used; `#fresh` … size−1 are the head of the free queue. */
  #fresh = 0;
  /** The rest of the free queue, doubly linked, because a hit removes a block from its middle. */
  #head = NONE;
  #tail = NONE;
  #freed = 0;
  readonly #next: number[] = [];
  readonly #previous: number[] = [];
  readonly #references: number[] = [];
  readonly #keys: (ChainKey | null)[] = [];
  readonly #registered = new Map<ChainKey, number>();

  constructor(size: number) {
    this.size = size;
  }

  /** Blocks in the free queue, registered or not. */
  get free(): number {
    return this.size - this.#fresh + this.#freed;
  }

  get used(): number {
    return this.#fresh - this.#freed;
  }

  isFree(block: number): boolean {
    return this.#references[block] === 0;
  }

  find(key: ChainKey): number | undefined {
    return this.#registered.get(key);
  }

  /** Takes the first block of the free queue, which must not be empty, and removes its registration. */
  take(): number {
    if (this.#fresh < this.size) {
      this.#next.push(NONE);
      this.#previous.push(NONE);
      this.#references.push(1);
      this.#keys.push(null);
      return this.#fresh++;
    }
    const block = this.#head;
    this.#unlink(block);
    this.#references[block] = 1;
    const key = this.#keys[block]!;
    if (key !== null) {
      this.#registered.delete(key);
      this.#keys[block] = null;
    }
    return block;
  }

  /** Adds a reference to a block that was found; a free block leaves the queue. */
  share(block: number): void {
    if (this.#references[block]!++ === 0) this.#unlink(block);
  }

  /** Registers a full block. A chain that is already registered keeps its block. */
  register(block: number, key: ChainKey): void {
    if (this.#registered.has(key)) return;
    this.#registered.set(key, block);
    this.#keys[block] = key;
  }

  /** Releases a request's blocks, the last one first, so that a chain loses its end before its start. */
  release(blocks: readonly number[]): void {
    for (let k = blocks.length - 1; k >= 0; k--) {
      const block = blocks[k]!;
      if (--this.#references[block]! === 0) this.#append(block);
    }
  }

  #append(block: number): void {
    this.#next[block] = NONE;
    this.#previous[block] = this.#tail;
    if (this.#tail === NONE) this.#head = block;
    else this.#next[this.#tail] = block;
    this.#tail = block;
    this.#freed++;
  }

  #unlink(block: number): void {
    const next = this.#next[block]!;
    const previous = this.#previous[block]!;
    if (previous === NONE) this.#head = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#tail = previous;
    else this.#previous[next] = previous;
    this.#freed--;
  }
}
