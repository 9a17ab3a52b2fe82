/**
 * @module-tag timed
 * @module-tag study
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { score } from '../src/index.ts';
import { TEST_ENVIRONMENT } from './environment.ts';

const EXAMPLES = join(import.meta.dirname, '..', 'examples');
let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'goodput-examples-'));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const PRELOAD = join(import.meta.dirname, 'goodput-from-source.mjs');

/** Runs an example in a scratch folder and a process of its own, with `goodput` imported from src/. */
const run = (name: string): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const args = ['--import', PRELOAD, join(EXAMPLES, name)];
    const env = { ...process.env, ...TEST_ENVIRONMENT };
    const child = execFile(process.execPath, args, { cwd, env }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode!, stdout, stderr }),
    );
  });

test('measure.ts prints the figures of the run folder that it names', async () => {
  const { code, stdout, stderr } = await run('measure.ts');
  expect(stderr).toMatch(/measure: \d+ sent, 0 failed/);
  const [, folder] = /run folder +(\S+)/.exec(stdout)!;
  const { summary, verdict } = await score(join(cwd, folder!));
  expect(code).toBe(verdict.exitCode);
  expect(stdout).toContain(`requests judged  ${summary.counts.judged}, good ${summary.counts.good}`);
  expect(stdout).toContain(
    `TTFT p50, p95    ${summary.metrics['ttft']!.p50} ms, ${summary.metrics['ttft']!.p95} ms`,
  );
  expect(stdout).toContain(`audit            ${summary.audit.status}`);
}, 60_000);

/** Runs an example in this process, which saves the start of another one. It may not set the exit code. */
async function runHere(name: string, ...rest: string[]): Promise<{ stdout: string; stderr: string }> {
  const printed = { log: '', error: '' };
  const spies = (['log', 'error'] as const).map((stream) =>
    vi.spyOn(console, stream).mockImplementation((text: string) => {
      printed[stream] += `${text}\n`;
    }),
  );
  const [before, argv] = [process.cwd(), process.argv];
  process.chdir(cwd);
  process.argv = [argv[0]!, join(EXAMPLES, name), ...rest];
  try {
    await import(join(EXAMPLES, name));
    return { stdout: printed.log, stderr: printed.error };
  } finally {
    process.argv = argv;
    process.chdir(before);
    for (const spy of spies) spy.mockRestore();
  }
}

test('simulate.ts prints figures in which TTFT grows with the load', async () => {
  const { stdout, stderr } = await runHere('simulate.ts');
  expect(stderr).toBe('');
  const ttft = [...stdout.matchAll(/TTFT p95 ([\d.]+) ms/g)].map(([, value]) => Number(value));
  expect(ttft).toHaveLength(3);
  expect(ttft).toEqual(ttft.toSorted((a, b) => a - b));
}, 60_000);

test('compare.ts: the faster accelerator is better', async () => {
  const { stdout, stderr } = await runHere('compare.ts');
  expect(stdout).toMatch(/^new is better$/m);
  expect(stderr.match(/^round \d of 3: (base|new)/gm)).toHaveLength(6);
}, 60_000);

test('capacity.ts prints a capacity within its interval', async () => {
  const { stdout } = await runHere('capacity.ts');
  const [, found, low, high] = /^([\d.]+) req\/s \(90% interval: ([\d.]+) to ([\d.]+)\)$/m.exec(stdout)!;
  expect(Number(found)).toBeGreaterThanOrEqual(Number(low));
  expect(Number(found)).toBeLessThanOrEqual(Number(high));
}, 120_000);

test('data.ts prints the lengths and the longest request of a data set', async () => {
  // Requests of 2, 5 and 3 words.
  const prompts = ['one two', 'one two three four five', 'one two three'];
  writeFileSync(
    join(cwd, 'prompts.jsonl'),
    prompts.map((prompt) => `${JSON.stringify({ prompt })}\n`).join(''),
  );
  const { stdout, stderr } = await runHere('data.ts', 'prompts.jsonl');
  expect(stderr).toBe('');
  expect(stdout).toContain('3 requests of the format goodput');
  expect(stdout).toContain('input p50 3, p95 5 words');
  expect(stdout).toContain('longest request: one two three four five');
});

test('every example is run by a test, and docs/library.md shows each', () => {
  const names = readdirSync(EXAMPLES).toSorted();
  expect(names).toEqual([
    'capacity.ts',
    'compare.ts',
    'data.ts',
    'latency.test.ts',
    'measure.ts',
    'simulate.ts',
  ]);
  const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'library.md'), 'utf8');
  for (const name of names) expect(page).toContain(readFileSync(join(EXAMPLES, name), 'utf8').trim());
});
