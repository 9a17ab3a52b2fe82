import { BlockChain, CHAIN } from '../dataset/reuse/block-chain.ts';
import type { ChainKey } from '../simulator/engine/blocks.ts';

/** A prompt whose content is known by block. */
export interface IdentifiedBlocks {
  ids: readonly number[];
  /** Tokens of each of these blocks. */
  tokens: number;
}

/**
 * Returns the names of the engine's full blocks of a prompt, without its text. The name of a block depends on all ids up to its end. Names are
 * negative, as those of `chainOf` are; two different chains share a name with a probability of 2⁻⁵³.
 * @param length of the prompt, in tokens
 */
export function identifiedChain(
  { ids, tokens }: IdentifiedBlocks,
  length: number,
  blockSize: number,
): readonly ChainKey[] {
  const chain = new BlockChain(CHAIN.ids);
  const names: number[] = [];
  const blocks = Math.floor(Math.min(length, ids.length * tokens) / blockSize);
  let known = 0;
  for (let k = 1; k <= blocks; k++) {
    const end = k * blockSize;
    while (known * tokens < end) chain.appendId(ids[known++]!);
    names.push(-1 - chain.nameOf(known * tokens - end));
  }
  return names;
}
