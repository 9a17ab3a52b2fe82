import { readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FitDocument } from '../../src/fit/fit-document.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { CHECKED_MODELS } from '../machine/cases.ts';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(scratch, name), text);
  return join(scratch, name);
};
const configOf = (id: string): Promise<string> =>
  file(`${id}.json`, JSON.stringify(CHECKED_MODELS.find((model) => model.id === id)!.config));
const llama = await configOf('llama-3.1-8b');
const large = await configOf('llama-3.3-70b');
const prices = await file('prices.yaml', 'currency: EUR\nh100-sxm: 2.49\nh200-sxm: 3.5\n');

const LENGTHS = ['--input-tokens', '1000', '--output-tokens', '40'];

async function fitted(...args: string[]): Promise<FitDocument> {
  const { code, stdout, stderr } = await goodput(['fit', '--quiet', '--json', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as FitDocument;
}

describe('goodput fit', () => {
  it('finds the cheapest machine that meets the SLO', async () => {
    const machines = [
      '--hardware',
      'h100-sxm:4,h200-sxm:2',
      '--prices',
      prices,
      '--budget',
      '2m',
      '--width',
      '40%',
    ];
    const slo = ['--slo', 'ttft<=500ms,tpot<=40ms'];
    const { rows, currency, best_by } = await fitted(
      '--model-config',
      llama,
      ...machines,
      ...LENGTHS,
      ...slo,
    );
    expect([currency, best_by]).toEqual(['EUR', 'per_good_request']);
    expect(rows.map(({ count }) => count)).toEqual([4, 2]);
    for (const row of rows) {
      const capacity = row.capacity!.capacity_rps!;
      expect(row.capacity).toMatchObject({
        status: 'estimated',
        gpus: row.count,
        target: 0.9,
        simulated: true,
      });
      const perHour = row.count === 4 ? 4 * 2.49 : 2 * 3.5;
      expect(row.per_good_request! / (perHour / (3600 * capacity * 0.9))).toBeCloseTo(1, 9);
      expect(row.per_1m_output! / (perHour / (3600 * capacity * 40)) / 1e6).toBeCloseTo(1, 9);
      // Nothing is faster than its floor.
      expect(row.simulated!.ttft_ms).toBeGreaterThan(row.floors.ttft_ms!);
      expect(row.simulated!.tpot_ms).toBeGreaterThan(row.floors.tpot_ms!);
    }
    const costs = rows.map(({ per_good_request }) => per_good_request!);
    expect(rows.findIndex(({ best }) => best)).toBe(costs.indexOf(Math.min(...costs)));
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('goodput-fit-'));
    expect(left).toEqual([]);
  });

  it('shows one row per machine within 80 columns, and why a machine does not fit', async () => {
    const machines = ['--hardware', 'h100-sxm,apple-m4:4', '--count', '1,2,3', '--prices', prices];
    const { code, stdout } = await goodput(['fit', '--model-config', large, ...machines, ...LENGTHS]);
    expect(code).toBe(0);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    // 1.1 · (141,107,412,992 + 1,040 · 327,680) bytes − 81,559 MiB.
    expect(stdout).toMatch(/^h100-sxm:1 .* -65\.3 GiB$/m);
    expect(stdout).toMatch(/^h100-sxm:2 .* yes$/m);
    expect(stdout).toMatch(/^h100-sxm:3 .* heads$/m);
    expect(stdout).toMatch(/^apple-m4:4 .* GiB$/m);
    expect(stdout).toMatch(/unverified.*apple-m4 \(peakFlops, memory\)/);
    expect(stdout).toMatch(/MFU reached 60% \(50% on several/);
    expect(stdout).toMatch(/Best +2 devices of NVIDIA H100/);
  });

  it('calibrated from a run at one load, predicts another within 10 %', async () => {
    const scenario = await file(
      'server.yaml',
      `endpoint: simulated
simulator: { preset: llama-3.1-8b-h100, cost: { mfu: 0.42, mbu: 0.58, overhead_us: 1300 } }
workload: { input: "lognormal:1000,400", output: "lognormal:60,20" }
hardware: { accelerator: h100-sxm }
model: { config: llama-3.1-8b.json }
load: { rate: 4/s, warmup: 0s, requests: 60 }
`,
    );
    const simulated = async (...args: string[]): Promise<Summary> =>
      JSON.parse((await goodput(['simulate', scenario, '--quiet', '--json', ...args])).stdout) as Summary;
    await simulated('--out', join(scratch, 'slow'));
    const busy = await simulated('--out', join(scratch, 'busy'), '--rate', '12/s', '--requests', '300');
    const run = ['--calibrate-from', join(scratch, 'slow'), '--rate', '12/s'];
    const { rows, assumed } = await fitted(scenario, ...run);
    expect(assumed.from).toEqual({ mfu: 'run', mbu: 'run', overhead: 'run' });
    expect(assumed.calibration).toMatchObject({ machine: 'h100-sxm:1', requests: 60 });
    const [row] = rows;
    expect(Math.abs(row!.simulated!.ttft_ms! / busy.metrics.ttft!.p50! - 1)).toBeLessThan(0.1);
    expect(Math.abs(row!.simulated!.tpot_ms! / busy.metrics.tpot!.p50! - 1)).toBeLessThan(0.1);
  });

  const given = ['--model-config', llama, '--hardware', 'l4'];
  it.each([
    [['--hardware', 'l4'], /no model.*--model-config/s],
    [['--model-config', llama], /no machine.*--hardware/s],
    [['--model-config', prices, '--hardware', 'l4'], /prices\.yaml.*JSON/],
    [[...given, '--hardware', 'h100'], /--hardware: h100: accelerator.*h100-sxm/],
    [[...given, '--count', '1,two'], /--count.*"1,two"/],
    [[...given, '--mfu', '120%'], /--mfu.*100%/],
    [[...given, '--overhead', '5'], /--overhead.*5ms/],
    [[...given, '--target', 'all'], /--target.*90%/],
    [[...given, '--prices', join(scratch, 'none.yaml')], /none\.yaml/],
    [[...given, '--measured-on', 'l4'], /--measured-on.*--calibrate-from/],
    [[...given, '--calibrate-from', scratch], /run\.json/],
  ])('%j is refused', async (args, message) => {
    expect(await goodput(['fit', ...args])).toMatchObject({
      code: 104,
      stderr: expect.stringMatching(message),
    });
  });

  it('lists every mistake in a file of prices, with its line', async () => {
    const wrong = await file('wrong.yaml', 'h100-smx: 2\nl4: cheap\ncurrency: dollars\n');
    const { code, stderr } = await goodput(['fit', ...given, '--prices', wrong]);
    expect(code).toBe(104);
    expect(stderr).toMatch(/wrong\.yaml:1:1: .*did you mean "h100-sxm"/);
    expect(stderr).toMatch(/wrong\.yaml:2:5: l4.*per hour/);
    expect(stderr).toMatch(/wrong\.yaml:3:11: currency.*ISO 4217/);
  });

  it('refuses the config of an encoder', async () => {
    const bert = await file('bert.json', '{"architectures": ["BertForMaskedLM"], "model_type": "bert"}');
    const { code, stderr } = await goodput(['fit', '--model-config', bert, '--hardware', 'l4']);
    expect(code).toBe(104);
    expect(stderr).toMatch(/--model-config: model\.config.*BertForMaskedLM/);
  });
});
