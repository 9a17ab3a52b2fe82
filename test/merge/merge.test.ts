import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { mergeRanks } from '../../src/merge/merge.ts';
import { FLAG_NAMES, parseConditions } from '../../src/score/conditions.ts';
import { score, type Score } from '../../src/score/score.ts';
import { goodput, scratchFolder } from '../cli/goodput.ts';
import { changeRank, headerOf, linesOf, numberIn, splitRun, writeRank } from './split-run.ts';

const root = await scratchFolder();
const SLO = 'ttft<=12.8ms';
let open: string;
let closed: string;
let folders = 0;

beforeAll(async () => {
  open = join(root, 'open');
  closed = join(root, 'closed');
  const common = [
    'simulate',
    '--input-tokens',
    '64',
    '--output-tokens',
    'uniform:2-20',
    '--slo',
    SLO,
    '--quiet',
  ];
  await goodput([...common, '--rate', '30/s', '--warmup', '1s', '--duration', '6s', '--out', open]);
  await goodput([...common, '--concurrency', '10', '--warmup', '0s', '--requests', '83', '--out', closed]);
});

/** The folder of four ranks that recorded the samples of a single run. */
function ranksOf(single: string): string {
  const dir = join(root, `ranks-${++folders}`);
  splitRun(single, dir, 4);
  return dir;
}

/** A copy of a run with its samples in the order of the plan. */
function inOrder(whole: string): string {
  const dir = join(root, `ordered-${++folders}`);
  cpSync(whole, dir, { recursive: true });
  const lines = linesOf(whole).toSorted((a, b) => numberIn(a) - numberIn(b));
  writeFileSync(join(dir, 'samples.jsonl'), lines.map((line) => `${line}\n`).join(''));
  return dir;
}

const merged = (dir: string): Promise<Score> => mergeRanks(dir, { out: null, strict: false });
const single = (dir: string): Promise<Score> => score(dir, { strict: false, again: true });
const bytes = (dir: string, name: string): string => readFileSync(join(dir, name), 'utf8');

describe('a merged run', () => {
  it.each(['open', 'closed'])(
    'has the samples, histograms and figures of the single run (%s loop)',
    async (loop) => {
      const whole = loop === 'open' ? open : closed;
      const dir = ranksOf(whole);
      const found = await merged(dir);
      expect(linesOf(found.dir)).toEqual(linesOf(whole).toSorted((a, b) => numberIn(a) - numberIn(b)));
      expect(bytes(found.dir, 'latency.hlog')).toBe(bytes(whole, 'latency.hlog'));
      // A sum of fractions may differ in its last digit with the order of its terms.
      const expected = await single(inOrder(whole));
      for (const part of [
        'counts',
        'metrics',
        'rates',
        'slo',
        'tokens',
        'intervals',
        'load',
        'failures',
        'endpoint',
      ] as const)
        expect(found.summary[part]).toEqual(expected.summary[part]);
      const [a, b] = [headerOf(found.dir), headerOf(whole)];
      expect({ ...a, id: b.id, ranks: null, workers: null, notes: null }).toEqual({
        ...b,
        ranks: null,
        workers: null,
        notes: null,
      });
      expect(a.ranks!.each.map(({ index, status, lost }) => [index, status, lost])).toEqual(
        [0, 1, 2, 3].map((index) => [index, 'complete', 0]),
      );
      // The two least certain starts differ from that of rank 0 by 0.75 and 0.5 ms at most.
      expect(a.ranks).toMatchObject({ of: 4, met: true, starts_within_ms: 1.25 });
    },
  );

  it('is a run folder: report, compare and merge again read it', async () => {
    const dir = ranksOf(open);
    const found = await merged(dir);
    const report = await goodput(['report', found.dir, '--json']);
    expect(JSON.parse(report.stdout)).toEqual(JSON.parse(bytes(found.dir, 'summary.json')));
    const compared = await goodput(['compare', open, found.dir, '--json']);
    expect(JSON.parse(compared.stdout)).toMatchObject({ verdict: { status: expect.any(String) as string } });
    expect((await goodput(['report', found.dir])).stdout).toMatch(/Merged from 4 ranks.*1\.3 ms/s);
    const before = linesOf(found.dir);
    expect(linesOf((await merged(dir)).dir)).toEqual(before);
    expect(readdirSync(dir).toSorted()).toEqual(['merged', 'rank-0', 'rank-1', 'rank-2', 'rank-3']);
  });

  it('prints and exits like report', async () => {
    const dir = ranksOf(open);
    const out = join(root, 'named');
    const printed = await goodput(['merge', dir, '-o', out, '--json']);
    expect([printed.code, printed.stdout]).toEqual([0, bytes(out, 'summary.json')]);
    expect(existsSync(join(dir, 'merged'))).toBe(false);
    const gated = await goodput(['merge', dir, '-o', out, '--gate', 'ttft p50 <= 0.001ms', '--json']);
    expect(gated.code).toBe((await goodput(['report', out, '--gate', 'ttft p50 <= 0.001ms', '--json'])).code);
    expect(gated.code).not.toBe(0);
  });

  it('takes the audit of a rank from its summary, and names a damaged one', async () => {
    const dir = ranksOf(open);
    const path = join(dir, 'rank-1', 'summary.json');
    const { summary } = await score(join(dir, 'rank-1'), { strict: false, again: true });
    const stored = { ...summary, audit: { ...summary.audit, status: 'suspect', reasons: ['as stored'] } };
    writeFileSync(path, JSON.stringify(stored));
    const { header } = await merged(dir);
    expect(header.ranks!.each[1]!.audit).toEqual({ status: 'suspect', reasons: ['as stored'] });
    for (const [text, problem] of [
      [JSON.stringify(stored).slice(0, 500), /JSON/],
      [JSON.stringify({ ...stored, schemaVersion: 2 }), /schemaVersion 2/],
      [JSON.stringify({ ...stored, audit: { status: 'fine', reasons: [] } }), /"audit\.status" is "fine"/],
      [JSON.stringify({ ...stored, audit: { status: 'valid', reasons: [{}] } }), /"audit\.reasons\[0\]"/],
      [JSON.stringify({ ...stored, run: {} }), /"run\.id" is missing/],
    ] as const) {
      writeFileSync(path, text);
      const error = await merged(dir).catch((each: unknown) => each);
      expect(error).toMatchObject({ exitCode: 104, hint: expect.stringMatching(/[Dd]elete/) as string });
      expect((error as Error).message).toContain(path);
      expect((error as Error).message).toMatch(problem);
    }
    // The earlier merge is still there.
    expect(headerOf(join(dir, 'merged')).ranks!.each[1]!.audit!.reasons).toEqual(['as stored']);
    rmSync(path);
    expect((await merged(dir)).header.ranks!.each[1]!.audit!.status).toBe('valid');
  });

  it('has the worst audit of its ranks, and names the rank', async () => {
    const dir = ranksOf(open);
    expect((await merged(dir)).summary.audit.reason_codes).not.toContain('rank_audits');
    const health = {
      worker: 0,
      connections_opened: 1,
      stamp_delay_p99_ms: null,
      event_loop_delay_max_ms: 9000,
      drain_delay_max_ms: null,
    };
    const unknown = {
      event_loop_delay_p50_ms: null,
      event_loop_delay_p95_ms: null,
      event_loop_delay_p99_ms: null,
    };
    const rest = { event_loop_utilization: 0.99, gc_pauses_ms: null, gc_pause_max_ms: null };
    changeRank(dir, 2, () => ({ workers: [{ ...health, ...unknown, ...rest }] }));
    const alone = await score(join(dir, 'rank-2'), { strict: false, again: true });
    const { summary, header } = await merged(dir);
    expect(alone.audit.status).toBe('invalid');
    expect(summary.audit.status).toBe('invalid');
    expect(summary.audit.reasons.join()).toMatch(/[Rr]ank 2 of 4 is invalid/);
    expect(header.ranks!.each.map(({ audit }) => audit!.status === 'invalid')).toEqual([
      false,
      false,
      true,
      false,
    ]);
    expect(header.workers).toContainEqual(
      expect.objectContaining({ rank: 2, stamp_delay_p99_ms: null, event_loop_delay_max_ms: 9000 }),
    );
  });

  it('has the telemetry once, and the environment of each rank', async () => {
    const dir = ranksOf(open);
    const scrapeOf = (target: string): string =>
      `${JSON.stringify({ target, sent_us: 0, received_us: 900, values: { up: 1 } })}\n`;
    writeFileSync(join(dir, 'rank-1', 'telemetry.jsonl'), scrapeOf('a'));
    writeFileSync(join(dir, 'rank-3', 'telemetry.jsonl'), scrapeOf('b'));
    changeRank(dir, 3, ({ environment }) => ({ environment: { ...environment!, cpu: 'another' } }));
    const { dir: out, header } = await merged(dir);
    expect(bytes(out, 'telemetry.jsonl')).toBe(scrapeOf('a'));
    expect(header.ranks!.each.map(({ environment }) => environment!.cpu === 'another')).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it('says how far apart ranks started that did not meet', async () => {
    const dir = ranksOf(open);
    for (const index of [0, 1, 2, 3])
      changeRank(dir, index, ({ rank, origin }) => ({
        rank: { ...rank!, start: null },
        origin: { ...origin, epoch_ms: 1_000_000 + 700 * index },
      }));
    const { summary } = await merged(dir);
    expect(summary.ranks).toMatchObject({ met: false, starts_within_ms: 2100 });
    expect(summary.audit.reason_codes).toContain('rank_starts');
  });
});

describe('a lost rank', () => {
  const inWindow = (line: string): boolean => (JSON.parse(line) as { phase: string }).phase === 'measure';
  const ofRank = (index: number): string[] => linesOf(open).filter((line) => numberIn(line) % 4 === index);

  /** Rank 2 was killed after its first `lines`, in the middle of a write. */
  function killed(lines: number): string {
    const dir = ranksOf(open);
    const kept = ofRank(2).slice(0, lines);
    writeRank(dir, 2, kept, {
      ...headerOf(join(dir, 'rank-2')),
      status: 'running',
      window: null,
      planned: null,
      workers: [],
    });
    appendFileSync(join(dir, 'rank-2', 'samples.jsonl'), '{"i":2,"sess');
    return dir;
  }

  it.each([0, 10, 30])(
    'is named, and its planned requests without a record are lost (killed after %i)',
    async (lines) => {
      const { summary, header } = await merged(killed(lines));
      const recorded = ofRank(2).slice(0, lines);
      const lost = ofRank(2).filter(inWindow).length - recorded.filter(inWindow).length;
      expect(header.ranks!.each[2]).toMatchObject({
        status: 'running',
        requests: lines,
        lost: ofRank(2).length - lines,
        lost_in_window: lost,
      });
      const { counts, slo } = summary;
      expect(counts.lost).toBe(ofRank(2).length - lines);
      expect(counts.planned).toBe(linesOf(open).filter(inWindow).length);
      expect(slo!.attainment).toMatchObject({
        kind: 'lost',
        low: counts.good / (counts.judged + lost),
        high: (counts.good + lost) / (counts.judged + lost),
      });
      expect(summary.verdict.status).toBe('invalid');
      expect(summary.audit.reasons.join()).toMatch(/Rank 2 of 4 was killed/);
    },
  );

  it('without a folder is named too', async () => {
    const dir = ranksOf(open);
    for (const index of [0, 3]) rmSync(join(dir, `rank-${index}`), { recursive: true });
    const { summary, header } = await merged(dir);
    expect(summary.audit.reasons.join()).toMatch(
      /Rank 0 of 4 has no run folder; Rank 3 of 4 has no run folder/,
    );
    expect(header.ranks!.each.map(({ status }) => status)).toEqual([
      'missing',
      'complete',
      'complete',
      'missing',
    ]);
    expect(summary.counts.lost).toBe(ofRank(0).length + ofRank(3).length);
  });

  let undecided: string;
  beforeAll(async () => {
    undecided = killed(10);
    const { attainment } = (await merged(undecided)).summary.slo!;
    const { low, high } = attainment;
    const isApart = low! > 0.1 && low! < 0.75 && high! > 0.75 && high! < 0.999;
    if (!isApart) throw new Error(`the gates below assume another attainment than ${low} to ${high}`);
  });

  it.each([
    ['attainment >= 10%', 'pass'],
    ['attainment >= 99.9%', 'fail'],
    ['attainment >= 75%', 'invalid'],
    ['error_rate <= 50%', 'pass'],
    ['error_rate <= 1%', 'invalid'],
    ['ttft p25 <= 10s', 'pass'],
    ['ttft p99 <= 10s', 'invalid'],
    ['ttft p50 <= 0.01ms', 'fail'],
    ['ttft max <= 1ms', 'fail'],
    ['ttft max <= 10s', 'invalid'],
    ['ttft mean <= 10s', 'invalid'],
    ['rps >= 0.1', 'invalid'],
  ])('leaves %s decided only if the whole range decides alike: %s', async (text, status) => {
    const { gates } = parseConditions({ gates: [text] }, FLAG_NAMES);
    const { verdict } = await score(join(undecided, 'merged'), { gates: gates!, strict: false, again: true });
    expect(verdict.status).toBe(status);
  });

  it('of a closed loop has lost the requests that were left to it', async () => {
    const dir = ranksOf(closed);
    const own = linesOf(closed).filter((line) => numberIn(line) % 4 === 1);
    writeRank(dir, 1, own.slice(0, 5), {
      ...headerOf(join(dir, 'rank-1')),
      status: 'running',
      window: null,
      planned: null,
    });
    // 83 requests: 21, 21, 21 and 20.
    expect((await merged(dir)).header.ranks!.each[1]).toMatchObject({
      lost: 16,
      lost_in_window: 16,
      lost_more: false,
    });
  });
});

describe('mergeRanks refuses', () => {
  const refusal = (dir: string): Promise<unknown> =>
    merged(dir).then(
      () => 'merged',
      (error: unknown) => error,
    );
  const usage = (message: RegExp) =>
    expect.objectContaining({ exitCode: 104, message: expect.stringMatching(message) as string }) as unknown;

  it.each([
    ['another seed', { seed: 7 }, /rank 1 of 4 has another plan.*seed/],
    ['another load', null, /another plan.*load/],
  ])('%s', async (_, change, message) => {
    const dir = ranksOf(open);
    changeRank(
      dir,
      1,
      ({ scenario }) => change ?? { scenario: { ...scenario, load: { rate: '31/s', duration: '6s' } } },
    );
    expect(await refusal(dir)).toEqual(usage(message));
    expect(existsSync(join(dir, 'merged'))).toBe(false);
  });

  it('another schema version', async () => {
    const dir = ranksOf(open);
    const path = join(dir, 'rank-3', 'run.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"schemaVersion": 1', '"schemaVersion": 2'));
    expect(await refusal(dir)).toEqual(usage(/rank-3.*schemaVersion/));
  });

  it('the same rank twice, in folders or in samples', async () => {
    const dir = ranksOf(open);
    cpSync(join(dir, 'rank-1'), join(dir, 'rank-1-copy'), { recursive: true });
    expect(await refusal(dir)).toEqual(usage(/both rank 1 of 4/));
    rmSync(join(dir, 'rank-1-copy'), { recursive: true });
    appendFileSync(join(dir, 'rank-2', 'samples.jsonl'), `${linesOf(join(dir, 'rank-1'))[0]!}\n`);
    expect(await refusal(dir)).toEqual(usage(/request \d+ of the plan has two records/));
  });

  it('ranks of another number of ranks', async () => {
    const dir = ranksOf(open);
    changeRank(dir, 3, ({ rank }) => ({ rank: { ...rank!, index: 4, of: 5 } }));
    expect(await refusal(dir)).toEqual(usage(/rank 0 of 4.*rank 4 of 5/));
  });

  it('folders without ranks', async () => {
    const dir = join(root, 'empty');
    mkdirSync(dir);
    expect(await refusal(dir)).toEqual(usage(/no run folder of a rank/));
    expect(await refusal(join(root, 'nowhere'))).toEqual(usage(/cannot read/));
    cpSync(open, join(dir, 'rank-0'), { recursive: true });
    expect(await refusal(dir)).toEqual(usage(/rank-0: its run.json has no rank/));
  });

  it('to overwrite anything but an earlier merge', async () => {
    const dir = ranksOf(open);
    await expect(mergeRanks(dir, { out: open, strict: false })).rejects.toEqual(usage(/exists already/));
    mkdirSync(join(dir, 'merged'));
    expect(await refusal(dir)).toEqual(usage(/exists already/));
  });

  it('a damaged line, and names it', async () => {
    const dir = ranksOf(open);
    const path = join(dir, 'rank-0', 'samples.jsonl');
    writeFileSync(path, bytes(join(dir, 'rank-0'), 'samples.jsonl').replace('{"i":4,', '{"x":4,'));
    expect(await refusal(dir)).toEqual(usage(/rank-0\/samples\.jsonl:\d+: not a sample/));
    expect(readdirSync(dir).toSorted()).toEqual(['rank-0', 'rank-1', 'rank-2', 'rank-3']);
  });
});
