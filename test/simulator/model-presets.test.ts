import { describe, expect, it } from 'vitest';
import { ACCELERATORS } from '../../src/simulator/engine/accelerators.ts';
import { type RooflineCost, stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { figuresOf, type Model, type ModelName, MODELS } from '../../src/simulator/engine/model-shapes.ts';
import { type Preset, PRESETS } from '../../src/simulator/engine/model-presets.ts';
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

const models = Object.entries(MODELS) as [ModelName, Model][];

describe('models', () => {
  it.each(models)('%s: the fields give the published count of parameters exactly', (_, model) => {
    expect(figuresOf(model).parameters).toBe(model.published.value);
  });

  // Computed from the configurations by another program; the card of gpt-oss says 5.13 B, which includes only the
  // output embedding.
  it.each<[ModelName, number, number]>([
    ['llama-2-70b', 68_714_504_192, 327_680],
    ['llama-3.1-8b', 7_504_924_672, 131_072],
    ['llama-3.1-70b', 69_503_033_344, 327_680],
    ['qwen3-30b-a3b', 3_041_867_776, 98_304],
    // Half of 73,728: 18 of its 36 layers see only 128 tokens.
    ['gpt-oss-120b', 5_132_849_472, 36_864],
  ])('%s: active parameters and bytes of a cached token', (name, active, kvBytesPerToken) => {
    expect(figuresOf(MODELS[name])).toMatchObject({ active, kvBytesPerToken });
  });

  it('are as large as their checkpoints, and are read without their input embeddings', () => {
    // The card of gpt-oss-120b: 60.8 GiB.
    expect((figuresOf(MODELS['gpt-oss-120b']).storedBytes / 2 ** 30).toFixed(1)).toBe('60.8');
    expect(figuresOf(MODELS['llama-3.1-8b'])).toMatchObject({
      storedBytes: 2 * 8_030_261_248,
      weightBytes: 2 * 7_504_924_672,
    });
    expect(figuresOf(MODELS['qwen3-30b-a3b'])).toMatchObject({
      storedBytes: 2 * 30_532_122_624,
      weightBytes: 2 * (30_532_122_624 - 151_936 * 2048),
    });
  });
});

describe('accelerators', () => {
  // FLOP per byte at which arithmetic and memory take the same time, from the literature.
  it.each([
    ['a100-80', 153],
    ['a100-40', 201],
    ['h100', 295],
    ['h200', 206],
    ['b200', 281],
    ['mi300x', 247],
    ['l4', 403],
  ] as const)('%s has its ridge at %d', (name, ridge) => {
    const { peakFlops, peakBandwidth } = ACCELERATORS[name];
    expect(Math.round(peakFlops.value / peakBandwidth.value)).toBe(ridge);
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
      for (const accelerator of Object.keys(ACCELERATORS))
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
    const accelerator = Object.values(ACCELERATORS).find(
      ({ peakFlops, peakBandwidth }) =>
        peakFlops.value === cost.peakFlops && peakBandwidth.value === cost.peakBandwidth,
    )!;
    const cache = engine.kvBlocks * engine.blockSize * cost.kvBytesPerToken;
    const share = (figuresOf(model).storedBytes + cache) / (cost.gpus * accelerator.memory.value);
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
