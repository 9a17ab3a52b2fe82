/** @module-tag timed */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveScenario } from '../src/scenario/resolve.ts';
import type { RankedDocument } from '../src/compare/written-comparison.ts';
import type { SweepDocument } from '../src/sweep/sweep-document.ts';
import type { Summary } from '../src/verdict/summary.ts';
import { goodput, scratchFolder } from './cli/goodput.ts';

const ROOT = join(import.meta.dirname, '..');
const scratch = await scratchFolder();

describe('the examples in scenarios/', () => {
  const all = readdirSync(join(ROOT, 'scenarios')).filter((name) => name.endsWith('.yaml'));
  // Several endpoints take rounds of their own: see below.
  const names = all.filter((name) => name !== 'providers.yaml');

  it.each(all)('%s is accepted', async (name) => {
    const { code, stdout, stderr } = await goodput(['plan', join(ROOT, 'scenarios', name)]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });

  it.each(names)('%s runs', { tags: ['study'] }, async (name) => {
    const file = join(ROOT, 'scenarios', name);
    // Stages say themselves how long they last.
    const text = readFileSync(file, 'utf8');
    // The duration of a trace is a time of the trace.
    const duration = text.includes('arrivals: trace') ? '8s' : '1500ms';
    const short = text.includes('stages:') ? [] : ['--duration', duration];
    // A sweep is many runs: the virtual clock does.
    const sweep = /^sweep:/m.test(text);
    const args = [
      sweep ? 'simulate' : 'run',
      file,
      '--warmup',
      '200ms',
      ...short,
      '--quiet',
      '--json',
      '--out',
      join(scratch, name),
    ];
    const { code, stdout, stderr } = await goodput(args);
    // Over one second gates mean little, and a stalled machine may invalidate the run.
    expect([0, 98, 99]).toContain(code);
    // The simulated endpoint says what it ignores of the requests of agents.
    const warning = text.includes('agent.jsonl') ? 'warning: the simulated endpoint ignored tools' : '';
    expect(stderr.split(' (')[0]).toBe(warning);
    const document = JSON.parse(stdout) as Summary | SweepDocument;
    const summaries = 'points' in document ? document.points.map(({ summary }) => summary) : [document];
    expect(summaries.length).toBeGreaterThan(sweep ? 1 : 0);
    for (const { counts } of summaries) {
      expect(counts.ok).toBeGreaterThan(0);
      expect(counts.failed).toBe(0);
    }
  });
});

it('coordinated-omission.yaml means what it says: 500 + 400·i ms from the plan, 500 from the send', async () => {
  const file = join(ROOT, 'scenarios', 'coordinated-omission.yaml');
  const { stdout } = await goodput(['simulate', file, '--json', '--out', join(scratch, 'omission')]);
  const { metrics } = JSON.parse(stdout) as Summary;
  expect([metrics['ttft']!.mean, metrics['ttft_sent']!.mean]).toEqual([1900, 500]);
  expect([metrics['ttft']!.min, metrics['ttft']!.max]).toEqual([500, 3300]);
});

it('providers.yaml ranks three servers as they are', { timeout: 60_000, tags: ['study'] }, async () => {
  const file = join(ROOT, 'scenarios', 'providers.yaml');
  const args = ['simulate', file, '--rounds', '3', '--quiet', '--json', '--out', join(scratch, 'providers')];
  const { code, stdout } = await goodput(args);
  expect(code).toBe(0);
  const { ranking } = JSON.parse(stdout) as RankedDocument;
  const order = (wanted: string): string =>
    ranking
      .find(({ figure }) => figure === wanted)!
      .order.map(({ name, rank }) => `${rank} ${name}`)
      .join(', ');
  expect(order('tpot mean')).toMatch(/^1 birch, 2 (alder, 2 cedar|cedar, 2 alder)$/);
  expect(order('ttft mean')).toMatch(/, 3 cedar$/);
});

describe('the README', () => {
  it('shows a scenario that is one', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const text = /```yaml\n(.*?)```/s.exec(readme)![1]!;
    const { resolved, warnings } = resolveScenario({
      file: { path: 'README', text },
      env: { MY_KEY: 'k' },
      flags: {},
    });
    expect(warnings).toEqual([]);
    expect(resolved.scenario.slo).toHaveLength(2);
    expect(resolved.scenario.gates).toHaveLength(2);
  });
});
