import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { fakeConsole } from './console.ts';

const folder = mkdtempSync(join(tmpdir(), 'goodput-trace-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Two requests at each of ten ticks of 2 s; every request but the first begins with the same block. */
const TRACE = join(folder, 'trace.jsonl');
writeFileSync(
  TRACE,
  Array.from({ length: 20 }, (_, k) => {
    const record = { input_length: 80, output_length: 4, hash_ids: [1, 10 + k] };
    return `${JSON.stringify({ timestamp: 2000 * Math.floor(k / 2), ...record })}\n`;
  }).join(''),
);
const FLAGS = ['--data', TRACE, '--arrivals', 'trace', '--warmup', '0s'];

async function goodput(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeConsole();
  const code = await main(args, io);
  // Lines are wrapped.
  return { code, out: io.out().replaceAll(/\s+/g, ' '), err: io.err() };
}

it('the plan of a trace names its speed and its ticks', async () => {
  const { code, out } = await goodput('plan', ...FLAGS, '--speed', '2');
  expect(code).toBe(0);
  expect(out).toContain('trace at speed 2, instants spread over ticks of 2s');
  expect(out).toContain('20 requests, all measured');
});

it('a simulated trace has its instants, lengths and reuse in every document', async () => {
  const scenario = join(folder, 'replay.yaml');
  writeFileSync(scenario, `workload: { data: { file: trace.jsonl, blockTokens: 48 } }\n`);
  const dir = join(folder, 'run');
  const args = ['--arrivals', 'trace', '--warmup', '0s', '--from', '4s', '--duration', '6s', '--out', dir];
  const { code, out } = await goodput('simulate', scenario, ...args, '--json', '--quiet');
  expect(code).toBe(0);
  const { counts, load, reuse, tokens } = JSON.parse(out) as Summary;
  // Ticks at 4, 6 and 8 s.
  expect(counts).toMatchObject({ planned: 6, ok: 6 });
  expect(load).toMatchObject({
    arrivals: 'trace',
    window_s: 6,
    trace: { speed: 1, from_s: 4, tick_ms: 2000 },
  });
  expect(tokens.input).toEqual({ planned_mean: 80, actual_mean: 80 });
  // 48 of 80 tokens, but for the first request.
  expect(reuse).toEqual({ planned: (5 * 48) / (6 * 80), counted: (5 * 48) / (6 * 80) });
  const report = await goodput('report', dir);
  expect(report.out).toContain('trace, from 4s, instants spread over ticks of 2s');
  expect(report.out).toContain('50% planned, 50% counted as cached');
});

it.each([
  [['plan', ...FLAGS, '--from', '1m'], /load\.from.*1m.*spans 18s/],
  [['plan', ...FLAGS, '--speed', '2', '--rate', '5/s'], /--rate.*load\.speed/],
  [['capacity', ...FLAGS.slice(0, 4), '--virtual', '--slo', 'ttft<=1s'], /load\.arrivals.*capacity.*trace/],
])('%j is refused', async (args, message) => {
  const { code, out, err } = await goodput(...args);
  expect({ code, out }).toEqual({ code: 104, out: '' });
  expect(err).toMatch(message);
});
