import { expect, test } from 'vitest';
import { calibrateFrom, medianMs, type MeasuredRun } from '../../src/fit/calibration.ts';
import { engineOfMachine } from '../../src/fit/engine-of.ts';
import { memoryFit } from '../../src/fit/memory-fit.ts';
import { recordedRequests } from '../../src/fit/recorded-requests.ts';
import { randomStream } from '../../src/random.ts';
import type { Sample } from '../../src/sample.ts';
import type { Reached } from '../../src/simulator/engine/machine-cost.ts';
import { type SimulatedRequest, simulate } from '../../src/simulator/engine/simulation.ts';
import { hardwareOf, modelOf } from '../machine/cases.ts';

const model = modelOf({ config: 'llama-3.1-8b' });
const hardware = hardwareOf({ accelerator: 'h100-sxm' });
const { kvTokens } = memoryFit(model, hardware, { concurrency: 1, tokens: 1000 });
/** The shares that the "server" reaches, and goodput does not know: its context costs what one of another workload does. */
const SERVER: Reached = { mfu: 0.42, mbu: 0.58, overhead_us: 1300 };
const server = engineOfMachine(model, hardware, SERVER, { context: 2000, kvTokens })!;

/** Poisson arrivals of requests with random lengths. */
function requestsAt(rate: number, count: number, seed: number): SimulatedRequest[] {
  const random = randomStream(seed, 'requests');
  let at = 0;
  return Array.from({ length: count }, () => {
    at += (random.exponential() / rate) * 1e6;
    return { arrival_us: Math.round(at), prompt: 200 + random.below(2000), output: 20 + random.below(100) };
  });
}

/** Returns the samples of a run of the server, measured by a client. */
function samplesOf(requests: readonly SimulatedRequest[]): Sample[] {
  const { tokens_us } = simulate({ engine: { kvBlocks: server.kvBlocks }, cost: server.cost, requests });
  return requests.map(({ arrival_us, prompt, output }, k) => {
    const events_us = tokens_us[k]!.map((at, n, all) => (n === 0 ? at : at - all[n - 1]!));
    const sample = {
      outcome: 'ok',
      sent_us: arrival_us,
      events_us,
      input_tokens: prompt,
      output_tokens: output,
    };
    return { ...sample, cached_tokens: null } as unknown as Sample;
  });
}

async function measuredAt(rate: number, count: number, seed: number): Promise<MeasuredRun> {
  const all = samplesOf(requestsAt(rate, count, seed));
  async function* samples(): AsyncGenerator<Sample> {
    yield* all.toReversed();
  }
  const { requests, skipped } = await recordedRequests({ samples });
  expect([requests.length, skipped]).toEqual([count, 0]);
  return { dir: 'measured', model, hardware, requests, engine: {} };
}

const running = (): boolean => false;

test('calibrated at one load, the engine predicts TTFT and TPOT at another within 10 %', async () => {
  const found = await calibrateFrom(await measuredAt(4, 100, 1), {}, running);
  expect(found).toMatchObject({ run: 'measured', machine: 'h100-sxm:1', requests: 100 });
  expect(found.ttft_ms.simulated! / found.ttft_ms.measured!).toBeCloseTo(1, 1);
  const other = await measuredAt(16, 300, 2);
  const predicted = engineOfMachine(model, hardware, found, { context: 1200, kvTokens })!;
  const { tokens_us } = simulate({
    engine: { kvBlocks: predicted.kvBlocks },
    cost: predicted.cost,
    requests: other.requests.map(({ sent_us, prompt, output }) => ({ arrival_us: sent_us, prompt, output })),
  });
  const ttft = medianMs(tokens_us.map((instants, k) => instants[0]! - other.requests[k]!.sent_us))!;
  const tpot = medianMs(
    tokens_us.map((instants) => (instants.at(-1)! - instants[0]!) / (instants.length - 1)),
  )!;
  const real = {
    ttft: medianMs(other.requests.map(({ ttft_us }) => ttft_us))!,
    tpot: medianMs(other.requests.map(({ tpot_us }) => tpot_us))!,
  };
  // The second load is another regime: half as long again for each token.
  const before = found.tpot_ms.measured!;
  expect(real.tpot).toBeGreaterThan(1.3 * before);
  expect(Math.abs(ttft / real.ttft - 1)).toBeLessThan(0.1);
  expect(Math.abs(tpot / real.tpot - 1)).toBeLessThan(0.1);
});

test('stated values are kept, and the others found for them', async () => {
  const stated = { mfu: SERVER.mfu, overhead_us: SERVER.overhead_us };
  const found = await calibrateFrom(await measuredAt(4, 40, 3), stated, running);
  expect(found).toMatchObject(stated);
  expect(Math.abs(found.mbu / SERVER.mbu - 1)).toBeLessThan(0.05);
});

test('too few requests are refused; failures, and requests without token counts, are left out', async () => {
  const measured = await measuredAt(4, 19, 4);
  await expect(calibrateFrom(measured, {}, running)).rejects.toThrow(/19 successful.*at least 20/);
  const [sample] = samplesOf(requestsAt(1, 1, 5));
  async function* samples(): AsyncGenerator<Sample> {
    yield { ...sample!, outcome: 'http_error' };
    yield { ...sample!, output_tokens: null };
    yield { ...sample!, cached_tokens: 100 };
  }
  const { requests, skipped } = await recordedRequests({ samples });
  expect(skipped).toBe(2);
  expect(requests).toMatchObject([{ prompt: sample!.input_tokens! - 100 }]);
});
