import { describe, expect, it } from 'vitest';
import { resolveHardware } from '../../src/machine/hardware.ts';
import { type RooflineCost, stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { PRESET_ACCELERATORS, type Preset, PRESETS } from '../../src/simulator/engine/model-presets.ts';
import {
  PRESET_MODELS,
  type PresetModelName,
  storedModel,
} from '../../src/simulator/engine/preset-models.ts';
import { simulate } from '../../src/simulator/engine/simulation.ts';

const REAL = PRESETS.filter(({ name }) => name !== 'tiny');

function preset(name: string): Preset {
  const found = PRESETS.find((preset) => preset.name === name);
  if (found === undefined) throw new Error(`no preset ${name}`);
  return found;
}

function roofline(name: string): RooflineCost {
  const { cost } = preset(name);
  if (cost.kind !== 'roofline') throw new Error(`${name} is not of the roofline kind`);
  return cost;
}

/** Returns the milliseconds of a step that decodes one token for each of `batch` requests, all with the same context. */
function decodeMs(cost: RooflineCost, batch: number, context = 0): number {
  const work = { prefillTokens: 0, prefillPairs: 0, prefillContext: 0 };
  return stepTimeOf(cost)({ ...work, decodes: batch, decodeContext: batch * context }) / 1000;
}

const models = Object.entries(PRESET_MODELS) as [PresetModelName, (typeof PRESET_MODELS)[PresetModelName]][];

describe('models', () => {
  // The published counts; active parameters computed from the configurations by another program. The card of gpt-oss
  // says 5.13 B, which includes only the output embedding.
  it.each<[PresetModelName, number, number, number]>([
    ['llama-2-70b', 68_976_648_192, 68_714_504_192, 327_680],
    ['llama-3.1-8b', 8_030_261_248, 7_504_924_672, 131_072],
    ['llama-3.1-70b', 70_553_706_496, 69_503_033_344, 327_680],
    ['qwen3-30b-a3b', 30_532_122_624, 3_041_867_776, 98_304],
    // Half of 73,728: 18 of its 36 layers see only 128 tokens.
    ['gpt-oss-120b', 116_829_156_672, 5_132_849_472, 36_864],
  ])('%s: parameters, active ones and bytes of a cached token', (name, total, active, kvBytesPerToken) => {
    expect(storedModel(PRESET_MODELS[name]).model.parameters).toMatchObject({ total, active });
    const cost = roofline(PRESETS.find((each) => each.name.startsWith(`${name}-`))!.name);
    expect(cost).toMatchObject({ params: active, kvBytesPerToken });
  });

  it('are as large as their checkpoints, and are read without their input embeddings', () => {
    // The card of gpt-oss-120b: 60.8 GiB.
    expect((storedModel(PRESET_MODELS['gpt-oss-120b']).storedBytes / 2 ** 30).toFixed(1)).toBe('60.8');
    expect(storedModel(PRESET_MODELS['llama-3.1-8b']).storedBytes).toBe(2 * 8_030_261_248);
    expect(roofline('llama-3.1-8b-h100')).toMatchObject({ weightBytes: 2 * 7_504_924_672 });
    const { denseBytes, expertBytes } = roofline('qwen3-30b-a3b-h100') as RooflineCost & {
      denseBytes: number;
      expertBytes: number;
    };
    expect(denseBytes + 128 * expertBytes).toBe(2 * (30_532_122_624 - 151_936 * 2048));
  });
});

describe('published step times', () => {
  it('Llama 2 70B, FP16, batch 1 on 4 A100-40 at 55 % of bandwidth: 40.3 ms', () => {
    const cost = { ...roofline('llama-2-70b-a100-40x4'), overhead_us: 0 };
    expect(cost.mbu).toBe(0.55);
    // The published figure assumes that all 68.98 B parameters are read, including the input embedding; without it,
    // 0.15 ms less.
    expect(decodeMs({ ...cost, weightBytes: 2 * 68_976_648_192 }, 1).toFixed(1)).toBe('40.3');
    expect(decodeMs(cost, 1).toFixed(1)).toBe('40.2');
  });
});

describe('presets', () => {
  it('have unique names and sources, and cover every requested model and accelerator', () => {
    expect(new Set(PRESETS.map(({ name }) => name)).size).toBe(PRESETS.length);
    for (const { sources } of PRESETS) expect(sources).not.toEqual([]);
    for (const model of ['llama-3.1-8b', 'llama-3.1-70b', 'qwen3-30b-a3b', 'gpt-oss-120b'])
      for (const accelerator of Object.keys(PRESET_ACCELERATORS))
        expect(
          REAL.filter(({ name }) => name.replace(/x\d+$/, '') === `${model}-${accelerator}`),
        ).toHaveLength(1);
  });

  it.each(PRESETS)('$name is valid and produces an answer', ({ engine, cost }) => {
    const requests = [{ arrival_us: 0, prompt: 2000, output: 20 }];
    const { tokens_us } = simulate({ engine, cost, requests });
    expect(tokens_us[0]).toHaveLength(20);
  });

  it.each(REAL)('$name holds weights and a useful cache in 90 % of its memory', ({ name, engine }) => {
    const cost = roofline(name);
    const [, model] = models.find(([model]) => name.startsWith(model))!;
    const [, device] = Object.entries(PRESET_ACCELERATORS).find(([short]) =>
      name.replace(/x\d+$/, '').endsWith(`-${short}`),
    )!;
    const hardware = resolveHardware({ accelerator: device, count: cost.gpus });
    expect(hardware).toMatchObject({ flops: cost.peakFlops, bandwidth: cost.peakBandwidth });
    const memory = 'problem' in hardware ? NaN : hardware.count * hardware.memoryBytes!;
    const cache = engine.kvBlocks * engine.blockSize * cost.kvBytesPerToken;
    const share = (storedModel(model).storedBytes + cache) / memory;
    expect(share).toBeLessThanOrEqual(0.9);
    expect(share).toBeGreaterThan(0.899);
    expect(engine.kvBlocks * engine.blockSize).toBeGreaterThan(16_000);
  });

  it('of a mixture read more bytes with more tokens, up to all experts', () => {
    const cost = { ...roofline('qwen3-30b-a3b-h100'), overhead_us: 0 };
    const bandwidth = cost.peakBandwidth * cost.mbu;
    const bytes = (batch: number): number => (decodeMs(cost, batch) / 1000) * bandwidth;
    const [ALL, EXPERT] = [30_532_122_624 - 151_936 * 2048, 48 * 3 * 2048 * 768];
    const read = (touched: number): number => 2 * (ALL - (128 - touched) * EXPERT);
    // One token uses 8 of 128; 8 tokens miss each expert with probability (15/16)⁸; 128 tokens miss almost none.
    expect(bytes(1) / read(8)).toBeCloseTo(1, 3);
    expect(bytes(8) / read(128 * (1 - (15 / 16) ** 8))).toBeCloseTo(1, 3);
    expect(bytes(128) / read(128)).toBeCloseTo(1, 2);
  });
});
