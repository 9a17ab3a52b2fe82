import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { compare } from '../../src/compare/comparison.ts';
import { type ComparisonSettings, DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { type Compared, rank } from '../../src/compare/ranking.ts';
import {
  renderComparisonGithub,
  renderComparisonJunit,
} from '../../src/render/comparison/comparison-checks.ts';
import { renderComparisonCsv } from '../../src/render/comparison/comparison-csv.ts';
import { renderComparisonPrometheus } from '../../src/render/comparison/comparison-prometheus.ts';
import { withTtft } from '../compare/runs.ts';
import { readExposition } from '../exposition.ts';
import { COMMAND, commandsOf } from './annotations.ts';
import { childrenNamed, parsedXml } from './xml.ts';

/** Returns one run per TTFT, each with its own seed, whose requests all take about the same time. */
const side = (...ttfts: readonly number[]): Promise<ComparedRun[]> =>
  Promise.all(ttfts.map((ttft, k) => withTtft((i) => ttft + (i % 5), { seed: 10 + k })));

const untrusted = (run: ComparedRun): ComparedRun => ({
  ...run,
  audit: {
    ...run.audit,
    status: 'invalid',
    reasons: [{ rule: 'send_lag', level: 'invalid', text: 'It was late.', advice: 'Be early.' }],
  },
});

const DECIDING = [
  { metric: 'attainment', aggregation: null },
  { metric: 'ttft', aggregation: 'mean' },
];
const settings = (more: Partial<ComparisonSettings> = {}): ComparisonSettings => ({
  ...DEFAULT_SETTINGS,
  deciding: DECIDING,
  ...more,
});

/** Comparisons by their outcome. */
let found: Record<string, Compared>;

/** Names of two sides that nothing distinguishes. */
const UNNAMED = { base: 'base', new: 'new' };

beforeAll(async () => {
  const [usual, twin, slower, vague] = await Promise.all([
    side(50, 52, 51),
    side(50, 52, 51),
    side(60, 63, 63),
    side(30, 60, 70),
  ]);
  const pair = (next: ComparedRun[], more: Partial<ComparisonSettings> = {}): Compared =>
    compare({ base: usual, new: next }, settings(more), UNNAMED);
  const interrupted = pair(twin);
  interrupted.verdict.exitCode = 105;
  const contenders = [
    { name: 'a', runs: usual },
    { name: 'b', runs: slower },
    { name: 'c', runs: vague },
  ];
  found = {
    worse: pair(slower),
    'worse, ignored by --fail-on': pair(slower, { failOn: 'never' }),
    better: compare({ base: slower, new: usual }, settings(), UNNAMED),
    same: pair(twin),
    inconclusive: pair(vague),
    'inconclusive, failing by --fail-on': pair(vague, { failOn: 'inconclusive' }),
    invalid: pair([untrusted(slower[0]!), ...slower.slice(1)]),
    interrupted,
    'several ranked': rank(contenders, settings({ failOn: 'never' })),
    'several, one worse': rank(contenders, settings()),
    'several, one invalid': rank(
      [contenders[0]!, { name: 'b', runs: slower.map(untrusted) }, contenders[2]!],
      settings(),
    ),
    'hostile names': compare({ base: usual, new: slower }, settings(), {
      base: 'a\n::error::"x"',
      new: '<b>&"\\=1,',
    }),
  };
}, 60_000);

const all = (): [string, Compared][] => Object.entries(found);

const EXIT_CODES: Record<string, number> = {
  worse: 99,
  'worse, ignored by --fail-on': 0,
  better: 0,
  same: 0,
  inconclusive: 0,
  'inconclusive, failing by --fail-on': 99,
  invalid: 98,
  interrupted: 105,
  'several ranked': 0,
  'several, one worse': 99,
  'several, one invalid': 98,
  'hostile names': 99,
};

test('the comparisons have the intended exit codes', () => {
  expect(Object.fromEntries(all().map(([name, { verdict }]) => [name, verdict.exitCode]))).toEqual(
    EXIT_CODES,
  );
});

describe('csv', () => {
  const rowsOf = (comparison: Compared): Record<string, string>[] =>
    parse(renderComparisonCsv(comparison), { columns: true, record_delimiter: '\r\n' });

  test('has a row per figure, with the keys of the document; empty fields for missing values', () => {
    const comparison = found['worse']!;
    if ('ranking' in comparison) throw new Error('two sides');
    const rows = rowsOf(comparison);
    const figures = Object.entries(comparison.rates).length;
    const percentiles = Object.values(comparison.metrics).flatMap((each) => Object.keys(each)).length;
    expect(rows).toHaveLength(figures + percentiles);
    const row = rows.find(({ figure }) => figure === 'ttft mean')!;
    const mean = comparison.metrics['ttft']!['mean']!;
    // The requests take 50, 52, 51 and 60, 63, 63 ms, and 0 to 4 ms more: 53 and 64 on average.
    expect(row).toMatchObject({
      base: 'base',
      new: 'new',
      whole: 'worse',
      unit: 'ms',
      base_value: '53',
      new_value: '64',
      diff: '11',
      verdict: 'worse',
      decides: 'true',
      method: 'R',
      needed_runs: '',
      why: '',
    });
    expect(Number(row['low_pct'])).toBe(mean.low_pct);
    expect(Number(row['high'])).toBe(mean.high);
  });

  test('has every pair of a ranking, and a first row with the reason for an invalid pair', () => {
    const pairs = new Set(rowsOf(found['several ranked']!).map((row) => `${row['base']} ${row['new']}`));
    expect([...pairs]).toEqual(['a b', 'a c', 'b c']);
    const [reason, ...figures] = rowsOf(found['invalid']!);
    expect(reason).toMatchObject({ whole: 'invalid', figure: '', verdict: '' });
    expect(reason!['why']).toContain('It was late.');
    expect(figures.length).toBeGreaterThan(0);
    for (const row of figures)
      expect(row).toMatchObject({ whole: 'invalid', verdict: 'inconclusive', low: '', high: '' });
  });

  test('has no name that a spreadsheet treats as a formula', () => {
    for (const row of rowsOf(found['hostile names']!)) expect(row['new']).toBe('<b>&"\\=1,');
  });
});

describe('junit', () => {
  test('has a case per deciding figure, which fails if it is the reason', () => {
    const [suite] = childrenNamed(parsedXml(renderComparisonJunit(found['worse']!)), 'testsuite');
    expect(suite!.attributes).toMatchObject({
      name: 'new against base',
      tests: '4',
      failures: '2',
      errors: '0',
    });
    const cases = childrenNamed(suite!, 'testcase');
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual([
      'the runs are valid',
      'attainment',
      'ttft mean',
      'it is not worse',
    ]);
    const message = childrenNamed(cases[2]!, 'failure')[0]!.attributes['message']!;
    expect(message).toMatch(
      /^ttft mean: 53\.0 ms in base, 64\.0 ms in new \(\+20\.8%, \+.*% to \+.*%\): worse$/,
    );
  });

  test('is well-formed, has the right counts, and fails exactly if the exit code is not 0', () => {
    for (const [name, comparison] of all()) {
      const suites = childrenNamed(parsedXml(renderComparisonJunit(comparison)), 'testsuite');
      for (const suite of suites) {
        const cases = childrenNamed(suite, 'testcase');
        const countOf = (kind: string): string =>
          String(cases.filter((each) => childrenNamed(each, kind).length > 0).length);
        expect(suite.attributes).toMatchObject({
          tests: String(cases.length),
          failures: countOf('failure'),
          errors: countOf('error'),
        });
      }
      const red = suites.some(
        ({ attributes }) => attributes['failures'] !== '0' || attributes['errors'] !== '0',
      );
      expect([name, red]).toEqual([name, EXIT_CODES[name] !== 0]);
    }
  });

  test('has the pairs of a ranking with the first endpoint', () => {
    const suites = childrenNamed(parsedXml(renderComparisonJunit(found['several ranked']!)), 'testsuite');
    expect(suites.map(({ attributes }) => attributes['name'])).toEqual(['b against a', 'c against a']);
  });
});

describe('github', () => {
  test('has an error if the exit code is not 0, a warning if inconclusive, and each figure that is worse', () => {
    for (const [name, comparison] of all()) {
      const text = renderComparisonGithub(comparison);
      for (const line of text.trimEnd().split('\n')) expect(line).toMatch(COMMAND);
      const [level, title, message] = commandsOf(text)[0]!;
      const otherwise = ['worse, ignored by --fail-on', 'inconclusive'].includes(name) ? 'warning' : 'notice';
      expect([name, level]).toEqual([name, EXIT_CODES[name] === 0 ? otherwise : 'error']);
      expect(title).toMatch(/^goodput: /);
      expect(message).toContain(`(exit ${EXIT_CODES[name]})`);
    }
    const lines = commandsOf(renderComparisonGithub(found['worse']!));
    expect(lines[0]).toEqual([
      'error',
      'goodput: new against base',
      'new is worse than base, by ttft mean (exit 99)',
    ]);
    expect(lines[1]!.slice(0, 2)).toEqual(['error', 'new against base: ttft mean']);
    expect(lines[1]![2]).toMatch(/^ttft mean: 53\.0 ms in base, 64\.0 ms in new/);
  });
});

describe('prometheus', () => {
  test('has the verdict, the values of both sides, and the difference as a ratio with its interval', () => {
    const comparison = found['worse']!;
    if ('ranking' in comparison) throw new Error('two sides');
    const families = readExposition(renderComparisonPrometheus(comparison));
    const value = (name: string, labels: Record<string, string>): number | undefined =>
      families
        .get(`goodput_comparison${name}`)!
        .samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
        ?.value;
    expect(value('', { status: 'worse' })).toBe(1);
    expect(value('', { status: 'same' })).toBe(0);
    expect(value('_exit_code', {})).toBe(99);
    expect(value('_value', { endpoint: 'base', figure: 'ttft mean', unit: 'ms' })).toBe(53);
    expect(value('_value', { endpoint: 'new', figure: 'ttft mean' })).toBe(64);
    expect(value('_difference_ratio', { figure: 'ttft mean' })).toBeCloseTo(11 / 53, 12);
    const mean = comparison.metrics['ttft']!['mean']!;
    expect(value('_difference_low_ratio', { figure: 'ttft mean' })).toBeCloseTo(mean.low_pct! / 100, 12);
    expect(value('_figure_verdict', { figure: 'ttft mean', status: 'worse' })).toBe(1);
    expect(value('_runs', { endpoint: 'new' })).toBe(3);
  });

  test('has the ranks of a ranking; every comparison is valid, without a repeated series', () => {
    for (const [, comparison] of all()) readExposition(renderComparisonPrometheus(comparison));
    const ranks = readExposition(renderComparisonPrometheus(found['several ranked']!))
      .get('goodput_comparison_rank')!
      .samples.filter(({ labels }) => labels['figure'] === 'ttft mean')
      .map(({ labels, value }) => [labels['endpoint'], value]);
    const ranked = found['several ranked']!;
    if (!('ranking' in ranked)) throw new Error('a ranking');
    const order = ranked.ranking.find(({ figure }) => figure === 'ttft mean')!.order;
    expect(ranks).toEqual(order.map(({ name, rank: place }) => [name, place]));
  });
});
