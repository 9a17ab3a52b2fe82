/** @module-tag timed */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { carryOutBatch, type BatchOptions, type FinishedBatch } from '../../src/batch/carry-out-batch.ts';
import { Pauses } from '../../src/batch/pauses.ts';
import { type BatchRecord, readBatch } from '../../src/record/batch-json.ts';
import { openRun } from '../../src/record/reader.ts';
import type { Sample } from '../../src/sample.ts';
import { resolveSingleRun } from '../../src/scenario/runs.ts';
import { entryOfRun } from '../../src/view/read-entry.ts';
import { assertFolder } from '../schemas/validator.ts';
import { scratch, served } from './served.ts';

interface Given extends Partial<BatchOptions> {
  url: string;
  out: string;
  text?: string;
}

/** A batch of 30 requests with inputs of different lengths. */
const SCENARIO = `
name: test
endpoint: { timeouts: { connect: 5s } }
load: { concurrency: 4, requests: 30, warmup: 0s }
workload:
  input: { distribution: uniform, min: 20, max: 60 }
  output: { distribution: uniform, min: 2, max: 12 }
run: { probe: false }
price: { input: 1, output: 3, currency: USD, batch: 0.5 }
`;

function batch({ url, out, text = SCENARIO, ...options }: Given): Promise<FinishedBatch> {
  const file = { path: 'test.yaml', text };
  const run = resolveSingleRun({ file, env: {}, flags: { url: [url], out } });
  return carryOutBatch(run, { pauses: new Pauses(0.02), io: { say() {}, warn() {} }, ...options });
}

async function samplesOf(dir: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of (await openRun(dir)).samples()) samples.push(sample);
  return samples;
}

const MESSAGES = SCENARIO.replace('endpoint: {', 'endpoint: { api: messages,');
const PROTOCOLS = [
  { protocol: 'openai', text: SCENARIO },
  { protocol: 'anthropic', text: MESSAGES },
] as const;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Changes the stored state, as if the process had been killed at another instant. */
async function rewrite(dir: string, change: (record: BatchRecord) => void): Promise<void> {
  const record = (await readBatch(dir))!;
  change(record);
  await writeFile(join(dir, 'batch.json'), JSON.stringify(record));
}

describe.each(PROTOCOLS)('a batch of $protocol', ({ protocol, text }) => {
  it('has the tokens that the server computed, and figures that follow from them', async () => {
    const { url, log } = await served();
    const out = join(await scratch(), 'run');
    const { status, summary } = await batch({ url, out, text });
    expect([status, summary.protocol, summary.ok, summary.planned]).toEqual(['complete', protocol, 30, 30]);
    const truth = await log();
    expect(truth).toHaveLength(30);
    const [input, output] = [
      sum(truth.map(({ prompt }) => prompt)),
      sum(truth.map(({ computed }) => computed)),
    ];
    expect(summary.tokens).toEqual({ input, cached: 0, output });
    expect(summary.cost!.total).toBeCloseTo(((input + 3 * output) / 1e6) * 0.5, 12);
    const record = (await readBatch(out))!;
    // Anthropic's protocol counts nothing before the end.
    if (protocol === 'anthropic') expect(summary.first_completion_s).toBeNull();
    else expect(summary.first_completion_s).toBeLessThanOrEqual(summary.makespan_s!);
    const seconds = (record.results_received_us! - record.parts[0]!.upload_sent_us!) / 1e6;
    expect(summary.makespan_s).toBe(seconds);
    expect(summary.output_tps).toBeCloseTo(output / seconds, 9);
    // Every planned request has one sample, with the planned lengths.
    const samples = await samplesOf(out);
    expect(new Set(samples.map(({ i }) => i)).size).toBe(30);
    for (const sample of samples) expect(sample.output_tokens).toBe(sample.planned_output);
  });

  it('is split at the limits, and every request is in one part', async () => {
    const { url, log } = await served();
    const out = join(await scratch(), 'run');
    const { summary } = await batch({ url, out, text, limits: { requests: 8, bytes: 3000 } });
    expect([summary.ok, summary.missing]).toEqual([30, 0]);
    expect(sum(summary.batches.map(({ requests }) => requests))).toBe(30);
    for (const { requests, bytes } of summary.batches) {
      expect(requests).toBeLessThanOrEqual(8);
      expect(bytes).toBeLessThanOrEqual(3000);
    }
    expect(summary.batches.length).toBeGreaterThanOrEqual(4);
    expect(await log()).toHaveLength(30);
  });

  it('that expires and has failed requests ends the run in good order', async () => {
    const { url, log } = await served(['500 times=3', 'expire after=12'], {
      engine: { maxNumSeqs: 2, kvBlocks: 1000 },
    });
    const out = join(await scratch(), 'run');
    const { status, error, summary } = await batch({ url, out, text });
    expect([status, error]).toEqual(['complete', null]);
    expect(summary).toMatchObject({
      requests: 30,
      ok: 9,
      failed: { http_error: 3, timeout: 18 },
      missing: 0,
    });
    expect(await log()).toHaveLength(12 + 1);
    const errors = (await samplesOf(out)).filter(({ outcome }) => outcome === 'http_error');
    expect(errors.map(({ error: said }) => said!.message)[0]).toContain('injected fault');
  });

  it('continues after an interruption without another upload', async () => {
    const { url, log } = await served([], { engine: { maxNumSeqs: 1, kvBlocks: 1000 } });
    const out = join(await scratch(), 'run');
    const pauses = new Pauses(0.02);
    const say = (said: string): void => {
      if (said.includes('in_progress')) pauses.request();
    };
    const first = await batch({ url, out, text, pauses, io: { say, warn() {} } });
    expect([first.status, first.summary.requests, first.summary.makespan_s]).toEqual([
      'interrupted',
      0,
      null,
    ]);
    const id = (await readBatch(out))!.parts[0]!.batch_id;
    // An attempt to read the results was interrupted too.
    await writeFile(join(out, 'samples.jsonl'), '{"i":');
    const second = await batch({ url, out, text });
    expect([second.status, second.summary.ok, second.summary.batches[0]!.id]).toEqual(['complete', 30, id]);
    // A third time, nothing is asked: the endpoint is gone.
    expect(await log()).toHaveLength(30);
    expect((await batch({ url, out, text })).summary).toEqual(second.summary);
  });
});

describe('an upload that was interrupted', () => {
  it('is found by its file and its batch (OpenAI)', async () => {
    const { url, log } = await served();
    const out = join(await scratch(), 'run');
    const { summary } = await batch({ url, out });
    await rewrite(out, (record) => {
      Object.assign(record, { status: 'running', samples_bytes: 0, results_received_us: null });
      Object.assign(record.parts[0]!, { file_id: null, batch_id: null, collected: false });
    });
    const again = await batch({ url, out });
    expect(again.summary.batches[0]!.id).toBe(summary.batches[0]!.id);
    expect(again.summary.ok).toBe(30);
    expect(await log()).toHaveLength(30);
  });

  it('is repeated only on request if the endpoint cannot tell (Anthropic)', async () => {
    const { url, log } = await served();
    const out = join(await scratch(), 'run');
    await batch({ url, out, text: MESSAGES });
    await rewrite(out, (record) => {
      Object.assign(record, { status: 'running', samples_bytes: 0, results_received_us: null });
      Object.assign(record.parts[0]!, { batch_id: null, collected: false });
    });
    const refused = await batch({ url, out, text: MESSAGES });
    expect(refused.status).toBe('failed');
    expect(refused.error!.hint).toContain('--upload-again');
    const again = await batch({ url, out, text: MESSAGES, uploadAgain: true });
    expect([again.status, again.summary.ok]).toEqual(['complete', 30]);
    expect(await log()).toHaveLength(60);
  });
});

it('a folder of another scenario is not continued', async () => {
  const { url } = await served();
  const out = join(await scratch(), 'run');
  await batch({ url, out });
  const other = SCENARIO.replace('requests: 30', 'requests: 31');
  await expect(batch({ url, out, text: other })).rejects.toThrow(/another scenario: load/);
});

it.each([
  ['a closed loop with a duration', SCENARIO.replace('requests: 30', 'duration: 1s'), /number of requests/],
  [
    'turns that repeat answers',
    `load: { concurrency: 1, sessions: 3, warmup: 0s }
workload: { sessions: { turns: 3, first: 20, next: 5 }, output: 4 }
run: { probe: false }`,
    /cannot wait/,
  ],
])('%s is refused', async (_, text, message) => {
  const { url } = await served();
  const dir = await scratch();
  await expect(batch({ url, out: join(dir, 'run'), text })).rejects.toThrow(message);
  // The same --out can be used again.
  expect(await readdir(dir)).toEqual([]);
});

it('the requests of several models are in batches of one model each', async () => {
  const { url, log } = await served();
  const out = join(await scratch(), 'run');
  const text = SCENARIO.replace('endpoint: {', 'endpoint: { models: { a: 50%, b: 50% },');
  const { summary } = await batch({ url, out, text });
  expect([summary.batches.length, summary.ok]).toEqual([2, 30]);
  expect(await log()).toHaveLength(30);
});

it('a folder has documents that its schemas allow', async () => {
  const { url } = await served();
  const dir = await scratch();
  await batch({ url, out: join(dir, 'run') });
  // run.json, batch.json, summary.json and 30 samples.
  expect(await assertFolder(dir)).toBe(33);
  const names = ['batch.json', 'input-1.jsonl', 'planned.jsonl', 'run.json', 'samples.jsonl', 'summary.json'];
  const [header, summary] = await Promise.all(
    ['run.json', 'summary.json'].map((name) => readFile(join(dir, 'run', name), 'utf8')),
  );
  expect(entryOfRun('run', null, header!, summary!).problem).toContain('a batch');
  expect((await readdir(join(dir, 'run'))).toSorted((a, b) => a.localeCompare(b))).toEqual(names);
});
