import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder } from './goodput.ts';

const scratch = await scratchFolder();

test('the list names limits and sources, and can be narrowed', async () => {
  const { code, stdout } = await goodput(['slo-presets', 'mlperf', '8B', 'interactive']);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^mlperf\/llama3\.1-8b\/interactive {2,}500 ms {2,}30 ms {2,}p99 of each {2,}\[1\]$/m,
  );
  expect(stdout).toContain('[1] github.com/mlcommons/inference, loadgen/mlperf.conf');
  expect(stdout).not.toContain('distserve');
  const { stdout: json } = await goodput(['slo-presets', 'opt-13b', '--json']);
  expect(JSON.parse(json)).toMatchObject({ schemaVersion: 1, presets: [{ ttft_ms: 250, judged: 0.9 }] });
  expect(await goodput(['slo-presets', 'nothing'])).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('no SLO preset has nothing in its name') as string,
  });
});

test('a run is judged by a preset, again by another, and by gates of its own', async () => {
  const out = join(scratch, 'run');
  const load = ['--preset', 'tiny', '--rate', '4/s', '--duration', '30s', '--quiet', '--json'];
  const run = await goodput([
    'simulate',
    ...load,
    '--slo-preset',
    'mlperf/llama3.1-8b/interactive',
    '--out',
    out,
  ]);
  const judged = (stdout: string): [Record<string, number>, string[]] => {
    const { slo, verdict } = JSON.parse(stdout) as Summary;
    return [slo!.limits, verdict.gates.map(({ gate }) => gate)];
  };
  expect(judged(run.stdout)).toEqual([{ ttft: 500, tpot: 30 }, ['ttft p99 <= 500ms', 'tpot p99 <= 30ms']]);
  // The recorded run reports it again.
  expect(judged((await goodput(['report', out, '--json'])).stdout)).toEqual(judged(run.stdout));
  const plan = await goodput(['plan', '--slo-preset', 'distserve/opt-13b/chat']);
  expect(plan.stdout).toMatch(/^ {2}gates +attainment >= 90% +flag --slo-preset$/m);
  const other = await goodput(['report', out, '--slo-preset', 'distserve/opt-13b/chat', '--json']);
  expect(judged(other.stdout)).toEqual([{ ttft: 250, tpot: 100 }, ['attainment >= 90%']]);
  const plain = await goodput(['report', out, '--slo', 'ttft<=1ms', '--json']);
  expect(judged(plain.stdout)).toEqual([{ ttft: 1 }, []]);
  const gated = await goodput(['report', out, '--gate', 'error_rate <= 1%', '--json']);
  expect(judged(gated.stdout)).toEqual([{ ttft: 500, tpot: 30 }, ['error_rate <= 1%']]);
});
