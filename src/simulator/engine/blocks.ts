/** Names the whole chain of tokens up to the end of a block: equal keys, equal chains. */
export type ChainKey = string | number;

const NONE = -1;

/**
 * The blocks of the KV cache: references, the free queue, and which free or used block holds which chain.
 *
 * The free queue begins as 0 … size−1. Whatever was freed stands behind what was never used, so the blocks never used are a
 * counter, and only the freed ones are a list: a cache of any size costs nothing until it fills.
 */
export class BlockPool {
  readonly size: number;
  /** Blocks never used: `#fresh` … size−1, at the head of the free queue. */
  #fresh = 0;
  /** The rest of the free queue, doubly linked, because a hit takes a block out of its middle. */
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

  /** The block that holds this chain. */
  find(key: ChainKey): number | undefined {
    return this.#registered.get(key);
  }

  /** Takes the head of the free queue, which must not be empty, and forgets what that block was registered as. */
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

  /** One more reference to a block that was found; a free one leaves the queue. */
  share(block: number): void {
    if (this.#references[block]!++ === 0) this.#unlink(block);
  }

  /** Registers a full block. A chain that is registered already keeps its block, and this one stays unknown. */
  register(block: number, key: ChainKey): void {
    if (this.#registered.has(key)) return;
    this.#registered.set(key, block);
    this.#keys[block] = key;
  }

  /** Gives back a request's blocks, the last first, so that a chain loses its end before its start. */
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
