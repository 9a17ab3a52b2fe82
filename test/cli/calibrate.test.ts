/** @module-tag timed */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Ceiling } from '../../src/calibrate/ceiling.ts';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();

it('calibrates within its time, keeps what it found, and run warns by it', { timeout: 120_000 }, async () => {
  const env = { GOODPUT_CACHE_DIR: join(scratch, 'cache') };
  const { code, stdout, stderr } = await goodput(['calibrate', '--duration', '5s', '--json'], {
    env,
    ownProcess: true,
  });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^events: .*\nstamps: .*\n/);
  const ceiling = JSON.parse(stdout) as Ceiling;
  expect(ceiling.events.per_s).toBeGreaterThan(1000);
  expect(ceiling.events.cpu_us).toBeGreaterThan(0);
  // A stamp is never taken before the event was written; half a microsecond is the rounding of the record.
  expect(ceiling.stamps.count).toBeGreaterThan(500);
  expect(ceiling.stamps.error_p50_us).toBeGreaterThan(-0.5);
  expect(ceiling.stamps.error_p99_us!).toBeGreaterThanOrEqual(ceiling.stamps.error_p50_us!);

  const file = join(scratch, 'cache', 'calibration.json');
  const stored = JSON.parse(await readFile(file, 'utf8')) as { machines: Record<string, Ceiling> };
  expect(Object.values(stored.machines)).toEqual([ceiling]);

  for (const each of Object.values(stored.machines)) each.requests.per_s = 30;
  await writeFile(file, JSON.stringify(stored));
  const args = [
    'run',
    '--quiet',
    '--rate',
    '20/s',
    '--warmup',
    '0s',
    '--duration',
    '500ms',
    '--output-tokens',
    '2',
  ];
  const near = await goodput([...args, '--out', join(scratch, 'near')], { env });
  expect(near.stderr).toMatch(/warning: The scenario needs 20 requests\/s, 66\.7% of this machine's limit/);
  const far = await goodput([...args, '--out', join(scratch, 'far')], {
    env: { GOODPUT_CACHE_DIR: scratch },
  });
  expect(far.stderr).toBe('');
});

it('refuses a duration that is none', async () => {
  const { code, stderr } = await goodput(['calibrate', '--duration', 'soon']);
  expect(code).toBe(104);
  expect(stderr).toContain('--duration: expected');
});

it('names a damaged file of earlier results before it measures, and run only warns', async () => {
  const file = join(scratch, 'calibration.json');
  const env = { GOODPUT_CACHE_DIR: scratch };
  await writeFile(file, '{"schemaVersion":1,"machines":{"x":{"events":null}}}');
  const measured = await goodput(['calibrate'], { env });
  expect({ ...measured, stderr: '' }).toEqual({ code: 104, stdout: '', stderr: '' });
  expect(measured.stderr).toMatch(/calibration\.json: "machines\.x\.measured" is missing\n.*[Dd]elete/);
  const args = ['--quiet', '--rate', '20/s', '--warmup', '0s', '--duration', '200ms', '--output-tokens', '2'];
  const run = await goodput(['run', ...args, '--out', join(await mkdtemp(join(scratch, 'warned-')), 'run')], {
    env,
  });
  // A stalled machine makes so short a run invalid.
  expect([0, 98]).toContain(run.code);
  expect(run.stderr).toMatch(/warning: .*"machines\.x\.measured" is missing/);
});
