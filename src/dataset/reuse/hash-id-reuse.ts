import { HashSet } from '../duplicates/hash-set.ts';
import { BlockChain, CHAIN } from './block-chain.ts';

/** A request of a trace that has the content of its blocks by id. */
export interface IdentifiedPrompt {
  /** The length of the whole prompt; the last block may be partial. */
  input_tokens: number;
  hash_ids: readonly number[];
}

/**
 * Counts the reusable tokens of requests in order: the longest prefix of a request's blocks with which an earlier request also began, times the
 * block size, at most the request's length. A prefix cache without limits could reuse them.
 */
export class HashIdReuse {
  readonly #blockTokens: number;
  readonly #known: HashSet;

  /** @param known holds the prefixes so far */
  constructor(blockTokens: number, known = new HashSet()) {
    this.#blockTokens = blockTokens;
    this.#known = known;
  }

  /** Adds the next request; returns its reusable tokens. */
  add({ input_tokens, hash_ids }: IdentifiedPrompt): number {
    const chain = new BlockChain(CHAIN.ids);
    let blocks = 0;
    let isShared = true;
    for (const id of hash_ids) {
      chain.appendId(id);
      isShared = chain.addTo(this.#known) && isShared;
      if (isShared) blocks++;
    }
    return Math.min(input_tokens, blocks * this.#blockTokens);
  }
}
