/** The values that a parameter of the simulated engine may have. */
export type ParameterKind = 'count' | 'amount' | 'positive' | 'share' | 'flag';

export interface Parameter {
  kind: ParameterKind;
  text: string;
  /** The value without a preset; absent: the parameter has none. */
  fallback?: number | boolean | null;
}

interface NumberLimits {
  min?: number;
  above?: number;
  max?: number;
  isWhole: boolean;
}

/** The limits of the numeric kinds. */
export const NUMBER_LIMITS = {
  count: { min: 1, isWhole: true },
  amount: { min: 0, isWhole: false },
  positive: { above: 0, isWhole: false },
  share: { above: 0, max: 1, isWhole: false },
} as const satisfies Record<Exclude<ParameterKind, 'flag'>, NumberLimits>;

/** Parameters of the scheduler; vLLM's names in brackets. */
export const ENGINE_PARAMETERS = {
  maxNumSeqs: {
    kind: 'count',
    text: 'Maximum number of running requests [vLLM: max_num_seqs].',
    fallback: 256,
  },
  maxBatchedTokens: {
    kind: 'count',
    text: 'Maximum tokens per step [max_num_batched_tokens].',
    fallback: 8192,
  },
  blockSize: { kind: 'count', text: 'Tokens per block of the KV cache [block_size].', fallback: 16 },
  kvBlocks: { kind: 'count', text: 'Blocks of the KV cache [num_gpu_blocks].', fallback: 8192 },
  chunkedPrefill: {
    kind: 'flag',
    text: 'Allow a prompt to be computed in several steps [enable_chunked_prefill].',
    fallback: true,
  },
  prefixCaching: {
    kind: 'flag',
    text: 'Share the blocks of equal prefixes between requests [enable_prefix_caching].',
    fallback: true,
  },
  maxModelLen: {
    kind: 'count',
    text: 'Maximum tokens of prompt and output together [max_model_len]. Default: the capacity of the cache.',
    fallback: null,
  },
} as const satisfies Record<string, Parameter>;

/** Parameters of the linear cost model: microseconds per step. */
export const LINEAR_PARAMETERS = {
  base: { kind: 'amount', text: 'linear: µs per step.', fallback: 0 },
  prefillToken: { kind: 'amount', text: 'linear: µs per prefill token.', fallback: 0 },
  decodeSequence: { kind: 'amount', text: 'linear: µs per decoding request.', fallback: 0 },
  contextToken: { kind: 'amount', text: 'linear: µs per context token of decoding requests.', fallback: 0 },
  prefillPair: {
    kind: 'amount',
    text: 'linear: µs per pair of query and context token in prefill.',
    fallback: 0,
  },
} as const satisfies Record<string, Parameter>;

/** Weights of a dense model. */
export const DENSE_PARAMETERS = {
  weightBytes: { kind: 'amount', text: 'roofline: bytes of weights read per step.' },
} as const satisfies Record<string, Parameter>;

/** Weights of a mixture of experts. */
export const EXPERT_PARAMETERS = {
  denseBytes: { kind: 'amount', text: 'roofline, mixture of experts: bytes of dense weights.' },
  expertBytes: { kind: 'amount', text: 'roofline, mixture of experts: bytes per expert.' },
  experts: { kind: 'count', text: 'roofline, mixture of experts: number of experts.' },
  expertsPerToken: { kind: 'count', text: 'roofline, mixture of experts: experts per token.' },
} as const satisfies Record<string, Parameter>;

/** Parameters of the roofline cost model, except the weights. */
export const ROOFLINE_PARAMETERS = {
  params: { kind: 'amount', text: 'roofline: active parameters per token.' },
  attentionFlops: {
    kind: 'amount',
    text: 'roofline: FLOP per pair of query and context token.',
    fallback: 0,
  },
  kvBytesPerToken: { kind: 'amount', text: 'roofline: bytes of keys and values per token.', fallback: 0 },
  gpus: { kind: 'count', text: 'roofline: number of accelerators.', fallback: 1 },
  peakFlops: { kind: 'positive', text: 'roofline: peak FLOP/s per accelerator.' },
  peakBandwidth: { kind: 'positive', text: 'roofline: peak bytes/s per accelerator.' },
  mfu: { kind: 'share', text: 'roofline: achieved share of the peak FLOP/s.', fallback: 1 },
  mbu: { kind: 'share', text: 'roofline: achieved share of the peak bandwidth.', fallback: 1 },
  overhead_us: { kind: 'amount', text: 'roofline: overhead per step, in µs.', fallback: 0 },
} as const satisfies Record<string, Parameter>;

/** Returns the values of parameters without a preset, for those that have one. */
export function fallbacksOf(
  parameters: Readonly<Record<string, Parameter>>,
): Record<string, number | boolean | null> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { fallback }]) =>
      fallback === undefined ? [] : [[name, fallback]],
    ),
  );
}

/** Returns the number of experts that `expertsPerToken` exceeds; `null` if it does not. */
export const exceededExperts = ({
  experts,
  expertsPerToken,
}: {
  experts?: unknown;
  expertsPerToken?: unknown;
}): number | null =>
  typeof experts === 'number' && typeof expertsPerToken === 'number' && expertsPerToken > experts
    ? experts
    : null;
