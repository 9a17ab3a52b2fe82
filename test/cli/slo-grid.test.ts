import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder } from './goodput.ts';

const run = join(await scratchFolder(), 'run');

beforeAll(async () => {
  const load = ['--preset', 'tiny', '--rate', '90/s', '--warmup', '0s', '--duration', '20s'];
  const { code, stderr } = await goodput([
    'simulate',
    ...load,
    '--output-tokens',
    '20',
    '--out',
    run,
    '--quiet',
  ]);
  if (code !== 0) throw new Error(stderr);
}, 60_000);

const reported = async (...args: string[]): Promise<Summary> => {
  const { stdout, stderr, code } = await goodput(['report', run, '--json', ...args]);
  expect({ stderr, wrong: code === 104 }).toEqual({ stderr: '', wrong: false });
  return JSON.parse(stdout) as Summary;
};

test('a share of tokens in time takes its deadlines from the grid where that has them', async () => {
  const report = await reported(
    '--slo-grid',
    'ttft=20ms|60ms|400ms',
    '--slo',
    'on_time_share>=95%,tpot<=6ms',
  );
  const { cells, fixed } = report.slo_grid!;
  expect(fixed).toEqual({ on_time_share: 0.95, tpot: 6 });
  for (const { limits, attainment } of cells) {
    // The same limits declared as any others: the same requests are good.
    const alone = await reported('--slo', `ttft<=${limits['ttft']}ms,tpot<=6ms,on_time_share>=95%`);
    expect(attainment).toBe(alone.rates.attainment);
  }
  expect(new Set(cells.map(({ attainment }) => attainment)).size).toBeGreaterThan(1);
  // Outside of the grid nobody declared them, so it is judged there alone, and that is said.
  expect(report.slo!.limits).toEqual({ tpot: 6 });
  expect(report.notes.join()).toContain('on_time_share is judged only in the grid');
});

test('a run takes it too: it is judged by its own limits, and recorded with them', async () => {
  const out = `${run}-with-grid`;
  const load = [
    '--preset',
    'tiny',
    '--rate',
    '90/s',
    '--warmup',
    '0s',
    '--duration',
    '20s',
    '--output-tokens',
    '20',
  ];
  const judged = ['--slo-grid', 'ttft=20ms|60ms|400ms', '--slo', 'on_time_share>=95%,tpot<=6ms'];
  const args = ['simulate', ...load, ...judged, '--out', out, '--quiet', '--json'];
  const { code, stdout, stderr } = await goodput(args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const report = JSON.parse(stdout) as Summary;
  expect(report.slo!.limits).toEqual({ tpot: 6 });
  // The seed and so the requests are those of the recorded run.
  expect(report.slo_grid).toEqual((await reported(...judged)).slo_grid);
  const again = await goodput(['report', out, '--json']);
  expect((JSON.parse(again.stdout) as Summary).slo!.limits).toEqual({ tpot: 6 });
});

test('what the grid lacks is still asked for', async () => {
  const asked = ['--slo-grid', 'ttft=20ms..60ms', '--slo', 'on_time_share>=95%'];
  const { code, stderr } = await goodput(['report', run, ...asked]);
  expect(code).toBe(104);
  expect(stderr).toContain('on_time_share takes its deadlines from the limits of ttft and tpot');
});
