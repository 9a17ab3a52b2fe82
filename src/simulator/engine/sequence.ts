import type { BatchingRequest } from './batching.ts';
import type { BlockPool, ChainKey } from './blocks.ts';

/** A request within the engine. */
export interface Sequence {
  readonly id: number;
  readonly prompt: number;
  readonly output: number;
  readonly chain: readonly ChainKey[];
  /** Names of the full blocks beyond `chain`. */
  readonly own: number[];
  generated: number;
  /** Tokens whose keys and values the cache holds. */
  computed: number;
  blocks: number[];
  /** Full blocks that were registered, or found so. */
  full: number;
  /** Tokens of the step under way; 0 where it has no part. */
  scheduled: number;
}

const NO_CHAIN: readonly ChainKey[] = [];

export const sequenceOf = (id: number, { prompt, output, chain = NO_CHAIN }: BatchingRequest): Sequence => ({
  id,
  prompt,
  output,
  chain,
  own: [],
  generated: 0,
  computed: 0,
  blocks: [],
  full: 0,
  scheduled: 0,
});

/** Tokens known and not computed. */
export const left = ({ prompt, generated, computed }: Sequence): number => prompt + generated - computed;

/** Gives blocks the names by which they are found again. */
export class BlockNames {
  #next = 0;

  of({ chain, own }: Sequence, block: number): ChainKey {
    return block < chain.length ? chain[block]! : (own[block - chain.length] ??= this.#next++);
  }

  /** The longest chain of registered blocks that leaves at least one token to compute. */
  cachedPrefix(sequence: Sequence, pool: BlockPool, blockSize: number): number[] {
    const hits: number[] = [];
    const most = Math.floor((sequence.prompt + sequence.generated - 1) / blockSize);
    while (hits.length < most) {
      const block = pool.find(this.of(sequence, hits.length));
      if (block === undefined) break;
      hits.push(block);
    }
    return hits;
  }
}
