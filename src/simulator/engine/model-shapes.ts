/**
 * The properties that determine a model's work: the fields of its `config.json`. Input and output embeddings are separate in all of these
 * models.
 */
export interface Model {
  name: string;
  layers: number;
  hidden: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Width of the feed-forward network, or of one expert. */
  width: number;
  vocabulary: number;
  experts?: { count: number; perToken: number };
  /** Small vectors in addition to the matrices: norms of queries and keys (Qwen3), or biases and attention sinks (gpt-oss). */
  vectors?: 'query-key norms' | 'biases and sinks';
  /** Layers with a short attention window, which do not grow with the context. */
  windowedLayers?: number;
  /** Bits per weight of an expert's matrices; every other weight has 16. */
  expertBits?: number;
  /** The published number of parameters, which the fields reproduce exactly, and its source. */
  published: { value: number; source: string };
}

const LLAMA_70B = { layers: 80, hidden: 8192, heads: 64, kvHeads: 8, headDim: 128, width: 28_672 };

export const MODELS = {
  'llama-3.1-8b': {
    name: 'Llama 3.1 8B',
    layers: 32,
    hidden: 4096,
    heads: 32,
    kvHeads: 8,
    headDim: 128,
    width: 14_336,
    vocabulary: 128_256,
    published: { value: 8_030_261_248, source: 'model card, checkpoint metadata' },
  },
  'llama-3.1-70b': {
    name: 'Llama 3.1 70B',
    ...LLAMA_70B,
    vocabulary: 128_256,
    published: { value: 70_553_706_496, source: 'hub listing of Llama 3.3 70B, of the same configuration' },
  },
  'llama-2-70b': {
    name: 'Llama 2 70B',
    ...LLAMA_70B,
    vocabulary: 32_000,
    published: { value: 68_976_648_192, source: 'hub listing less 5,120 rotary values' },
  },
  'qwen3-30b-a3b': {
    name: 'Qwen3 30B A3B',
    layers: 48,
    hidden: 2048,
    heads: 32,
    kvHeads: 4,
    headDim: 128,
    width: 768,
    vocabulary: 151_936,
    experts: { count: 128, perToken: 8 },
    vectors: 'query-key norms',
    published: { value: 30_532_122_624, source: 'checkpoint index' },
  },
  'gpt-oss-120b': {
    name: 'gpt-oss 120B',
    layers: 36,
    hidden: 2880,
    heads: 64,
    kvHeads: 8,
    headDim: 64,
    width: 2880,
    vocabulary: 201_088,
    experts: { count: 128, perToken: 4 },
    vectors: 'biases and sinks',
    windowedLayers: 18,
    // MXFP4: 4 bits, plus 8 bits of scale per 32 values.
    expertBits: 4.25,
    published: { value: 116_829_156_672, source: 'checkpoint index' },
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/** Figures of a model for the roofline cost model, independent of the accelerator. */
export interface ModelFigures {
  parameters: number;
  /** Parameters that each token is multiplied with. A look-up in the input embedding multiplies nothing. */
  active: number;
  storedBytes: number;
  /** Bytes that a step reads: everything except the input embedding, of which it reads one row per token. */
  weightBytes: number;
  /** Bytes per expert over all layers; `null` without experts. */
  expertBytes: number | null;
  /** Bytes of keys and values, in bfloat16. */
  kvBytesPerToken: number;
  /** FLOP per pair of query and context tokens: q·k and the weighted sum of v, 2·headDim each, per head and layer. */
  attentionFlops: number;
}

const BYTES = 2;

export function figuresOf(model: Model): ModelFigures {
  const {
    layers,
    hidden,
    heads,
    kvHeads,
    headDim,
    width,
    vocabulary,
    experts,
    vectors,
    expertBits = 16,
  } = model;
  const hasBiases = vectors === 'biases and sinks';
  const matrices = 2 * hidden * heads * headDim + 2 * hidden * kvHeads * headDim;
  const beside = hasBiases
    ? (heads + 2 * kvHeads) * headDim + hidden + heads
    : vectors === 'query-key norms'
      ? 2 * headDim
      : 0;
  const network = 3 * hidden * width;
  const expertBiases = hasBiases ? 2 * width + hidden : 0;
  const router = experts === undefined ? 0 : hidden * experts.count + (hasBiases ? experts.count : 0);
  const { count, perToken } = experts ?? { count: 1, perToken: 1 };
  const table = vocabulary * hidden;
  // Two norms per layer and one at the end.
  const shared = layers * (matrices + beside + router + 2 * hidden) + hidden + table;
  const expert = layers * (network + expertBiases);
  const expertBytes = layers * ((network * expertBits) / 8 + expertBiases * BYTES);
  const fullLayers = layers - (model.windowedLayers ?? 0);
  return {
    parameters: shared + table + count * expert,
    active: shared + perToken * expert,
    storedBytes: (shared + table) * BYTES + count * expertBytes,
    weightBytes: shared * BYTES + count * expertBytes,
    expertBytes: experts === undefined ? null : expertBytes,
    kvBytesPerToken: 2 * fullLayers * kvHeads * headDim * BYTES,
    attentionFlops: 4 * fullLayers * heads * headDim,
  };
}
