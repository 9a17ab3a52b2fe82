import { describe, expect, it } from 'vitest';
import { workerCount } from '../../src/run/worker-count.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';

function workersOf(flags: Flags, { cores = 64, file = '' } = {}): number {
  const { scenario } = resolveScenario({
    file: { path: 'a.yaml', text: file === '' ? 'seed: 1' : file },
    env: {},
    flags: { workers: 'auto', ...flags },
  }).resolved;
  return workerCount(scenario, cores);
}

describe('the number of workers', () => {
  it('is the requested number on every machine', () => {
    expect(workersOf({ workers: '7' }, { cores: 1 })).toBe(7);
  });

  it.each<[number, Flags]>([
    [1, {}],
    // 156 × 128 = 19,968 tokens/s, 157 × 128 = 20,096.
    [1, { rate: '156/s' }],
    [2, { rate: '157/s' }],
    // Requests of one token: 2,000/s a worker.
    [1, { rate: '2000/s', 'output-tokens': '1' }],
    [3, { rate: '5000/s', 'output-tokens': '1' }],
    // The mean of 100 to 300 is 200: 200 × 500 = 100,000 tokens/s.
    [5, { rate: '500/s', 'output-tokens': 'uniform:100-300' }],
    [5, { rate: '500/s', 'output-tokens': 'lognormal:200,50' }],
    // Streams of 50 tokens/s each.
    [1, { concurrency: '400' }],
    [25, { concurrency: '10000' }],
  ])('auto is %d for %j', (wanted, flags) => {
    expect(workersOf(flags)).toBe(wanted);
  });

  it('auto follows the highest rate of the stages', () => {
    const file = 'load: { stages: [{ from: 1/s, to: 1000/s, for: 5s }, { at: 5/s, for: 5s }] }';
    expect(workersOf({}, { file })).toBe(7);
  });

  it('auto reserves a core for the main thread if there are several', () => {
    expect(workersOf({ concurrency: '10000' }, { cores: 4 })).toBe(3);
    expect(workersOf({ concurrency: '10000' }, { cores: 1 })).toBe(1);
  });
});
