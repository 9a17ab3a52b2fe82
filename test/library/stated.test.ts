import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { score, simulate } from '../../src/index.ts';
import { CHECKED_MODELS } from '../machine/cases.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-stated-'));
const config = CHECKED_MODELS.find(({ id }) => id === 'llama-3.1-8b')!.config;
const LOAD = { warmup: '2s', duration: '20s' } as const;

const simulated = (out: string, rate: string) =>
  simulate({
    out: join(dir, out),
    seed: 3,
    simulator: { preset: 'llama-3.1-8b-h100' },
    workload: { input: 1000, output: 100 },
    load: { ...LOAD, rate },
    slo: 'ttft<=1s',
    hardware: { accelerator: 'h100-sxm', pricePerHour: 3.6 },
    model: { config },
    env: {},
  });

test('on the machine that the engine simulates, no floor exceeds what was measured, at any load', async () => {
  for (const rate of ['1/s', '10/s', '40/s']) {
    const { summary } = await simulated(`rate-${Number.parseFloat(rate)}`, rate);
    const { machine, metrics, cost, rates } = summary;
    expect(machine!.impossible).toEqual([]);
    expect(machine!.floors.ttft_ms!).toBeLessThan(metrics['ttft']!.p50!);
    expect(machine!.floors.tpot_ms!).toBeLessThan(metrics['tpot']!.p50!);
    expect(machine!.mfu!).toBeLessThan(1);
    // 3.6 $/h is 0.001 $/s.
    expect(cost!.total).toBeCloseTo(0.001 * 20, 12);
    expect(cost!.per_good_request).toBeCloseTo(0.001 / rates.goodput_rps!, 12);
  }
});

test('statements in a report replace those of the run; others stay', async () => {
  const { summary } = await simulated('again', '5/s');
  const again = await score(summary.run.dir, {
    hardware: { accelerator: 'h100-sxm', count: 2 },
    price: { input: 1, output: 2, currency: 'USD' },
  });
  // Twice the devices halve MFU; without a price per hour, tokens are paid for.
  expect(again.summary.machine!.mfu).toBeCloseTo(summary.machine!.mfu! / 2, 12);
  const { tokens, rates, cost } = again.summary;
  expect(tokens.cached).toBe(0);
  expect(cost).toMatchObject({ by: 'price', currency: 'USD' });
  expect(cost!.total! / 20).toBeCloseTo((rates.input_tps! + 2 * rates.output_tps!) / 1e6, 12);
  await expect(score(summary.run.dir, { hardware: { accelerator: 'h1oo-sxm' } })).rejects.toThrow(
    /options\.hardware\.accelerator.*h100-sxm/,
  );
});
