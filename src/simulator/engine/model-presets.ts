import { type AcceleratorName, ACCELERATORS } from './accelerators.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from './batching.ts';
import type { CostModel } from './cost.ts';
import { figuresOf, type ModelName, MODELS } from './model-shapes.ts';

/** A model on so many accelerators: what `simulate` needs besides its requests. */
export interface Preset {
  name: string;
  /** For people: the model and what it runs on. */
  what: string;
  engine: Readonly<BatchingSettings>;
  cost: Readonly<CostModel>;
  /** Where each figure was read, and which are assumed. */
  sources: readonly string[];
}

/**
 * The share of the peaks that is reached: an assumption. Measured matrix products reach 50–87 % of the arithmetic peak.
 * Several devices wait for one another: 55 % of bandwidth is the published figure of Llama 2 70B on 4 A100-40.
 */
const REACHED = { one: { mfu: 0.6, mbu: 0.7 }, several: { mfu: 0.5, mbu: 0.55 } };

/** Scheduling and launching of one step: an assumption. */
const OVERHEAD_US = 500;

/** vLLM's share of the memory [gpu_memory_utilization]; what the weights leave of it holds keys and values. */
const MEMORY_SHARE = 0.9;

/** How many of each accelerator a model runs on: the fewest, in powers of two, that hold weights and a useful cache. */
const COUNTS: Record<ModelName, Partial<Record<AcceleratorName, number>>> = {
  'llama-3.1-8b': { 'a100-40': 1, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 1 },
  'llama-3.1-70b': { 'a100-40': 8, 'a100-80': 4, h100: 4, h200: 2, b200: 1, mi300x: 1, l4: 8 },
  'llama-2-70b': { 'a100-40': 4 },
  'qwen3-30b-a3b': { 'a100-40': 2, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 4 },
  'gpt-oss-120b': { 'a100-40': 2, 'a100-80': 1, h100: 1, h200: 1, b200: 1, mi300x: 1, l4: 4 },
};

/** No real model: round numbers, so that a test's arithmetic fits in the head, and few blocks, so that they run out. */
const TINY: Preset = {
  name: 'tiny',
  what: 'no real model, for tests',
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

/** Every preset, by model and accelerator. */
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
  const { mfu, mbu } = gpus === 1 ? REACHED.one : REACHED.several;
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
    what: `${model.name} on ${gpus === 1 ? '' : `${gpus} × `}${name}`,
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
