/** @module-tag timed */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it } from 'vitest';
import { score } from '../../src/index.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { goodput, scratchFolder } from './goodput.ts';
import { headerOf } from '../merge/split-run.ts';

const scratch = await scratchFolder();
const run = join(scratch, 'run');

interface Line {
  i: number;
  turn?: number;
  tags?: Record<string, string>;
}

const readLines = async (dir: string): Promise<Line[]> =>
  (await readFile(join(dir, 'samples.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Writes a run folder with these lines as its samples, and as its whole plan. */
async function writeRun(dir: string, lines: readonly Line[]): Promise<void> {
  await cp(run, dir, { recursive: true });
  await writeFile(join(dir, 'samples.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const header = JSON.parse(await readFile(join(dir, 'run.json'), 'utf8')) as object;
  await writeFile(join(dir, 'run.json'), JSON.stringify({ ...header, planned: lines.length }));
}

const grouped = join(scratch, 'grouped');

/** Sessions of three turns, two of three of model a, and a tag that half of the requests have. */
const withGroups = (line: Line): Line => ({
  ...line,
  turn: line.i % 3,
  tags: {
    model: line.i % 9 < 6 ? 'a' : 'b',
    ...(line.i % 2 === 0 ? { source: 'chat.jsonl' } : {}),
  },
});

beforeAll(async () => {
  const load = '--preset tiny --rate 60/s --warmup 1s --duration 10s --output-tokens 10 --quiet'.split(' ');
  const { code, stderr } = await goodput(['simulate', ...load, '--slo', 'ttft<=15ms', '--out', run]);
  if (code !== 0) throw new Error(stderr);
  await writeRun(grouped, (await readLines(run)).map(withGroups));
});

const summaryOf = async (dir: string, ...args: string[]): Promise<Summary> => {
  const { stdout, stderr } = await goodput(['report', dir, '--json', ...args]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as Summary;
};

describe('goodput report --by', () => {
  it.each(['turn', 'model', 'source', 'input_tokens'])(
    '%s: each group has the figures of a run with only its requests',
    async (key) => {
      const { by, groups, counts } = await summaryOf(grouped, '--by', key);
      expect(by).toBe(key);
      expect(groups!.reduce((sum, { count }) => sum + count, 0)).toBe(counts.cohort);
      const valueOf = (line: Line & { input_tokens?: number }): string =>
        key === 'turn'
          ? String(line.turn)
          : key === 'input_tokens'
            ? `${2 ** Math.floor(Math.log2(line.input_tokens!))}`
            : (line.tags?.[key] ?? '(none)');
      const lines = await readLines(grouped);
      for (const { group, ...row } of groups!) {
        const own = lines.filter((line) => valueOf(line) === group.replace(/–.*/, ''));
        const dir = join(scratch, `${key}-${group}`);
        await writeRun(dir, own);
        const alone = await summaryOf(dir);
        const { ttft, tpot, e2e } = alone.metrics;
        expect(row).toEqual({
          count: alone.counts.cohort,
          judged: alone.counts.judged,
          good: alone.counts.good,
          failed: alone.counts.failed,
          attainment: alone.slo!.attainment.value,
          error_rate: alone.rates.error_rate,
          metrics: { ttft, tpot, e2e },
          tokens: alone.tokens,
        });
      }
    },
  );

  it('has one row per group in CSV, and a table in text and Markdown', async () => {
    const file = join(scratch, 'groups.csv');
    const { stdout } = await goodput(['report', grouped, '--by', 'model', '-o', file]);
    expect(stdout).toMatch(/^Groups by model$/m);
    const rows = parse<Record<string, string>>(await readFile(file, 'utf8'), { columns: true });
    const { groups } = await summaryOf(grouped, '--by', 'model');
    expect(rows.map(({ group, count }) => [group, Number(count)])).toEqual(
      groups!.map(({ group, count }) => [group, count]),
    );
    const markdown = await goodput(['report', grouped, '--by', 'model', '--format', 'markdown']);
    expect(markdown.stdout).toMatch(/^\| `a` \|/m);
  });

  it('shows turns without being asked; CSV still has a row per run', async () => {
    expect((await summaryOf(grouped)).by).toBe('turn');
    expect((await summaryOf(run)).by).toBeUndefined();
    const { stdout } = await goodput(['report', grouped, '--format', 'csv']);
    expect(parse(stdout, { columns: true })).toHaveLength(1);
    const page = await goodput(['report', grouped, '--format', 'html']);
    expect(page.stdout).toMatch(/<caption>\s*By turn\s*<\/caption>/);
  });

  it.each([
    ['sorce', /"sorce".*model, source.*did you mean source/],
    ['modle', /did you mean model/],
    ['language', /"language".*tags: model, source/],
  ])('%s, which no request has, is an error', async (key, message) => {
    const { code, stdout, stderr } = await goodput(['report', grouped, '--by', key]);
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain(grouped);
  });

  it('cannot be combined with an SLO grid', async () => {
    const { code, stderr } = await goodput([
      'report',
      grouped,
      '--by',
      'turn',
      '--slo-grid',
      'ttft=1ms..2ms',
    ]);
    expect({ code, stderr }).toEqual({ code: 104, stderr: expect.stringContaining('--slo-grid') as string });
  });
});

it('gates of groups decide the exit code', async () => {
  const all = await summaryOf(grouped, '--by', 'turn');
  const p95 = all.groups!.find(({ group }) => group === '1')!.metrics.ttft.p95!;
  const judged = async (limit: number): Promise<unknown[]> => {
    const { code, stdout } = await goodput([
      'report',
      grouped,
      '--json',
      '--gate',
      `ttft p95 by turn=1 <= ${limit}ms`,
    ]);
    const { verdict } = JSON.parse(stdout) as Summary;
    return [code, verdict.gates[0]!.by, verdict.gates[0]!.group, verdict.gates[0]!.value];
  };
  expect(await judged(p95)).toEqual([0, 'turn', '1', p95]);
  expect(await judged(p95 - 0.001)).toEqual([99, 'turn', '1', p95]);
  const { code, stderr } = await goodput(['report', grouped, '--gate', 'ttft p95 by turn <= 1s']);
  expect({ code, stderr }).toEqual({ code: 104, stderr: expect.stringContaining('by turn=1') as string });
});

it('the library has the groups of the command', async () => {
  const scored = await score(grouped, { by: 'model' });
  expect(JSON.parse(JSON.stringify(scored.summary))).toEqual(await summaryOf(grouped, '--by', 'model'));
  await expect(score(grouped, { by: 'modl' })).rejects.toMatchObject({ kind: 'usage' });
});

/** A line of samples.jsonl as docs/run-folder.md describes it, as far as it is counted here. */
interface Recorded extends Line {
  phase: string;
  planned_us: number;
  sent_us?: number;
  ended_us: number;
  outcome: string;
  events_us?: number[];
  n?: number[];
  output_tokens?: number;
}

const TTFT_MS = 14;
const TPOT_MS = 7.35;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Counts the requests of each turn by the definitions of docs/metrics.md, with none of the code of the report. */
async function recount(dir: string) {
  const { window, load } = headerOf(dir);
  const { start_us, end_us } = window!;
  const turns = new Map<string, { count: number; judged: number; good: number; failed: number }>();
  for (const line of (await readLines(dir)) as Recorded[]) {
    const { phase, planned_us, sent_us, ended_us, outcome, events_us: deltas = [], turn = 0 } = line;
    const start = load.loop === 'closed' ? (sent_us ?? planned_us) : planned_us;
    const isByCount = load.requests !== null || load.sessions !== undefined;
    if (isByCount ? phase !== 'measure' : start < start_us || start >= end_us) continue;
    const counts = turns.get(String(turn)) ?? { count: 0, judged: 0, good: 0, failed: 0 };
    turns.set(String(turn), counts);
    counts.count++;
    const [first] = deltas;
    if (outcome === 'aborted' || outcome === 'not_sent') {
      // Without a first event, the wait so far; TPOT can recover and decides nothing.
      if ((first ?? ended_us) - start > TTFT_MS * 1000) counts.judged++;
      continue;
    }
    counts.judged++;
    if (outcome !== 'ok') {
      counts.failed++;
      continue;
    }
    const tokens = line.n === undefined ? line.output_tokens! : sum(line.n);
    const atFirst = Math.max(1, line.n?.[0] ?? 1);
    const isFast = deltas.length < 2 || sum(deltas.slice(1)) <= TPOT_MS * 1000 * (tokens - atFirst);
    if (first! - start <= TTFT_MS * 1000 && isFast) counts.good++;
  }
  return Object.fromEntries(turns);
}

describe('the groups of a run whose sessions are cut off', () => {
  const sessions = `
workload:
  sessions: { turns: uniform:2-5, think: exponential:200ms, first: 200, next: 40 }
  output: { distribution: uniform, min: 20, max: 120 }
slo: { ttft: ${TTFT_MS}ms, tpot: ${TPOT_MS}ms }
`;
  it.each([
    ['simulate', 'rate: 8/s, warmup: 2s, duration: 4s, drain: 300ms', []],
    ['simulate', 'concurrency: 12, warmup: 2s, duration: 4s, drain: 300ms', []],
    ['simulate', 'concurrency: 12, sessions: 30, warmup: 1s, drain: 300ms', []],
    ['run', 'rate: 14/s, warmup: 700ms, duration: 1500ms, drain: 200ms', ['--fault', '503 share=10%']],
  ])(
    '%s with %s: each turn has the requests of a recount, and all add up to the cohort',
    async (...given) => {
      const [command, load, flags] = given;
      const dir = join(scratch, `cut-${command}-${load.slice(0, 22).replaceAll(/\W+/g, '-')}`);
      const file = `${dir}.yaml`;
      await writeFile(file, `name: cut\nseed: 7\nload: { ${load} }\n${sessions}`);
      await goodput([command, file, '--quiet', '--out', dir, ...flags]);
      const { by, groups, groups_total: total, counts } = await summaryOf(dir, '--by', 'turn');
      const expected = await recount(dir);
      expect(by).toBe('turn');
      expect(
        Object.fromEntries(
          groups!.map(({ group, count, judged, good, failed }) => [group, { count, judged, good, failed }]),
        ),
      ).toEqual(expected);
      const [rows, { cohort, judged, good, failed, censored, lost }] = [Object.values(expected), counts];
      for (const key of ['count', 'judged', 'good', 'failed'] as const)
        expect(total![key]).toBe(sum(rows.map((row) => row[key])));
      expect(total).toEqual({ count: cohort, judged, good, failed });
      expect([cohort, lost]).toEqual([judged + censored, 0]);
      // What is to be shown happened: sessions of several turns, and requests that were cut off before they were decided.
      expect(rows.length).toBeGreaterThan(2);
      if (command === 'run') expect(failed).toBeGreaterThan(0);
      if (!load.includes('sessions:')) expect(censored).toBeGreaterThan(0);
      for (const format of ['text', 'markdown', 'html']) {
        const { stdout } = await goodput(['report', dir, '--by', 'turn', '--format', format]);
        const text = stdout.replaceAll(/\s+/g, ' ');
        expect(text).toContain(`${cohort} requests of the cohort, ${judged} judged`);
        if (censored > 0) expect(text).toContain(`${censored} cut off`);
      }
      const printed = (await goodput(['report', dir, '--by', 'turn'])).stdout;
      const row = /^all +(\d+) +(\d+)/m.exec(printed)!;
      expect(row.slice(1).map(Number)).toEqual([cohort, censored > 0 ? judged : Number(row[2])]);
    },
  );
});
