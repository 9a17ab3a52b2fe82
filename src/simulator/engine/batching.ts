import { ENGINE_PARAMETERS } from '../../simulator-parameters.ts';
import type { EngineRequest } from './engine.ts';
import type { ChainKey } from './blocks.ts';

/** Settings of the scheduler; vLLM's names in brackets. */
export interface BatchingSettings {
  /** Maximum number of running requests [max_num_seqs]. */
  maxNumSeqs: number;
  /** Maximum number of tokens per step [max_num_batched_tokens]. */
  maxBatchedTokens: number;
  blockSize: number;
  kvBlocks: number;
  chunkedPrefill: boolean;
  prefixCaching: boolean;
  /** Maximum length of prompt and output together; `null` for what the cache holds. */
  maxModelLen: number | null;
}

/** The settings without a preset, which are vLLM's. */
export const DEFAULT_BATCHING: Readonly<BatchingSettings> = {
  maxNumSeqs: ENGINE_PARAMETERS.maxNumSeqs.fallback,
  maxBatchedTokens: ENGINE_PARAMETERS.maxBatchedTokens.fallback,
  blockSize: ENGINE_PARAMETERS.blockSize.fallback,
  kvBlocks: ENGINE_PARAMETERS.kvBlocks.fallback,
  chunkedPrefill: ENGINE_PARAMETERS.chunkedPrefill.fallback,
  prefixCaching: ENGINE_PARAMETERS.prefixCaching.fallback,
  maxModelLen: ENGINE_PARAMETERS.maxModelLen.fallback,
};

export interface BatchingRequest extends EngineRequest {
  /**
   * Names of full blocks: `chain[k]` stands for all tokens up to the end of block k, of the prompt and, if known in advance, of the
   * output. Requests share blocks with equal names; later blocks are the request's own.
   */
  chain?: readonly ChainKey[];
}

/** Maximum length of prompt and output together, and the setting that limits it. */
export interface ContextLength {
  tokens: number;
  limitedBy: string;
}

/**
 * Returns the maximum length of prompt and output. The last token is emitted but never computed, so a request fills the cache and,
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

/** Returns the reason why a request can never run, in the words that clients match; `null` if it can. */
export function refusalOf(settings: BatchingSettings, { prompt, output }: EngineRequest): string | null {
  const { tokens, limitedBy } = contextLength(settings);
  if (prompt + output <= tokens) return null;
  return (
    `This model's maximum context length is ${tokens} tokens. However, you requested ${prompt + output} tokens ` +
    `(${prompt} in the messages, ${output} in the completion). Please reduce the length of the messages or completion. The length is limited by ${limitedBy}.`
  );
}
