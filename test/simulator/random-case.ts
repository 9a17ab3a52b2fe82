import { type Random, randomStream } from '../../src/random.ts';
import type { BatchingSettings } from '../../src/simulator/engine/batching.ts';
import type { CostModel } from '../../src/simulator/engine/cost.ts';
import type { SimulatedRequest } from '../../src/simulator/engine/simulation.ts';

export interface RandomCase {
  engine: BatchingSettings;
  cost: CostModel;
  requests: SimulatedRequest[];
}

/** Returns a small case with few blocks, a small budget and few places, so that every rule applies. */
export function randomCase(seed: number): RandomCase {
  const random = randomStream(seed, 'batching cases');
  const between = (low: number, high: number): number => low + random.below(high - low + 1);
  const blockSize = between(1, 5);
  const engine: BatchingSettings = {
    maxNumSeqs: between(1, 6),
    maxBatchedTokens: between(1, 40),
    blockSize,
    kvBlocks: between(4, 24),
    chunkedPrefill: random.below(4) > 0,
    prefixCaching: random.below(4) > 0,
    maxModelLen: random.below(4) === 0 ? between(10, 60) : null,
  };
  const prefixes = between(1, 3);
  const requests = Array.from({ length: between(1, 14) }, (): SimulatedRequest => {
    const prompt = between(1, 30);
    return {
      // Multiples of 50 coincide with ends of steps and with one another.
      arrival_us: between(0, 40) * 50,
      prompt,
      output: between(1, 16),
      ...(random.below(3) > 0
        ? { prefix: { id: `p${random.below(prefixes)}`, length: between(0, prompt) } }
        : {}),
    };
  });
  return { engine, cost: randomCost(random), requests };
}

function randomCost(random: Random): CostModel {
  if (random.below(2) === 0)
    return {
      kind: 'linear',
      base: random.below(3) * 50,
      prefillToken: random.below(4) * 5,
      decodeSequence: random.below(3) * 25,
      contextToken: random.below(3) / 10,
      prefillPair: random.below(3) / 8,
    };
  const figures = {
    kind: 'roofline' as const,
    params: 1e9,
    attentionFlops: random.below(3) * 1e7,
    kvBytesPerToken: random.below(3) * 1e5,
    gpus: 1 + random.below(4),
    peakFlops: 1e14,
    peakBandwidth: 1e12,
    mfu: 0.25 + random.below(4) / 4,
    mbu: 0.25 + random.below(4) / 4,
    overhead_us: random.below(3) * 7.5,
  };
  return random.below(2) === 0
    ? { ...figures, weightBytes: 2e8 }
    : { ...figures, denseBytes: 2e7, expertBytes: 1e7, experts: 16, expertsPerToken: 1 + random.below(4) };
}
