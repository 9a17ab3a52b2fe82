import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { DEFAULT_BATCHING } from '../../src/simulator/engine/batching.ts';
import { BatchingEngine } from '../../src/simulator/engine/batching-engine.ts';
import { type LinearCost, stepTimeOf } from '../../src/simulator/engine/cost.ts';
import { simulate, type SimulatedRequest } from '../../src/simulator/engine/simulation.ts';
import { mean, variance, Z } from '../statistics.ts';
import { atRate } from './knee.ts';

const COST: LinearCost = {
  kind: 'linear',
  base: 1000,
  prefillToken: 10,
  decodeSequence: 100,
  contextToken: 0,
  prefillPair: 0,
};

function poisson(seed: number, ratePerSecond: number, count: number): number[] {
  const random = randomStream(seed, 'queueing');
  let at = 0;
  return Array.from({ length: count }, () => {
    at += random.exponential();
    return Math.round((at * 1e6) / ratePerSecond);
  });
}

/** Returns means of equal intervals: if long enough, they are independent, unlike consecutive waits. */
function batchMeans(values: readonly number[], batches: number): number[] {
  const length = Math.floor(values.length / batches);
  return Array.from({ length: batches }, (_, k) => mean(values.slice(k * length, (k + 1) * length)));
}

describe('one request alone', () => {
  it('has the TTFT and TPOT computed by hand from its costs', () => {
    const cost = { ...COST, contextToken: 2, prefillPair: 0.01 };
    const requests = [{ arrival_us: 0, prompt: 1000, output: 101 }];
    const { tokens_us, end_us } = simulate({ engine: {}, cost, requests });
    const [first, last] = [tokens_us[0]![0]!, tokens_us[0]!.at(-1)!];
    // 1000 + 10·1000 + 0.01·1000·1001/2.
    expect(first).toBe(16_005);
    // Token k is computed with 1000 + k of context: 1000 + 100 + 2·(1000 + k), on average over k = 1 … 100.
    expect((last - first) / 100).toBe(1100 + 2 * (1000 + 50.5));
    expect(end_us).toBe(last);
  });
});

describe('one request at a time', () => {
  // Prefill 1000 + 10·50, four decodes of 1100: the service takes 5,900 µs in any order.
  const SERVICE_US = 5900;

  it.each([0.3, 0.6, 0.8])('waits according to Pollaczek and Khinchine: M/D/1 at ρ = %s', (load) => {
    const rate = (load * 1e6) / SERVICE_US;
    const requests = poisson(11, rate, 100_000).map((arrival_us) => ({ arrival_us, prompt: 50, output: 5 }));
    const { admitted_us, tokens_us } = simulate({ engine: { maxNumSeqs: 1 }, cost: COST, requests });
    const waits = admitted_us.map((at, k) => at! - requests[k]!.arrival_us);
    const services = new Set(tokens_us.map((tokens, k) => tokens.at(-1)! - admitted_us[k]!));
    expect([...services]).toEqual([SERVICE_US]);
    const means = batchMeans(waits, 50);
    const error = Math.sqrt(variance(means) / means.length);
    // W = ρ·D / (2·(1 − ρ)).
    const expected = (load * SERVICE_US) / (2 * (1 - load));
    expect(Math.abs(mean(means) - expected)).toBeLessThan(Z * error);
    // The interval is narrow enough to distinguish M/D/1 from M/M/1, which waits twice as long.
    expect(Z * error).toBeLessThan(0.1 * expected);
  });
});

describe("Little's law", () => {
  it('holds: the mean number in flight is the rate times the mean time in the system', () => {
    const random = randomStream(5, 'lengths');
    const arrivals = poisson(5, 40, 40_000);
    const requests: SimulatedRequest[] = arrivals.map((arrival_us) => ({
      arrival_us,
      prompt: 1 + random.below(400),
      output: 1 + random.below(100),
    }));
    const settings = { ...DEFAULT_BATCHING, maxNumSeqs: 32, kvBlocks: 512 };
    const engine = new BatchingEngine(settings, stepTimeOf({ ...COST, base: 4000 }));
    const stays: number[] = [];
    const seen: number[] = [];
    const onToken = (id: number, k: number, due_us: number): void => {
      if (k === requests[id]!.output - 1) stays.push(due_us - arrivals[id]!);
    };
    // The number in flight is sampled by a clock that is independent of arrivals.
    const EVERY_US = 10_007;
    let look = EVERY_US;
    for (const request of requests) {
      for (; look < request.arrival_us; look += EVERY_US) {
        engine.advance(look, onToken);
        seen.push(engine.inFlight);
      }
      engine.advance(request.arrival_us, onToken);
      engine.submit(request.arrival_us, request);
    }
    engine.advance(Infinity, onToken);
    const rate = requests.length / (arrivals.at(-1)! / 1e6);
    const expected = (rate * mean(stays)) / 1e6;
    const means = batchMeans(seen, 40);
    const error = Math.sqrt(variance(means) / means.length);
    // Several are in flight, so that the law is not trivial.
    expect(expected).toBeGreaterThan(5);
    // Both sides come from the same path, so they differ much less than two paths would.
    expect(Math.abs(mean(seen) - expected)).toBeLessThan(Math.min(Z * error, 0.02 * expected));
  });
});

describe('the knee', () => {
  it('is where goodput decreases while throughput still increases', async () => {
    const at = async (rate: number) => {
      const { attainment, goodput_rps, output_tps } = (await atRate(rate)).rates;
      return { attainment: attainment!, goodput: goodput_rps!, throughput: output_tps! };
    };
    const [calm, full, over] = [await at(20), await at(45), await at(55)];
    // Below it all SLOs are met, and both grow with the rate.
    expect(calm.attainment).toBeGreaterThan(0.99);
    expect(full.attainment).toBeGreaterThan(0.99);
    expect(full.goodput).toBeGreaterThan(1.8 * calm.goodput);
    expect(full.throughput).toBeGreaterThan(1.8 * calm.throughput);
    // Beyond it one improves and the other worsens.
    expect(over.throughput).toBeGreaterThan(full.throughput);
    expect(over.goodput).toBeLessThan(0.8 * full.goodput);
  });
});
