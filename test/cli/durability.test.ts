/** @module-tag timed */
import { cp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plannedBefore } from '../../src/plan/arrivals.ts';
import { openRun } from '../../src/record/reader.ts';
import { scenarioFromEcho } from '../../src/scenario/echo.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { NO_REHEARSAL } from '../environment.ts';
import { shared } from '../shared.ts';
import { type Ended, goodput, scratchFolder, start } from './goodput.ts';

const scratch = await scratchFolder();
let count = 0;
const folder = (): string => join(scratch, `durable-${count++}`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const LOAD = [
  '--rate',
  '20/s',
  '--warmup',
  '100ms',
  '--duration',
  '50s',
  '--input-tokens',
  '20',
  '--output-tokens',
  '5',
];
const RUN = (out: string): string[] => ['run', ...LOAD, '--no-probe', '--quiet', '--json', '--out', out];

const linesOf = async (out: string): Promise<number> =>
  (await readFile(join(out, 'samples.jsonl'), 'utf8').catch(() => '')).split('\n').length - 1;

/** Resolves once the folder has its header, so that there is something to read. */
async function begun(out: string): Promise<void> {
  for (let k = 0; k < 400; k++) {
    if ((await readFile(join(out, 'run.json'), 'utf8').catch(() => '')) !== '') return;
    await sleep(25);
  }
  throw new Error('the run never began');
}

describe('kill -9', { timeout: 60_000 }, () => {
  /** From before the first request to well into the load; the moments differ from run to run by what the machine does. */
  const MOMENTS_MS = [0, 40, 150, 333, 700, 1200, 1900];
  const LOOKS = 4;

  /** Several requests are always in flight. A process that is stopped writes nothing: its folder is what a kill at that moment leaves. */
  const killed = shared(async () => {
    const out = folder();
    const args = [...RUN(out), '--arrivals', 'constant', '--output-tokens', '24', '--slo', 'ttft<=10s'];
    const { child, ended } = start(args);
    const left: string[] = [];
    const lines: number[] = [];
    try {
      await begun(out);
      const from = performance.now();
      for (const moment_ms of MOMENTS_MS) {
        await sleep(moment_ms - (performance.now() - from));
        child.kill('SIGSTOP');
        await sleep(20);
        left.push(`${out}-${left.length}`);
        await cp(out, left.at(-1)!, { recursive: true });
        child.kill('SIGCONT');
      }
      for (let look = 0; look <= LOOKS; look++) {
        lines.push(await linesOf(out));
        await sleep(1000);
      }
    } finally {
      child.kill('SIGKILL');
    }
    await ended;
    return { left, lines, out };
  });

  /** Reads a folder that a kill has left. */
  async function read(dir: string): Promise<Summary> {
    const { code, stdout, stderr } = await goodput(['report', dir, '--json']);
    expect([code, stderr]).toEqual([0, '']);
    const summary = JSON.parse(stdout) as Summary;
    const { run, counts } = summary;
    expect(run.status).toBe('running');
    const { header, samples, lastInstant } = await openRun(dir);
    const seen = new Set<number>();
    for await (const { i } of samples()) seen.add(i);
    expect(seen.size).toBe(await linesOf(dir));
    // Whatever the plan has before the last recorded instant is either there or lost.
    const last_us = await lastInstant();
    const planned = last_us === null ? 0 : plannedBefore(scenarioFromEcho(header.scenario), last_us);
    expect(counts.lost).toBe(Math.max(0, planned - seen.size));
    return summary;
  }

  it.for(MOMENTS_MS.map((ms, k) => [k, ms] as const))(
    'after moment %d, %d ms after the folder is there: it is read, nothing is counted twice',
    async ([k], context) => {
      await read((await killed(context)).left[k]!);
    },
  );

  it('the requests in flight are counted as lost', async (context) => {
    const { counts, slo } = await read((await killed(context)).out);
    expect(counts.lost).toBeGreaterThan(0);
    expect(slo!.attainment.kind).toBe('lost');
  });

  it('samples reach the disk while the run goes on, and soon after their requests ended', async (context) => {
    const { lines } = await killed(context);
    // At 20 requests a second, each second must have brought some; a machine that stalls for one may spoil one look.
    const grew = lines.filter((now, k) => k > 0 && now > lines[k - 1]!);
    expect(grew.length).toBeGreaterThanOrEqual(LOOKS - 1);
  });
});

const withHook = (name: string): Record<string, string> => ({
  NODE_OPTIONS: [...NO_REHEARSAL, '--import', join(import.meta.dirname, 'hooks', `${name}.mjs`)].join(' '),
});

describe.concurrent('an output folder that is lost during the run', { timeout: 60_000 }, () => {
  const lose = async (how: (out: string) => Promise<void>): Promise<{ out: string; ended: Ended }> => {
    const out = folder();
    const { child, ended } = start(RUN(out).map((word) => (word === '50s' ? '2s' : word)));
    try {
      await begun(out);
      while ((await linesOf(out)) === 0) await sleep(25);
      await how(out);
      return { out, ended: await ended };
    } finally {
      child.kill('SIGKILL');
    }
  };

  it('is exit 1 where it was deleted, and the run goes on no longer', async () => {
    const { out, ended } = await lose((dir) => rm(dir, { recursive: true, maxRetries: 5 }));
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain(`${out} was deleted or moved`);
    expect(ended.stderr).toContain('samples.jsonl');
  });

  it('is exit 1 where it was moved, and what was recorded stays readable', async () => {
    const { out, ended } = await lose((dir) => rename(dir, `${dir}-moved`));
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain(`${out} was deleted or moved`);
    const again = await goodput(['report', `${out}-moved`, '--json']);
    expect(again.code).toBe(0);
    expect((JSON.parse(again.stdout) as Summary).counts.ok).toBeGreaterThan(0);
  });
});

describe.concurrent('a disk that takes no more', { timeout: 60_000 }, () => {
  const SHORT = [
    'run',
    '--rate',
    '40/s',
    '--warmup',
    '0s',
    '--duration',
    '2s',
    '--no-probe',
    '--quiet',
  ].concat('--output-tokens', '32');

  // 512 bytes each: 6 take neither the samples nor the final run.json, 40 take that one.
  it.each([6, 40])('every form claims exit 1, as the process has (%d blocks)', async (blocks) => {
    const out = folder();
    const shell = `ulimit -f ${blocks}; exec "$0" "$@"`;
    const { code, stdout, stderr } = await goodput([...SHORT, '--out', out], { shell });
    expect(code).toBe(1);
    expect(stdout).toContain('(exit 1)');
    expect(stdout).toContain('The run failed');
    expect(stderr).toMatch(/cannot write .*samples\.jsonl: .*\(EFBIG\)/);
    const { header, torn } = await openRun(out);
    expect(header.status).toBe(blocks === 6 ? 'running' : 'failed');
    expect(torn).toBe(true);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('is incomplete');
    const report = await goodput(['report', out, '--json']);
    expect(report.code).toBe(0);
    expect((JSON.parse(report.stdout) as Summary).counts.ok).toBeGreaterThan(0);
  });

  it('so does what is printed where an output file takes nothing', async () => {
    const out = folder();
    const { code, stdout, stderr } = await goodput([
      ...SHORT,
      '--json',
      '--out',
      out,
      '-o',
      'json:/dev/full',
    ]);
    expect(code).toBe(1);
    const { run, verdict } = JSON.parse(stdout) as Summary;
    expect([run.status, verdict.exitCode]).toEqual(['complete', 1]);
    expect(stderr).toContain('cannot write /dev/full: no space left');
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`goodput report ${out} -o json:/dev/full`);
    expect((await openRun(out)).header.status).toBe('complete');
  });
});

describe('an exception that nobody caught', { timeout: 60_000 }, () => {
  it.each([
    ['in open loop', []],
    ['in closed loop', ['--concurrency', '6']],
  ])('%s: the run ends with what all had seen, exit 1, and the reason', async (_, more) => {
    const out = folder();
    const load = more.length === 0 ? LOAD : [...more, ...LOAD.slice(2)];
    const args = ['run', ...load, '--workers', '2', '--no-probe', '--quiet', '--json', '--out', out];
    const { code, stdout, stderr } = await goodput(args, { env: withHook('kill-worker') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/load worker 1 .*defect in goodput: Error: died on purpose/);
    // Where it came up, to be reported.
    expect(stderr).toMatch(/ at .*kill-worker\.mjs:\d+/);
    const { run, counts, audit } = JSON.parse(stdout) as Summary;
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/load worker 1 .*defect/);
    expect(counts.ok).toBeGreaterThan(0);
    // The one that lived told how it fared, and handed over what it had until then.
    expect(audit.workers.map(({ worker }) => worker)).toEqual([0]);
    const { header, samples } = await openRun(out);
    expect(header.window!.end_us).toBeLessThan(49_000_000);
    const byWorker = [0, 0];
    for await (const { worker } of samples()) byWorker[worker]!++;
    expect(byWorker[0]).toBeGreaterThan(0);

    const again = await goodput(['report', out, '--json']);
    expect(again.code).toBe(0);
    expect((JSON.parse(again.stdout) as Summary).counts).toEqual(counts);
  });

  it('in a load worker while a response is read: no request is recorded as failed, and those that ended before are kept', async () => {
    const out = folder();
    const args = ['run', ...LOAD, '--workers', '1', '--no-probe', '--quiet', '--json', '--out', out];
    const { code, stdout, stderr } = await goodput(args, { env: withHook('break-reader') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/defect in goodput: TypeError: broken on purpose/);
    expect(stderr).toMatch(/ at .*client\/stream\/\S+\.ts:\d+/);
    const { run, counts } = JSON.parse(stdout) as Summary;
    expect(run.status).toBe('failed');
    // The hook breaks the end of the 25th response: 24 have ended, and the last of them may not have been told of yet.
    let ok = 0;
    for await (const { outcome } of (await openRun(out)).samples()) {
      expect(outcome).toBe('ok');
      ok++;
    }
    expect(ok).toBeLessThanOrEqual(24);
    expect(ok).toBeGreaterThan(10);
    expect(counts.ok + counts.failed).toBeLessThanOrEqual(ok);
  });

  it('in the main thread: it is named, exit 1, and what was recorded is reported', async () => {
    const out = folder();
    const args = ['run', ...LOAD, '--workers', '1', '--no-probe', '--quiet', '--json', '--out', out];
    const { code, stdout, stderr } = await goodput(args, { env: withHook('break-main') });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: goodput .*defect in goodput: TypeError: broken on purpose/);
    expect(stderr).toMatch(/ at .*break-main\.mjs:\d+/);
    const again = await goodput(['report', out, '--json']);
    expect(again.code).toBe(0);
    expect((JSON.parse(again.stdout) as Summary).run.status).toBe('running');
  });
});
