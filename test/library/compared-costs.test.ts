import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compare, measureSweep, simulate } from '../../src/index.ts';
import { CHECKED_MODELS } from '../machine/cases.ts';

const dir = mkdtempSync(join(tmpdir(), 'goodput-costs-'));
const SEEDS = [1, 2, 3, 4];
const LOAD = {
  workload: { input: 'uniform:100-300', output: 'uniform:10-50' },
  load: { rate: '20/s', warmup: '1s', duration: '8s' },
  slo: 'ttft<=1s',
  env: {},
} as const;

/** Simulates one run per seed at these prices, and returns their folders and costs per good request. */
async function provider(name: string, price: { input: number; output: number; currency: string }) {
  const runs = await Promise.all(
    SEEDS.map((seed) =>
      simulate({
        ...LOAD,
        seed,
        price,
        simulator: { preset: 'llama-3.1-8b-h100' },
        out: join(dir, `${name}-${seed}`),
      }),
    ),
  );
  return {
    folders: runs.map(({ dir: folder }) => folder),
    costs: runs.map(({ summary }) => summary.cost!.per_good_request!),
  };
}

/** Student's t for 3 degrees of freedom at 97.5 %, from a table. */
const T_3 = 3.182;

test('who is cheaper per good request is decided over the paired rounds, with an interval', async () => {
  const dear = await provider('dear', { input: 1, output: 3, currency: 'USD' });
  const cheap = await provider('cheap', { input: 0.5, output: 2, currency: 'USD' });
  const compared = await compare({ base: dear.folders, new: cheap.folders });
  if (!('rates' in compared)) throw new Error('not a comparison of two');
  const cost = compared.rates['cost_per_good_request']!;
  expect(compared.verdict.deciding).toContain('cost_per_good_request');
  expect(cost).toMatchObject({ unit: 'USD', verdict: 'better', decides: true, method: 'R' });
  const differences = SEEDS.map((_, k) => cheap.costs[k]! - dear.costs[k]!);
  const mean = differences.reduce((sum, each) => sum + each, 0) / SEEDS.length;
  const variance = differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (SEEDS.length - 1);
  expect(cost.diff).toBeCloseTo(mean, 12);
  // The deciding figures share the chance of a false alarm, so the interval is at least that of one figure.
  expect(cost.high! - cost.low!).toBeGreaterThan(2 * T_3 * Math.sqrt(variance / SEEDS.length) * 0.999);
  expect(cost.high!).toBeLessThan(0);
});

test('costs in different currencies are not compared', async () => {
  const [dollars, euros] = [
    await provider('dollars', { input: 1, output: 3, currency: 'USD' }),
    await provider('euros', { input: 1, output: 3, currency: 'EUR' }),
  ];
  const compared = await compare({ base: dollars.folders, new: euros.folders });
  if (!('rates' in compared)) throw new Error('not a comparison of two');
  expect(compared.rates['cost_per_good_request']).toMatchObject({
    base: null,
    verdict: 'inconclusive',
    why: expect.stringContaining('currencies') as string,
  });
  expect(compared.verdict.deciding).not.toContain('cost_per_good_request');
});

test('a sweep has MFU, MBU, tokens per device and cost at each load', async () => {
  const found = await measureSweep({
    ...LOAD,
    load: { warmup: '1s', duration: '10s' },
    sweep: { rate: ['5/s', '20/s', '60/s'] },
    simulator: { preset: 'llama-3.1-8b-h100' },
    hardware: { accelerator: 'h100-sxm', pricePerHour: 3.6 },
    model: { config: CHECKED_MODELS.find(({ id }) => id === 'llama-3.1-8b')!.config },
    virtual: true,
    out: join(dir, 'sweep'),
  });
  const { points } = found.document.curves[0]!;
  const mfu = points.map((point) => point.mfu!);
  expect(mfu).toEqual(mfu.toSorted((a, b) => a - b));
  for (const point of points) {
    expect(point.device_tps).toBe(point.system_tps);
    expect(point.currency).toBe('USD');
    // 0.001 $/s.
    expect(point.cost_per_good_request! * point.goodput_rps!).toBeCloseTo(0.001, 12);
  }
});
