import type { BatchingRequest } from './batching.ts';
import type { BlockPool, ChainKey } from './blocks.ts';

export interface Sequence {
  readonly id: number;
  readonly prompt: number;
  readonly output: number;
  readonly chain: readonly ChainKey[];
  /** Names of full blocks beyond `chain`. */
  readonly own: number[];
  generated: number;
  /** Number of tokens whose keys and values are in the cache. */
  computed: number;
  blocks: number[];
  /** Number of full blocks that were registered, or found registered. */
  full: number;
  /** Tokens in the current step; 0 if it is not part of it. */
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

/** Returns the number of known tokens that are not computed yet. */
export const tokensLeft = ({ prompt, generated, computed }: Sequence): number =>
  prompt + generated - computed;

/** Names blocks, so that later requests find them. */
export class BlockNames {
  #next = 0;

  of({ chain, own }: Sequence, block: number): ChainKey {
    return block < chain.length ? chain[block]! : (own[block - chain.length] ??= this.#next++);
  }

  /** Returns the longest chain of registered blocks that leaves at least one token to compute. */
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
