import { findAccelerator, SOURCES, type Figure } from '../../machine/accelerators.ts';
import { resolveHardware } from '../../machine/hardware.ts';
import { type BatchingSettings, DEFAULT_BATCHING } from './batching.ts';
import type { CostModel } from './cost.ts';
import { machineCost } from './machine-cost.ts';
import { PRESET_MODELS, type PresetModel, type PresetModelName, storedModel } from './preset-models.ts';

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
 * Achieved shares of the peaks: an assumption. Measured matrix products reach 50–87% of the arithmetic peak. Several devices wait for
 * one another: 55% of the bandwidth is the published figure for Llama 2 70B on 4 A100-40.
 */
export const ACHIEVED = { one: { mfu: 0.6, mbu: 0.7 }, several: { mfu: 0.5, mbu: 0.55 } };

/** Overhead of scheduling and launching one step: an assumption. */
export const OVERHEAD_US = 500;

/** vLLM's share of the memory [gpu_memory_utilization]; the part that weights do not use holds keys and values. */
const MEMORY_SHARE = 0.9;

/** Accelerators of the catalogue by their names in presets. */
export const PRESET_ACCELERATORS = {
  'a100-40': 'a100-sxm-40gb',
  'a100-80': 'a100-sxm-80gb',
  h100: 'h100-sxm',
  h200: 'h200-sxm',
  b200: 'b200',
  mi300x: 'mi300x',
  l4: 'l4',
} as const;

type AcceleratorName = keyof typeof PRESET_ACCELERATORS;

/** Number of each accelerator for a model: the smallest power of two that holds the weights and a useful cache. */
const COUNTS: Record<PresetModelName, Partial<Record<AcceleratorName, number>>> = {
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
      presetOf(model as PresetModelName, accelerator as AcceleratorName, gpus),
    ),
  ),
];

function presetOf(modelName: PresetModelName, acceleratorName: AcceleratorName, count: number): Preset {
  const preset: PresetModel = PRESET_MODELS[modelName];
  const { model, storedBytes, expertBytes } = storedModel(preset);
  const accelerator = PRESET_ACCELERATORS[acceleratorName];
  const hardware = resolveHardware({ accelerator, count });
  if ('problem' in hardware) throw new Error(`the hardware of a preset ${hardware.problem}`);
  const { name, flops, bandwidth, memoryBytes } = hardware;
  const reached = count === 1 ? ACHIEVED.one : ACHIEVED.several;
  const peaks = { count, flops: flops!, bandwidth: bandwidth! };
  const cost = machineCost(model, peaks, { ...reached, overhead_us: OVERHEAD_US }, null);
  const left = count * memoryBytes! * MEMORY_SHARE - storedBytes;
  return {
    name: `${modelName}-${acceleratorName}${count === 1 ? '' : `x${count}`}`,
    description: `${preset.name} on ${count === 1 ? '' : `${count} × `}${name}`,
    engine: {
      ...DEFAULT_BATCHING,
      kvBlocks: Math.floor(left / (cost.kvBytesPerToken * DEFAULT_BATCHING.blockSize)),
    },
    cost: 'expertBytes' in cost ? { ...cost, expertBytes } : cost,
    sources: [`parameters: ${preset.source}`, ...sourcesOf(accelerator), 'mfu, mbu, overhead: assumed'],
  };
}

function sourcesOf(id: string): string[] {
  const device = findAccelerator(id);
  if ('nearest' in device) return [];
  const text = (what: string, { source }: Figure): string =>
    `${what}: ${source === undefined ? 'unverified' : SOURCES[source]}`;
  return [
    text('FLOP/s', device.peak_tflops.bf16!),
    text('bandwidth', device.bandwidth_gbps),
    text('memory', device.memory_mib_reported ?? device.memory_gb),
  ];
}
