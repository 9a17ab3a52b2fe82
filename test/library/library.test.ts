/** @module-tag timed */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import {
  calibrate,
  capacity,
  compare,
  type MeasuredRun,
  measure,
  measureRounds,
  measureSweep,
  probe,
  type Progress,
  score,
  simulate,
  type Summary,
} from '../../src/index.ts';
import { startEndpoint } from '../../src/simulator/index.ts';
import { fakeConsole } from '../cli/console.ts';

const scratch = mkdtempSync(join(tmpdir(), 'goodput-library-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const at = (name: string): string => join(scratch, name);

/** Returns a path that does not exist, for a second try of a test too. */
let count = 0;
const fresh = (name: string): string => at(`${name}-${++count}`);

const FILE = at('chat.yaml');
writeFileSync(
  FILE,
  `seed: 7
simulator: { preset: tiny }
workload: { input: { tokens: 100 }, output: { tokens: 20 } }
load: { concurrency: 4, requests: 60, warmup: 0s }
slo: { ttft: 150ms, tpot: 6ms }
gates: [attainment >= 50%, ttft p95 <= 1ms]
`,
);

/** The keys of the file as an object. */
const SCENARIO = {
  seed: 7,
  simulator: { preset: 'tiny' },
  workload: { input: { tokens: 100 }, output: { tokens: 20 } },
  load: { concurrency: 4, requests: 60, warmup: '0s' },
  slo: { ttft: '150ms', tpot: '6ms' },
  gates: ['attainment >= 50%', 'ttft p95 <= 1ms'],
} as const;

/** Runs the command and returns its JSON document. */
async function documentOf(...args: string[]): Promise<{ code: number; document: unknown }> {
  const io = fakeConsole();
  const code = await main([...args, '--json'], io);
  return { code, document: JSON.parse(io.out()) };
}

/** The summary without what differs from run to run: its folder, its identity and its wall-clock time. */
const comparable = (summary: Summary): unknown => JSON.parse(JSON.stringify({ ...summary, run: null }));

describe('simulate', () => {
  it('gives the figures, audit and verdict of the command', async () => {
    const command = await documentOf('simulate', FILE, '--quiet', '--out', fresh('by-command'));
    const out = fresh('by-library');
    const run = await simulate({ ...SCENARIO, out });
    expect(run).toMatchObject({ dir: out, status: 'complete', error: null });
    expect(comparable(run.summary)).toEqual(comparable(command.document as Summary));
    expect(run.verdict).toMatchObject({ status: 'fail', exitCode: command.code });
  });

  it('stores what it returns', async () => {
    const run = await simulate({ file: FILE, out: fresh('stored') });
    const stored: unknown = JSON.parse(readFileSync(join(run.dir, 'summary.json'), 'utf8'));
    expect(stored).toEqual(JSON.parse(JSON.stringify(run.summary)));
    expect(readdirSync(run.dir).toSorted()).toEqual([
      'latency.hlog',
      'run.json',
      'samples.jsonl',
      'summary.json',
    ]);
  });

  it('takes keys beside a file as flags are taken: one that replaces another removes it', async () => {
    const { header } = await simulate({
      file: FILE,
      load: { rate: '20/s', duration: '3s' },
      out: fresh('overridden'),
    });
    expect(header.load).toMatchObject({ loop: 'open', rate_rps: 20 });
    expect(header.seed).toBe(7);
  });

  it.each([
    ['a key over a variable', { seed: 1 }, 1],
    ['a variable over the file', {}, 2],
  ])('takes %s', async (name, keys, seed) => {
    const env = { GOODPUT_SEED: '2' };
    const { header } = await simulate({ file: FILE, env, ...keys, out: fresh(name) });
    expect(header.seed).toBe(seed);
  });

  it('judges an SLO grid whose limits it alone has', async () => {
    const { summary, slos } = await simulate({
      ...SCENARIO,
      slo: 'on_time_share >= 90%',
      gates: [],
      sloGrid: 'ttft=100ms..200ms,tpot=5ms..10ms',
      out: fresh('grid'),
    });
    expect(slos).toEqual([]);
    expect(summary.slo_grid).toBeDefined();
  });
});

describe('measure', () => {
  it('measures, records and scores as the command reports the folder; no signal handler, nothing printed', async () => {
    const printed = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write'));
    const handlers = process.listenerCount('SIGINT');
    const states: Progress['phase'][] = [];
    let added = 0;
    let run: MeasuredRun;
    try {
      run = await measure({
        ...SCENARIO,
        load: { rate: '20/s', requests: 20, warmup: '0s', drain: '10s' },
        out: fresh('real'),
        onProgress({ phase }) {
          states.push(phase);
          added = Math.max(added, process.listenerCount('SIGINT') - handlers);
        },
      });
      for (const write of printed) expect(write).not.toHaveBeenCalled();
    } finally {
      for (const write of printed) write.mockRestore();
    }
    expect(added).toBe(0);
    expect(states).toContain('measure');
    expect(run.summary.counts.judged).toBe(20);
    const { document } = await documentOf('report', run.dir);
    expect(document).toEqual(JSON.parse(JSON.stringify((await score(run.dir)).summary)));
    expect(comparable(document as Summary)).toEqual(comparable(run.summary));
  }, 60_000);

  it('stops as Ctrl-C stops it when its signal aborts', async () => {
    const controller = new AbortController();
    const run = await measure({
      ...SCENARIO,
      load: { rate: '20/s', duration: '10m', warmup: '0s', drain: '10s' },
      out: fresh('aborted'),
      signal: controller.signal,
      onProgress({ ok }) {
        if (ok >= 5) controller.abort();
      },
    });
    expect(run).toMatchObject({ status: 'interrupted', error: null });
    // On a busy machine the audit may find the run invalid.
    expect([105, 98]).toContain(run.verdict.exitCode);
    expect(run.summary.counts.judged).toBeGreaterThanOrEqual(5);
    // The folder is a complete record: it is scored again like any other run.
    expect((await score(run.dir)).verdict.status).not.toBe('interrupted');
  }, 60_000);

  it('sends nothing if its signal has aborted before', async () => {
    const run = await measure({ ...SCENARIO, out: fresh('never'), signal: AbortSignal.abort() });
    expect(run.status).toBe('interrupted');
    expect(readFileSync(join(run.dir, 'samples.jsonl'), 'utf8')).toBe('');
  });

  it('keeps a key that an option holds out of the folder', async () => {
    const apiKey = 'sk-library-0123456789';
    const endpoint = await startEndpoint();
    let run: MeasuredRun;
    try {
      run = await measure({
        endpoint: { url: endpoint.url, apiKey, headers: { 'X-Api-Key': apiKey } },
        workload: { output: { tokens: 2 } },
        load: { rate: '20/s', requests: 5, warmup: '0s' },
        out: fresh('secret'),
      });
      expect(run.summary.counts.judged).toBe(5);
    } finally {
      await endpoint.close();
    }
    for (const name of readdirSync(run.dir))
      expect(readFileSync(join(run.dir, name), 'utf8')).not.toContain(apiKey);
  }, 60_000);

  it.each([
    [{ load: { rate: '5rps' } }, /options\.load\.rate.*5\/s/],
    [{ lod: {} }, /options\.lod.*unknown key/],
    [{ slo: { ttft: 'soon' } }, /options\.slo.*soon/],
    [{ endpoint: { url: 'ftp://h' } }, /options\.endpoint\.url/],
    [{ load: { rate: '5/s', concurrency: 4 } }, /options\.load\.(rate|concurrency)/],
    [{ sloGrid: 'ttft' }, /options\.sloGrid/],
    [{ file: at('none.yaml') }, /none\.yaml/],
    [{ auditTruth: true, endpoint: { url: 'http://127.0.0.1:1' } }, /options\.auditTruth/],
    [{ sweep: { rate: [1, 2] } }, /one run/],
    [{ endpoints: [{ name: 'a' }], file: FILE }, /options\.endpoints.*options\.file/],
  ])('refuses %j before anything is sent', async (options, message) => {
    await expect(measure({ ...options, out: at('refused') })).rejects.toMatchObject({
      name: 'GoodputError',
      kind: 'usage',
      message: expect.stringMatching(message) as string,
    });
    expect(readdirSync(scratch)).not.toContain('refused');
  });
});

test('measureSweep measures each point once; a second call measures nothing', async () => {
  const options = {
    ...SCENARIO,
    load: { requests: 20, warmup: '0s' },
    sweep: { rate: ['5/s', '10/s'] },
    virtual: true,
    out: fresh('sweep'),
  };
  const { document, isInterrupted, dir } = await measureSweep(options);
  expect(isInterrupted).toBe(false);
  expect(document.points.map(({ rate_rps }) => rate_rps)).toEqual([5, 10]);
  const steps: string[] = [];
  const again = await measureSweep({ ...options, onStep: (text) => steps.push(text) });
  expect(steps).toEqual([]);
  expect(JSON.stringify(again.document.points.map(({ run }) => run))).toBe(
    JSON.stringify(document.points.map(({ run }) => run)),
  );
  expect(JSON.parse(readFileSync(join(dir, 'sweep.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(again.document)),
  );
}, 60_000);

test('measureRounds compares its endpoints as compare compares the folder; keys of one endpoint override common ones', async () => {
  const { dir, comparison } = await measureRounds({
    endpoint: { model: 'common' },
    endpoints: [
      { name: 'small', url: 'simulated', simulator: { preset: 'tiny' } },
      { name: 'large', url: 'simulated', model: 'own', simulator: { preset: 'llama-3.1-8b-h100' } },
    ],
    virtual: true,
    rounds: 2,
    workload: SCENARIO.workload,
    load: { rate: 10, requests: 50, warmup: '0s' },
    out: fresh('rounds'),
  });
  if ('missing' in comparison) throw new Error(comparison.missing);
  expect(comparison).toEqual(await compare({ rounds: dir }));
  const model = (run: string): unknown =>
    JSON.parse(readFileSync(join(dir, run, 'run.json'), 'utf8')).endpoint.model;
  expect([model('01-small'), model('01-large')]).toEqual(['common', 'own']);
  const { document } = await documentOf('compare', dir);
  expect(document).toEqual(JSON.parse(JSON.stringify(comparison)));
}, 60_000);

test('compare judges two folders as the command does', async () => {
  const base = await simulate({ ...SCENARIO, out: fresh('base') });
  const next = await simulate({ ...SCENARIO, seed: 8, out: fresh('next') });
  const found = await compare({ base: base.dir, new: [next.dir] }, { tolerance: '10%', decide: 'ttft p95' });
  const { document } = await documentOf(
    'compare',
    base.dir,
    next.dir,
    '--tolerance',
    '10%',
    '--decide',
    'ttft p95',
  );
  expect(JSON.parse(JSON.stringify(found))).toEqual(document);
  await expect(compare({ rounds: base.dir })).rejects.toMatchObject({ kind: 'usage' });
  await expect(compare({ base: [], new: [] }, { tolerance: '200%' })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/options\.tolerance/) as string,
  });
});

test('score judges by the limits and gates that it is given', async () => {
  const { dir } = await simulate({ ...SCENARIO, out: fresh('judged') });
  const strictest = await score(dir, { slo: 'ttft<=0.001ms', gates: 'attainment >= 90%' });
  expect(strictest.summary.slo?.attainment.value).toBe(0);
  expect(strictest.verdict.status).toBe('fail');
  const loosest = await score(dir, { slo: ['ttft<=1h'], gates: ['attainment >= 90%'] });
  expect(loosest.verdict.status).toBe('pass');
  await expect(score(dir, { gates: 'attainmnt >= 90%' })).rejects.toMatchObject({
    message: expect.stringMatching(/options\.gates.*attainment/) as string,
  });
});

test('capacity gives the document of the command', async () => {
  // Long outputs: the fewer requests the capacity is, the fewer are computed.
  const workload = { input: { tokens: 100 }, output: { tokens: 80 } };
  const common = { ...SCENARIO, workload, load: {}, gates: [], virtual: true };
  const options = { ...common, budget: '2m', out: fresh('search') };
  const { document, dir } = await capacity(options);
  const args = [
    'capacity',
    FILE,
    '--output-tokens',
    '80',
    '--virtual',
    '--budget',
    '2m',
    '--quiet',
    '--out',
    fresh('search-by-command'),
  ];
  const command = await documentOf(...args);
  expect(JSON.parse(JSON.stringify(document))).toEqual(command.document);
  expect(JSON.parse(readFileSync(join(dir, 'capacity.json'), 'utf8'))).toEqual(command.document);
  await expect(capacity({ ...options, target: 2, by: 'speed' })).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/options\.target.*\n.*options\.by/) as string,
  });
}, 120_000);

describe('probe and calibrate', () => {
  test('probe finds out about an endpoint what the command finds out', async () => {
    const steps: string[] = [];
    const found = await probe({ endpoint: 'simulated', onStep: (text) => steps.push(text) });
    const { code, document } = await documentOf('probe', '--quiet');
    const command = document as typeof found;
    expect(code).toBe(0);
    expect(Object.keys(found)).toEqual(Object.keys(command));
    expect(found.failed).toBeNull();
    expect(found.apis).toEqual(command.apis);
    expect(found.options).toEqual(command.options);
    expect(steps.length).toBeGreaterThan(0);
    await expect(probe({ endpoint: { url: 'http://127.0.0.1:9/v1' } })).rejects.toMatchObject({
      kind: 'endpoint',
    });
  });

  test('calibrate names a wrong option', async () => {
    await expect(calibrate({ duration: 'soon' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/^options\.duration: .*soon/) as string,
    });
  });

  test('calibrate measures within its time', { tags: ['study'] }, async () => {
    const { machine, stamps } = await calibrate({ duration: '2s' });
    expect(machine.node).toBe(process.version);
    expect(stamps.count).toBeGreaterThanOrEqual(0);
  });
});
