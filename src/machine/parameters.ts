import type { Config } from './config.ts';

/** Numbers of parameters. */
export interface ParameterCounts {
  /** All, tied tables once. */
  total: number;
  /** Those that a token uses, with the output embedding and without the look-up in an input embedding. */
  active: number;
  /** Those of the matrices that a token passes through: of `active`, neither norms, biases nor sinks. */
  matrix: number;
  /** Those that no step reads as a whole: an input embedding of its own, and learned positions. */
  lookedUp: number;
  /** Those of one expert in one layer; 0 without experts. */
  expert: number;
}

/** Parameters of a part of a layer: of its matrices, and of its vectors. */
interface Part {
  matrices: number;
  vectors: number;
}

/** The families whose extra vectors are known; every other one is counted as Llama. */
export const KNOWN_FAMILIES: readonly string[] = [
  'llama',
  'mistral',
  'phi3',
  'mixtral',
  'qwen2',
  'qwen3',
  'qwen3_moe',
  'gemma2',
  'gemma3_text',
  'olmo2',
  'gpt_oss',
  'deepseek_v2',
  'deepseek_v3',
  'gpt2',
];

/** Returns the parameters of a causal language model: no rotary buffers, scales of quantisation or layers for several tokens. */
export function countParameters(config: Config): ParameterCounts {
  const { hidden, layers, vocabulary, positions, isTied, experts } = config;
  const isGpt2 = config.modelType === 'gpt2';
  const table = vocabulary * hidden;
  const attention = attentionOf(config);
  const norms = layers * layerNorms(config) + (isGpt2 ? 2 * hidden : hidden);
  const lookedUp = (isTied ? 0 : table) + positions * hidden;
  const expert = expertOf(config);
  const expertSize = expert.matrices + expert.vectors;
  const expertLayers = experts === null ? 0 : layers - experts.denseLayers;
  const dense = denseOf(config);
  const denseLayers = layers - expertLayers;
  const router = routerOf(config);
  const vectors =
    norms + layers * attention.vectors + denseLayers * dense.vectors + expertLayers * router.vectors;
  const matrices =
    table + layers * attention.matrices + denseLayers * dense.matrices + expertLayers * router.matrices;
  const perToken = expertLayers * (experts?.perToken ?? 0);
  return {
    total: matrices + vectors + lookedUp + expertLayers * (experts?.count ?? 0) * expertSize,
    active: matrices + vectors + perToken * expertSize,
    matrix: matrices + perToken * expert.matrices,
    lookedUp,
    expert: experts === null ? 0 : expertSize,
  };
}

function attentionOf({ modelType, hidden: h, heads, kvHeads, headDim, latent }: Config): Part {
  if (latent !== null) {
    const { queryRank, kvRank, nope, rope, value } = latent;
    const queryWidth = heads * (nope + rope);
    const query = queryRank === null ? h * queryWidth : queryRank * (h + queryWidth);
    const keyValue = h * (kvRank + rope) + kvRank * heads * (nope + value);
    return { matrices: query + keyValue + heads * value * h, vectors: (queryRank ?? 0) + kvRank };
  }
  const queries = heads * headDim;
  const keysAndValues = 2 * kvHeads * headDim;
  const vectors = new Map([
    ['qwen2', queries + keysAndValues],
    ['qwen3', 2 * headDim],
    ['qwen3_moe', 2 * headDim],
    ['gemma3_text', 2 * headDim],
    ['olmo2', (heads + kvHeads) * headDim],
    // Biases of q, k, v and o, and a sink per head.
    ['gpt_oss', queries + keysAndValues + h + heads],
    ['gpt2', 4 * h],
  ]);
  return { matrices: 2 * h * queries + h * keysAndValues, vectors: vectors.get(modelType) ?? 0 };
}

/** Returns the feed-forward network of a dense layer: gated, with three matrices, except GPT-2's. */
const denseOf = ({ modelType, hidden, width }: Config): Part =>
  modelType === 'gpt2'
    ? { matrices: 2 * hidden * width, vectors: width + hidden }
    : { matrices: 3 * hidden * width, vectors: 0 };

function expertOf({ modelType, hidden, experts }: Config): Part {
  if (experts === null) return { matrices: 0, vectors: 0 };
  return {
    matrices: 3 * hidden * experts.width,
    vectors: modelType === 'gpt_oss' ? 2 * experts.width + hidden : 0,
  };
}

/** Returns what a layer with experts has besides the routed ones: the router and the shared experts. */
function routerOf({ modelType, hidden, experts }: Config): Part {
  if (experts === null) return { matrices: 0, vectors: 0 };
  return {
    matrices: hidden * experts.count + experts.shared * 3 * hidden * experts.width,
    vectors: ['gpt_oss', 'deepseek_v3'].includes(modelType) ? experts.count : 0,
  };
}

const layerNorms = ({ modelType, hidden }: Config): number =>
  (['gpt2', 'gemma2', 'gemma3_text'].includes(modelType) ? 4 : 2) * hidden;
