/** What decides a model's work: the fields of its `config.json`. Input and output tables are apart in all of them. */
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
  /** Small vectors beside the matrices: norms of queries and keys (Qwen3), or biases and attention sinks (gpt-oss). */
  vectors?: 'query-key norms' | 'biases and sinks';
  /** Layers that see a short window alone. They are left out of what grows with the context. */
  windowedLayers?: number;
  /** Bits of a weight in an expert's matrices; every other weight has 16. */
  expertBits?: number;
  /** The count of parameters as published, which the fields reproduce exactly, and where. */
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
    // MXFP4: 4 bits, and 8 of scale for every 32 values.
    expertBits: 4.25,
    published: { value: 116_829_156_672, source: 'checkpoint index' },
  },
} as const satisfies Record<string, Model>;

export type ModelName = keyof typeof MODELS;

/** What the roofline cost model wants to know of a model, whatever it runs on. */
export interface ModelFigures {
  parameters: number;
  /** Those that a token is multiplied with. A look-up in the input table multiplies nothing. */
  active: number;
  /** What the memory holds. */
  storedBytes: number;
  /** What a step reads: all but the input table, of which it reads one row a token. */
  weightBytes: number;
  /** Of one expert over all layers; `null` where there are none. */
  expertBytes: number | null;
  /** Keys and values in bfloat16. */
  kvBytesPerToken: number;
  /** One pair of query and context: q·k and the weighted sum of v, 2·headDim FLOP each, per head and layer. */
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
  const biased = vectors === 'biases and sinks';
  const matrices = 2 * hidden * heads * headDim + 2 * hidden * kvHeads * headDim;
  const beside = biased
    ? (heads + 2 * kvHeads) * headDim + hidden + heads
    : vectors === 'query-key norms'
      ? 2 * headDim
      : 0;
  const network = 3 * hidden * width;
  const expertBiases = biased ? 2 * width + hidden : 0;
  const router = experts === undefined ? 0 : hidden * experts.count + (biased ? experts.count : 0);
  const { count, perToken } = experts ?? { count: 1, perToken: 1 };
  const table = vocabulary * hidden;
  // Two norms a layer and one at the end.
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
