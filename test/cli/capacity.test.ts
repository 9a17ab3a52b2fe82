/** @module-tag timed */
import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CapacityDocument } from '../../src/capacity/capacity-document.ts';
import { NO_REHEARSAL } from '../environment.ts';
import { type Ended, goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
const WHAT = ['--virtual', '--preset', 'tiny', '--input-tokens', '100', '--output-tokens', '80'];
const SLO = ['--slo', 'ttft<=150ms,tpot<=6ms'];
const QUIET = ['--json', '--quiet'];

async function found(args: readonly string[]): Promise<{ code: number | null; document: CapacityDocument }> {
  const { code, stdout, stderr } = await goodput(['capacity', ...args, ...QUIET]);
  expect(stderr).toBe('');
  return { code, document: JSON.parse(stdout) as CapacityDocument };
}

/**
 * A search on the real clock takes more than a minute, in which little happens: the tests of the virtual clock go on meanwhile. Its load
 * workers have six connections, of which four requests in flight have enough, and eight have not, however busy the machine is. A step of
 * the engine takes 100 ms, so that the search costs little CPU time.
 */
const SLOW = join(scratch, 'slow.yaml');
await writeFile(
  SLOW,
  'simulator: { cost: { kind: linear, base: 100000, prefillToken: 0, decodeSequence: 0 } }\nworkload: { input: { tokens: 20 }, output: { tokens: 10 } }\n',
);
const hook = join(import.meta.dirname, 'hooks', 'few-sockets.mjs');
const searching: ChildProcess[] = [];
afterAll(() => {
  for (const child of searching) child.kill('SIGKILL');
});

function startLimited(name: string): { out: string; args: readonly string[]; ended: Promise<Ended> } {
  const out = join(scratch, name);
  // Late or not, no request of a busy machine misses the limit.
  const what = ['--by', 'concurrency', '--slo', 'ttft<=30s', '--no-probe'];
  const args = ['capacity', SLOW, ...what, '--out', out];
  const { child, ended } = start([...args, '--json', '--quiet'], {
    env: { NODE_OPTIONS: [...NO_REHEARSAL, '--import', hook].join(' ') },
  });
  searching.push(child);
  return { out, args, ended };
}
let tries = 0;

/**
 * A search on the virtual clock computes for up to ten seconds on a quiet machine, and several times as long beside other tests: the usual
 * limit of 30 s is a limit on the machine, not on goodput.
 */
describe('goodput capacity --virtual', { timeout: 180_000 }, () => {
  const dir = join(scratch, 'search');
  const search = [...WHAT, ...SLO, '--gpus', '2', '--out', dir];
  let first: Awaited<ReturnType<typeof found>>;
  beforeAll(async () => {
    first = await found([...search, '--budget', '150s', '--width', '1%']);
  }, 180_000);

  it('answers with an interval, and keeps every probe as a run folder', async () => {
    const { code, document } = first;
    expect(code).toBe(0);
    const { capacity_rps: value, low_rps: low, high_rps: high, probes } = document;
    expect(document).toMatchObject({
      schemaVersion: 1,
      target: 0.9,
      status: 'estimated',
      stopped: 'budget',
      by: 'rate',
      verdict: { status: 'none', exitCode: 0 },
    });
    expect(low).toBeLessThan(value!);
    expect(high).toBeGreaterThan(value!);
    expect(document.per_gpu_rps!.value).toBe(value! / 2);
    expect(['ttft', 'tpot']).toContain(document.binding);
    expect(document.spent_s).toBeLessThanOrEqual(150);
    expect(probes.map(({ run }) => run)).toEqual(
      probes.map((_, at) => `probe-${String(at + 1).padStart(3, '0')}`),
    );
    expect(new Set(probes.map(({ seed }) => seed)).size).toBe(probes.length);
    expect(JSON.parse(await readFile(join(dir, 'capacity.json'), 'utf8'))).toEqual(document);

    // Each is a run like any other, whose own report agrees on attainment where nothing was cut.
    const last = probes.at(-1)!;
    const report = await goodput(['report', join(dir, last.run!), '--json']);
    const summary = JSON.parse(report.stdout);
    expect(summary.run.status).toBe('complete');
    expect(summary.load.window_s).toBeCloseTo(last.window_s, 6);
    expect(summary.slo.attainment.value).toBe(last.attainment.value);
    expect(summary.counts.judged).toBe(last.judged);
    const header = JSON.parse(await readFile(join(dir, last.run!, 'run.json'), 'utf8'));
    expect(header.search).toMatchObject({ kind: 'refinement', ended: 'full', target: 0.9 });
  });

  it('called again adds to what was there, and with no budget shows it again', async () => {
    // A folder of its own: a second try begins where the first one did.
    const copy = join(await mkdtemp(join(scratch, 'again-')), 'search');
    await cp(dir, copy, { recursive: true });
    const same = [...WHAT, ...SLO, '--gpus', '2', '--out', copy];
    const before = first.document;
    const { document } = await found([...same, '--budget', '1m', '--width', '1%']);
    expect(document.probes.slice(0, before.probes.length).map(({ run, good }) => [run, good])).toEqual(
      before.probes.map(({ run, good }) => [run, good]),
    );
    expect(document.probes.length).toBeGreaterThan(before.probes.length);
    const again = await found([...same, '--budget', '0s', '--width', '1%']);
    expect(again.document).toEqual(document);
    expect((await readdir(copy)).length).toBe(document.probes.length + 1);
  });

  it('misses under contention are no capacity of 0; called again without it, the search goes on to an answer', async () => {
    const out = join(await mkdtemp(join(scratch, 'contended-')), 'search');
    const never = [...WHAT, '--slo', 'tpot<=1ms', '--by', 'concurrency', '--out', out];
    expect((await found(never)).document).toMatchObject({ status: 'never_met', capacity_concurrency: 0 });

    // The same windows, recorded on a machine that other programs used.
    for (const name of (await readdir(out)).filter((each) => each.startsWith('probe-'))) {
      const path = join(out, name, 'run.json');
      const header = JSON.parse(await readFile(path, 'utf8'));
      header.host = { processors: 2, others_processors: 1.6, pressure_share: 0.7 };
      await writeFile(path, JSON.stringify(header));
    }
    const stored = await goodput(['capacity', ...never, '--budget', '0s', '--quiet', '-o', `csv:${out}.csv`]);
    expect(stored.code).toBe(98);
    expect(stored.stdout).toMatch(/^UNDECIDED /);
    const text = stored.stdout.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/other programs kept 1.6 of 2 processors busy/);
    expect(text).toMatch(/Stop other programs on this machine/);
    expect(text).toMatch(/Nothing was sent: this is the stored answer .*another folder with --out/);
    expect(await readFile(`${out}.csv`, 'utf8')).toMatch(/undecided[^]*other programs kept 1.6/);

    const later = await found(never);
    expect(later.code).toBe(0);
    expect(later.document).toMatchObject({ status: 'never_met', capacity_concurrency: 0 });
    const fresh = later.document.probes.filter(({ contended }) => contended === null);
    expect(fresh.filter(({ kind }) => kind !== 'single').length).toBeGreaterThanOrEqual(3);

    const repeated = await goodput(['capacity', ...never]);
    expect(repeated.code).toBe(0);
    expect(repeated.stderr).toMatch(/Nothing was sent/);
    expect((await readdir(out)).length).toBe(later.document.probes.length + 1);
  });

  it('refuses a folder that holds another search, or none', async () => {
    const other = await goodput([
      'capacity',
      ...WHAT,
      '--slo',
      'ttft<=90ms',
      '--out',
      dir,
      '--target',
      '80%',
    ]);
    expect(other.code).toBe(104);
    expect(other.stderr).toMatch(/another capacity: slo/);
    const strange = join(scratch, 'strange');
    await mkdir(strange);
    await writeFile(join(strange, 'notes.txt'), 'mine');
    const refused = await goodput(['capacity', ...WHAT, ...SLO, '--out', strange]);
    expect(refused).toMatchObject({ code: 104, stdout: '' });
    expect(refused.stderr).toMatch(/is not a capacity search/);
    expect(await readdir(strange)).toEqual(['notes.txt']);
  });

  it('in flight: a whole number, and what is completed at it', async () => {
    const { document } = await found([
      ...WHAT,
      ...SLO,
      '--by',
      'concurrency',
      '--budget',
      '2m',
      '--out',
      join(scratch, 'flights'),
    ]);
    expect(document.status).toBe('estimated');
    expect(document.capacity_concurrency).toSatisfy(Number.isInteger);
    expect(document.capacity_rps).toBeGreaterThan(0);
    expect(document.probes.every(({ concurrency }) => concurrency !== null)).toBe(true);
  });

  it('a limit under the length of a step is never met: capacity 0, with the reason', async () => {
    const { code, document } = await found([...WHAT, '--slo', 'tpot<=1ms', '--out', join(scratch, 'never')]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ status: 'never_met', capacity_rps: 0, binding: 'tpot' });
    expect(document.reason).toMatch(/No load meets the target of 90%.*best attainment seen was 0%/);
  });

  it('a limit that no load breaks is never the limit: the throughput is', async () => {
    const { code, document } = await found([
      ...WHAT,
      '--output-tokens',
      '120',
      '--slo',
      'tpot<=1s',
      '--out',
      join(scratch, 'loose'),
    ]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ status: 'never_the_limit', capacity_rps: null, high_rps: null });
    expect(document.completed_rps).toBeGreaterThan(1);
  });

  it('a budget that finds no bracket gives no answer, and says how to go on', async () => {
    const { code, document } = await found([
      ...WHAT,
      ...SLO,
      '--budget',
      '40s',
      '--out',
      join(scratch, 'short'),
    ]);
    expect(code).toBe(98);
    expect(document).toMatchObject({
      status: 'undecided',
      capacity_rps: null,
      verdict: { status: 'invalid', exitCode: 98 },
    });
    expect(document.reason).toMatch(/budget.*same --out/);
  });

  it('tells the answer, every probe and the curve on a terminal', async () => {
    const { code, stdout } = await goodput(['capacity', ...search, '--budget', '0s', '--quiet']);
    expect(code).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /^CAPACITY SIMULATED, simulated: [\d.]+ req\/s with attainment ≥ 90%; 90% interval [\d.]+ to [\d.]+/,
    );
    expect(stdout).toMatch(/Binding +(ttft|tpot)/);
    expect(stdout).toMatch(/Per GPU/);
    expect(stdout).toMatch(/refinement/);
    expect(stdout).toMatch(/Curve, req\/s/);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });
});

it('usage errors are reported together, with hints', async () => {
  const wrong = await goodput([
    'capacity',
    '--target',
    '120%',
    '--budget',
    '30',
    '--by',
    'rat',
    '--gpus',
    '0',
  ]);
  expect(wrong.code).toBe(104);
  for (const part of [/--target/, /--budget: .*30s/, /--by: .*did you mean rate/, /--gpus/])
    expect(wrong.stderr).toMatch(part);
  const lacking = await goodput(['capacity', '--virtual']);
  expect(lacking).toMatchObject({ code: 104, stdout: '' });
  expect(lacking.stderr).toMatch(/needs an SLO[^]*--slo/);
});

describe('goodput capacity on the real clock', () => {
  it('probes over HTTP; Ctrl-C ends it in good order, and a later call goes on', async () => {
    // A second try of this test goes on from nothing.
    const dir = join(await mkdtemp(join(scratch, 'real-')), 'search');
    const args = [
      'capacity',
      '--preset',
      'tiny',
      ...SLO,
      '--input-tokens',
      '50',
      '--output-tokens',
      '5',
      '--out',
      dir,
    ];
    const { child, ended } = start([...args, '--json']);
    onTestFinished(() => void child.kill('SIGKILL'));
    let seen = '';
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (text: string) => {
        seen += text;
        if (/window 2: bracket/.test(seen)) resolve();
      });
    });
    child.kill('SIGINT');
    const { code, stdout } = await ended;
    expect(code).toBe(105);
    const document = JSON.parse(stdout) as CapacityDocument;
    expect(document).toMatchObject({
      status: 'undecided',
      stopped: 'interrupted',
      verdict: { status: 'interrupted', exitCode: 105 },
    });
    const single = document.probes[0]!;
    expect(single).toMatchObject({ kind: 'single', judged: 5, void: null });
    expect(single.e2e_ms).toBeGreaterThan(10);
    const again = await goodput([...args, '--json', '--quiet', '--budget', '0s']);
    const kept = JSON.parse(again.stdout) as CapacityDocument;
    expect(kept.probes[0]).toEqual(single);
    expect(kept.probes[1]!.void).toMatch(/interrupted/);
  }, 120_000);

  const OWN_CEILING = { timeout: 400_000, tags: ['study'] };
  it(
    'whose ceiling is the client’s own is invalid, and says so: at least what passed, exit 98',
    OWN_CEILING,
    async () => {
      // A second try is a search of its own.
      const { out, args, ended } = startLimited(`limited-${tries++}`);
      const { code, stdout, stderr } = await ended;
      expect({ code, stderr }).toEqual({ code: 98, stderr: '' });
      const document = JSON.parse(stdout) as CapacityDocument;
      expect(document).toMatchObject({
        status: 'client_limited',
        stopped: 'client_limited',
        verdict: { status: 'invalid', exitCode: 98 },
        capacity_concurrency: null,
        high_concurrency: null,
        capacity_rps: null,
        binding: null,
      });
      // Four, unless the machine was blocked for so long that both windows at four are void: then a lower load passed.
      const passed = document.low_concurrency!;
      expect(passed).toBeLessThanOrEqual(4);
      expect(document.reason).toMatch(/^Invalid: goodput itself could not send/);
      const beyond = document.probes.filter(({ concurrency }) => concurrency! > passed);
      expect(beyond.length).toBeGreaterThanOrEqual(2);
      for (const probe of beyond) {
        expect(probe.void).not.toBeNull();
        if (probe.concurrency !== 8) continue;
        // On a busy machine its void says first that requests were late.
        const report = await goodput(['report', join(out, probe.run!)]);
        expect(report.stdout.replaceAll(/\s+/g, ' ')).toMatch(/could not open connections .*EMFILE/);
      }

      const told = await goodput([...args, '--budget', '0s', '--quiet', '-o', `junit:${out}.xml`]);
      expect(told.code).toBe(98);
      expect(told.stdout).toMatch(/^CLIENT-LIMITED {2}SIMULATED, slow: at least [\d.]+ in flight/);
      expect(told.stdout.replaceAll(/\s+/g, ' ')).toContain(`is void: ${beyond[0]!.void!}`);
      expect(await readFile(`${out}.xml`, 'utf8')).toMatch(/errors="1"[^]*CLIENT-LIMITED/);
    },
  );

  it('an endpoint that does not answer has no capacity: no answer, exit 98', async () => {
    const dead = ['--url', 'http://127.0.0.1:9/v1', ...SLO, ...QUIET, '--out', join(scratch, 'dead')];
    const { code, stdout } = await goodput(['capacity', ...dead]);
    expect(code).toBe(98);
    const document = JSON.parse(stdout) as CapacityDocument;
    expect(document).toMatchObject({ status: 'unanswered', capacity_rps: null });
    expect(document.reason).toMatch(/ECONNREFUSED.*--url/);
  });
});
