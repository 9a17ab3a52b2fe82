import type { EngineRequest } from './engine.ts';
import type { ChainKey } from './blocks.ts';

/** What the scheduler may do; vLLM's names in brackets. */
export interface BatchingSettings {
  /** Requests that run at once [max_num_seqs]. */
  maxNumSeqs: number;
  /** Tokens that one step computes [max_num_batched_tokens]. */
  maxBatchedTokens: number;
  /** Tokens of a block of the KV cache. */
  blockSize: number;
  /** Blocks of the KV cache. */
  kvBlocks: number;
  /** Whether a prompt may be computed in several steps. */
  chunkedPrefill: boolean;
  prefixCaching: boolean;
  /** Longest prompt and output together; `null`: as long as the cache holds. */
  maxModelLen: number | null;
}

export const DEFAULT_BATCHING: Readonly<BatchingSettings> = {
  maxNumSeqs: 256,
  maxBatchedTokens: 8192,
  blockSize: 16,
  kvBlocks: 8192,
  chunkedPrefill: true,
  prefixCaching: true,
  maxModelLen: null,
};

export interface BatchingRequest extends EngineRequest {
  /**
   * `chain[k]` names all tokens up to the end of full block k, of the prompt and, where they are known beforehand, of what
   * will be generated. Requests share the blocks whose names are equal; blocks beyond its end are the request's own.
   */
  chain?: readonly ChainKey[];
}

/**
 * Why a request could never run, `null` where it can. The last token is emitted and never computed, so a request fills
 * the cache with prompt + output − 1.
 */
export function refusalOf(settings: BatchingSettings, { prompt, output }: EngineRequest): string | null {
  const { blockSize, kvBlocks, maxBatchedTokens, chunkedPrefill, maxModelLen } = settings;
  const total = prompt + output;
  if (maxModelLen !== null && total > maxModelLen)
    return `${prompt} tokens of prompt and ${output} of output exceed the model's length of ${maxModelLen}`;
  const computed = total - 1;
  if (Math.ceil(computed / blockSize) > kvBlocks)
    return `${computed} tokens need more than the ${kvBlocks} blocks of ${blockSize} tokens that the KV cache has`;
  if (!chunkedPrefill && computed > maxBatchedTokens)
    return `${computed} tokens exceed the ${maxBatchedTokens} of one step, and prefill is not chunked`;
  return null;
}
