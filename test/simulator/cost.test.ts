import { describe, expect, it } from 'vitest';
import {
  type CostModel,
  type RooflineCost,
  stepTimeOf,
  type StepWork,
} from '../../src/simulator/engine/cost.ts';

const NOTHING: StepWork = {
  prefillTokens: 0,
  prefillPairs: 0,
  prefillContext: 0,
  decodes: 0,
  decodeContext: 0,
};

const time = (cost: CostModel, work: Partial<StepWork>): number => stepTimeOf(cost)({ ...NOTHING, ...work });

describe('linear', () => {
  const cost = {
    kind: 'linear',
    base: 5000,
    prefillToken: 20,
    decodeSequence: 50,
    contextToken: 0.1,
    prefillPair: 0.001,
  } as const;

  it('sums the work of the step', () => {
    // 5000 + 20·100 + 50·3 + 0.1·600 + 0.001·5050 = 7215.05, rounded up.
    expect(time(cost, { prefillTokens: 100, decodes: 3, decodeContext: 600, prefillPairs: 5050 })).toBe(7216);
  });

  it('rounds up to whole microseconds, except for rounding errors of doubles', () => {
    // 0.1·3 is 0.30000000000000004.
    expect(time({ ...cost, base: 0.7, decodeSequence: 0 }, { decodes: 1, decodeContext: 3 })).toBe(1);
    expect(time({ ...cost, base: 7.000_000_9, decodeSequence: 0 }, {})).toBe(7);
    expect(time({ ...cost, base: 7.000_002, decodeSequence: 0 }, {})).toBe(8);
    expect(time({ ...cost, base: 0 }, {}) + 0).toBe(0);
  });
});

describe('roofline', () => {
  const FIGURES = {
    kind: 'roofline',
    params: 1e9,
    attentionFlops: 1e5,
    kvBytesPerToken: 1e4,
    gpus: 2,
    peakFlops: 1e14,
    peakBandwidth: 1e12,
    mfu: 0.5,
    mbu: 0.5,
    overhead_us: 100,
  } as const;
  const dense: RooflineCost = { ...FIGURES, weightBytes: 2e9 };

  it('uses the slower of arithmetic and memory, separately for matrices and for attention', () => {
    // F = 1e14, W = 1e12. Weights 2 ms against 2·1e9·10/F = 0.2 ms; KV 1e4·1000/W = 10 µs against 1 µs.
    expect(time(dense, { decodes: 10, decodeContext: 1000 })).toBe(100 + 2000 + 10);
    // 2·1e9·1000/F = 20 ms against 2 ms; 1e5·500,500/F = 500.5 µs against 1e4·1000/W = 10 µs.
    expect(time(dense, { prefillTokens: 1000, prefillPairs: 500_500, prefillContext: 1000 })).toBe(
      100 + 20_000 + 501,
    );
  });

  it('reads the experts that are used: k of E by one token, in the limit all', () => {
    const mixture: RooflineCost = {
      ...FIGURES,
      params: 0,
      denseBytes: 1e9,
      expertBytes: 1e8,
      experts: 64,
      expertsPerToken: 4,
    };
    // 1 GB and 4 experts of 0.1 GB; two tokens use 64·(1 − (60/64)²) = 7.75; many use all 64.
    expect(time(mixture, { decodes: 1 })).toBe(100 + 1400);
    expect(time(mixture, { decodes: 2 })).toBe(100 + 1775);
    expect(time(mixture, { decodes: 1, prefillTokens: 5000 })).toBe(100 + 7400);
    // If every token uses all experts, one token reads them all.
    expect(time({ ...mixture, expertsPerToken: 64 }, { decodes: 1 })).toBe(100 + 7400);
  });
});

/** "How to Scale Your Model": 30 B parameters in int8 on 16 TPU v5e, 8,192 tokens of context at 100 kB. */
describe('published step times', () => {
  const v5e: RooflineCost = {
    kind: 'roofline',
    params: 30e9,
    attentionFlops: 0,
    weightBytes: 30e9,
    kvBytesPerToken: 100e3,
    gpus: 16,
    peakFlops: 197e12,
    peakBandwidth: 810e9,
    mfu: 1,
    mbu: 1,
    overhead_us: 0,
  };

  it.each([
    { batch: 4, ms: '2.57' },
    { batch: 256, ms: '21.05' },
  ])('batch $batch takes $ms ms', ({ batch, ms }) => {
    expect((time(v5e, { decodes: batch, decodeContext: batch * 8192 }) / 1000).toFixed(2)).toBe(ms);
  });
});
