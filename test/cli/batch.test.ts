/** @module-tag timed */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { BatchComparison } from '../../src/batch/figures/batch-comparison.ts';
import type { BatchSummary } from '../../src/batch/figures/batch-summary.ts';
import { scratch, served } from '../batch/served.ts';
import { goodput, scratchFolder, serve, start } from './goodput.ts';

const files = await scratchFolder();

/** Requests of different lengths, in a closed loop of one user, so that an online run sends them in the order of the plan. */
const SCENARIO = `
name: cli
load: { concurrency: 1, requests: 8, warmup: 0s }
workload: { input: { distribution: uniform, min: 5, max: 40 }, output: { distribution: uniform, min: 2, max: 9 } }
price: { input: 1, output: 2, currency: EUR, batch: 0.5 }
run: { probe: false, workers: 1 }
`;
const file = join(files, 'cli.yaml');
await writeFile(file, SCENARIO);

const to = (out: string, ...rest: string[]): string[] => [file, '--quiet', '--out', out, ...rest];

it('batch, report and compare show the same figures of a batch, and its ratio to the online run', async () => {
  // Without the prefix cache, in which the online run leaves its prompts.
  const { url } = await served([], { engine: { kvBlocks: 100_000, prefixCaching: false } });
  const dir = await scratch();
  const folders = [join(dir, 'online'), join(dir, 'batch')] as const;
  // A busy machine may make it invalid.
  expect([0, 98]).toContain((await goodput(['run', ...to(folders[0], '--url', url)])).code);
  const { code, stdout } = await goodput(['batch', ...to(folders[1], '--url', url, '--json')]);
  expect(code).toBe(0);
  const summary: BatchSummary = JSON.parse(stdout);
  expect(summary).toMatchObject({ kind: 'batch', status: 'complete', ok: 8 });
  const again = await goodput(['report', folders[1], '--json']);
  expect(JSON.parse(again.stdout)).toEqual(summary);
  const text = await goodput(['report', folders[1]]);
  for (const word of ['8 ok', 'makespan', 'EUR', '50% of the stated prices', summary.batches[0]!.id!])
    expect(text.stdout).toContain(word);

  const { stdout: both } = await goodput(['compare', ...folders, '--json']);
  const { sides, ratios, warnings }: BatchComparison = JSON.parse(both);
  expect(sides.map(({ kind }) => kind)).toEqual(['online', 'batch']);
  // The same requests, and half the price.
  expect(sides[1].tokens).toEqual(sides[0].tokens);
  expect(sides[1].makespan_s).toBe(summary.makespan_s);
  expect(ratios.cost_per_request).toBeCloseTo(0.5, 12);
  expect(ratios.rps! * ratios.makespan!).toBeCloseTo(1, 9);
  expect(warnings).toEqual([]);
  const table = await goodput(['compare', ...folders.toReversed()]);
  expect(table.stdout).toMatch(/batch +online/);
  expect(Math.max(...table.stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);

  const judged = await goodput(['report', folders[1], '--slo', 'ttft<=1s']);
  expect([judged.code, judged.stderr]).toEqual([104, expect.stringContaining('--slo')]);
  const decided = await goodput(['compare', ...folders, '--fail-on', 'worse']);
  expect([decided.code, decided.stderr]).toEqual([104, expect.stringMatching(/--fail-on.*no verdict/)]);
  const sided = await goodput(['compare', '--base', folders[0], '--new', folders[1]]);
  expect([sided.code, sided.stderr]).toEqual([104, expect.stringContaining('is a batch')]);
});

it('sends the bodies that run sends, without the fields of streaming', async () => {
  const dir = await scratch();
  const bodies: unknown[] = [];
  const { url } = await serve((request, response) => {
    let body = '';
    request
      .setEncoding('utf8')
      .on('data', (piece: string) => (body += piece))
      .on('end', () => {
        if (request.url === '/v1/chat/completions') bodies.push(JSON.parse(body));
        response.writeHead(request.method === 'POST' ? 400 : 404).end();
      });
  });
  const at = ['--url', `${url}/v1`, '--model', 'm'];
  await goodput(['run', ...to(join(dir, 'online'), ...at)]);
  // Its first upload is refused; the input is written before.
  await goodput(['batch', ...to(join(dir, 'batch'), ...at)]);
  const online = bodies.slice(0, 8).map((body) => {
    const { stream, stream_options: _, ...rest } = body as Record<string, unknown>;
    expect(stream).toBe(true);
    return rest;
  });
  const input = await readFile(join(dir, 'batch', 'input-1.jsonl'), 'utf8');
  const lines = input.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { body: unknown }).body)).toEqual(online);
});

it('Ctrl-C leaves a folder, names the command that continues, and exits with 105', async () => {
  const { url } = await served(['hang times=1']);
  const out = join(await scratch(), 'stopped');
  const args = ['batch', ...to(out, '--url', url).filter((arg) => arg !== '--quiet')];
  const { child, ended } = start(args);
  child.stderr!.on('data', (text: string) => {
    if (text.includes('in_progress')) child.kill('SIGINT');
  });
  const { code, stderr, stdout } = await ended;
  expect(code).toBe(105);
  expect(stderr).toContain(`--out ${out}`);
  expect(stdout).toContain('interrupted');
  expect(await readFile(join(out, 'batch.json'), 'utf8')).toMatch(/"batch_id": "batch-/);
});

it.each([
  [
    ['batch', file, '--batch-requests', '0', '--url', 'http://127.0.0.1:9/v1'],
    /--batch-requests.*at least 1/,
  ],
  [['batch', file, '--gate', 'ttft p99 <= 1s'], /--gate/],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await goodput(args);
  expect(code).toBe(104);
  expect(stderr).toMatch(message);
});
