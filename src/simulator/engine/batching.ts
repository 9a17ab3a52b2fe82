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

/** The longest prompt and output together, and the setting that limits it. */
export interface ContextLength {
  tokens: number;
  limitedBy: string;
}

/**
 * Returns the longest prompt and output that can run. The last token is emitted and never computed, so a request fills the cache and,
 * without chunked prefill, its largest step with prompt + output − 1.
 */
export function contextLength(settings: BatchingSettings): ContextLength {
  const { blockSize, kvBlocks, maxBatchedTokens, chunkedPrefill, maxModelLen } = settings;
  const cache = {
    tokens: kvBlocks * blockSize + 1,
    limitedBy: `the ${kvBlocks} blocks of ${blockSize} tokens of the KV cache`,
  };
  const step = {
    tokens: chunkedPrefill ? Infinity : maxBatchedTokens + 1,
    limitedBy: `the ${maxBatchedTokens} tokens of one step, without chunked prefill`,
  };
  const model = { tokens: maxModelLen ?? Infinity, limitedBy: 'maxModelLen' };
  return [model, cache, step].reduce((least, each) => (each.tokens < least.tokens ? each : least));
}

/** Returns why a request could never run, in the words that clients match to detect it; `null` where it can. */
export function refusalOf(settings: BatchingSettings, { prompt, output }: EngineRequest): string | null {
  const { tokens, limitedBy } = contextLength(settings);
  if (prompt + output <= tokens) return null;
  return (
    `This model's maximum context length is ${tokens} tokens. However, you requested ${prompt + output} tokens ` +
    `(${prompt} in the messages, ${output} in the completion). Please reduce the length of the messages or completion. The length is limited by ${limitedBy}.`
  );
}
