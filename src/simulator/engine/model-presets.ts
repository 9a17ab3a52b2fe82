import { type AcceleratorName, ACCELERATORS } from './accelerators.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from './batching.ts';
import type { CostModel } from './cost.ts';
import { figuresOf, type ModelName, MODELS } from './model-shapes.ts';

/** A model on a number of accelerators: the settings that `simulate` needs besides requests. */
export interface Preset {
  name: string;
  description: string;
  engine: Readonly<BatchingSettings>;
  cost: Readonly<CostModel>;
  /** Sources of the figures, including those that are assumptions. */
  sources: readonly string[];
}

/**
 * Achieved shares of the peaks: an assumption. Measured matrix products reach 50–87 % of the arithmetic peak. Several devices wait for
 * one another: 55 % of the bandwidth is the published figure for Llama 2 70B on 4 A100-40.
 */
const ACHIEVED = { one: { mfu: 0.6, mbu: 0.7 }, several: { mfu: 0.5, mbu: 0.55 } };

/** Overhead of scheduling and launching one step: an assumption. */
const OVERHEAD_US = 500;

/** vLLM's share of the memory [gpu_memory_utilization]; the part that weights do not use holds keys and values. */
const MEMORY_SHARE = 0.9;

/** Number of each accelerator for a model: the smallest power of two that holds the weights and a useful cache. */
const COUNTS: Record<ModelName, Partial<Record<AcceleratorName, number>>> = {
  'llama-3.1-8b': { 'a100-40': 1, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 1 },
  'llama-3.1-70b': { 'a100-40': 8, 'a100-80': 4, h100: 4, h200: 2, b200: 1, mi300x: 1, l4: 8 },
  'llama-2-70b': { 'a100-40': 4 },
  'qwen3-30b-a3b': { 'a100-40': 2, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 4 },
  'gpt-oss-120b': { 'a100-40': 2, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 4 },
};

/** Not a real model: round numbers, which make a test's arithmetic easy, and few blocks, so that they run out. */
const TINY: Preset = {
  name: 'tiny',
  description: 'not a real model, for tests',
  engine: { ...DEFAULT_BATCHING, maxNumSeqs: 8, maxBatchedTokens: 512, kvBlocks: 256 },
  cost: {
    kind: 'linear',
    base: 2000,
    prefillToken: 10,
    decodeSequence: 100,
    contextToken: 0,
    prefillPair: 0,
  },
  sources: ['invented'],
};

export const PRESETS: readonly Preset[] = [
  TINY,
  ...Object.entries(COUNTS).flatMap(([model, counts]) =>
    Object.entries(counts).map(([accelerator, gpus]) =>
      presetOf(model as ModelName, accelerator as AcceleratorName, gpus),
    ),
  ),
];

function presetOf(modelName: ModelName, acceleratorName: AcceleratorName, gpus: number): Preset {
  const model = MODELS[modelName];
  const { name, peakFlops, peakBandwidth, memory } = ACCELERATORS[acceleratorName];
  const { active, storedBytes, weightBytes, expertBytes, kvBytesPerToken, attentionFlops } = figuresOf(model);
  const { mfu, mbu } = gpus === 1 ? ACHIEVED.one : ACHIEVED.several;
  const weights =
    'experts' in model && expertBytes !== null
      ? {
          denseBytes: weightBytes - model.experts.count * expertBytes,
          expertBytes,
          experts: model.experts.count,
          expertsPerToken: model.experts.perToken,
        }
      : { weightBytes };
  const left = gpus * memory.value * MEMORY_SHARE - storedBytes;
  return {
    name: `${modelName}-${acceleratorName}${gpus === 1 ? '' : `x${gpus}`}`,
    description: `${model.name} on ${gpus === 1 ? '' : `${gpus} × `}${name}`,
    engine: {
      ...DEFAULT_BATCHING,
      kvBlocks: Math.floor(left / (kvBytesPerToken * DEFAULT_BATCHING.blockSize)),
    },
    cost: {
      kind: 'roofline',
      params: active,
      attentionFlops,
      kvBytesPerToken,
      gpus,
      peakFlops: peakFlops.value,
      peakBandwidth: peakBandwidth.value,
      mfu,
      mbu,
      overhead_us: OVERHEAD_US,
      ...weights,
    },
    sources: [
      `parameters: ${model.published.source}`,
      `FLOP/s: ${peakFlops.source}`,
      `bandwidth: ${peakBandwidth.source}`,
      `memory: ${memory.source}`,
      'mfu, mbu, overhead: assumed',
    ],
  };
}
