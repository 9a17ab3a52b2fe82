/** @module-tag timed */
import { appendFile, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `run-${count++}`);

const RUN = ['--preset', 'tiny', '--requests', '30', '--rate', '60/s', '--warmup', '0s', '--quiet'];

test('run --audit-truth tells by how much every instant was off, and so does report', async () => {
  const out = folder();
  const args = ['run', ...RUN, '--fault', '503 share=30%', '--out', out];
  const { stdout, stderr } = await goodput([...args, '--audit-truth']);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^Truth +30 requests matched: all counts and outcomes agree, and nothing was\n/m);
  expect(stdout).toMatch(/^ {2}events, after their write +[\d.]+ +[\d.]+ +[\d.]+ +0$/m);
  expect(stdout).toMatch(/http_error \d+, ok \d+/);
  const { truth } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as Summary;
  expect(truth).toMatchObject({ matched: 30, whole: true, agrees: true });
  const again = await goodput(['report', out, '--audit-truth', '--json']);
  expect((JSON.parse(again.stdout) as Summary).truth).toEqual(truth);
  // Without --audit-truth nothing is reported; the log exists anyway.
  const plain = await goodput(['report', out, '--json']);
  expect((JSON.parse(plain.stdout) as Summary).truth).toBeUndefined();
  const header = JSON.parse(await readFile(join(out, 'run.json'), 'utf8'));
  expect(header.endpoint.said).toMatchObject({ dialect: 'openai', engine: { maxNumSeqs: 8 } });

  await appendFile(join(out, 'truth.jsonl'), '{"id":7}\n');
  const damaged = await goodput(['report', out, '--audit-truth']);
  expect(damaged.code).toBe(104);
  expect(damaged.stderr).toMatch(/truth\.jsonl:33: not a line of a truth log/);
  await rm(join(out, 'truth.jsonl'));
  const gone = await goodput(['report', out, '--audit-truth']);
  expect([gone.code, gone.stderr]).toEqual([104, expect.stringContaining('goodput serve --log FILE')]);
});

test('the log of a server of its own fits a run of this machine', async () => {
  const log = join(scratch, 'served.jsonl');
  const { child, ended } = start(['serve', '--port', '0', '--preset', 'tiny', '--log', log, '--quiet']);
  const url = await new Promise<string>((resolve) => {
    child.stdout!.once('data', (text: string) => resolve(text.trim()));
  });
  const out = folder();
  const run = await goodput(['run', '--url', url, ...RUN.slice(2), '--no-probe', '--out', out, '--json']);
  expect((JSON.parse(run.stdout) as Summary).counts.ok).toBe(30);
  child.kill('SIGINT');
  await ended;
  await copyFile(log, join(out, 'truth.jsonl'));
  const report = await goodput(['report', out, '--audit-truth', '--json']);
  const { truth } = JSON.parse(report.stdout) as Summary;
  expect(truth).toMatchObject({ matched: 30, samples_alone: 0, truth_alone: 0, agrees: true });
  expect(truth!.errors.events).toMatchObject({ early: 0, count: 30 * 128 });
});

test('answers that end by themselves agree with the log, and what the endpoint ignored is reported once', async () => {
  const file = join(scratch, 'natural.yaml');
  await writeFile(
    file,
    'endpoint: { url: simulated, body: { logprobs: true } }\nsimulator: { naturalLength: uniform:2-9 }\n',
  );
  const args = ['run', file, ...RUN, '--output-tokens', '8', '--out', folder(), '--audit-truth', '--json'];
  const { stdout, stderr } = await goodput(args);
  expect(stderr.match(/ignored logprobs/g)).toHaveLength(1);
  const { truth, counts } = JSON.parse(stdout) as Summary;
  expect(truth).toMatchObject({ matched: 30, agrees: true });
  // Only 9 of the lengths from 2 to 9 exceeds the limit of 8.
  expect(Object.keys(counts.finish).toSorted()).toEqual(['length', 'stop']);
  expect(truth!.counts.output_tokens.truth).toBeLessThan(30 * 8);
});

test('only the simulated endpoint tells the truth', async () => {
  const file = join(scratch, 'real.yaml');
  await writeFile(file, 'endpoint: { url: "http://127.0.0.1:1/v1" }\n');
  const { code, stderr } = await goodput(['run', file, '--audit-truth', '--out', folder()]);
  expect([code, stderr]).toEqual([
    104,
    expect.stringContaining('--audit-truth: only the simulated endpoint'),
  ]);
});
