import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { GroupRow } from '../../src/analysis/group-row.ts';
import type { DistributionSummary } from '../../src/analysis/report.ts';
import { renderGroupCsv } from '../../src/render/run/csv.ts';
import { groups } from '../../src/render/run/groups.ts';
import { renderMarkdown } from '../../src/render/run/markdown.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { renderText, type Judged } from '../../src/render/run/text.ts';
import { rowsOfGroups } from '../../src/render/run-page/groups-section.ts';
import { distribution, passing } from './reports.ts';

const latency = (p50: number, p95: number): DistributionSummary =>
  distribution('ms', 200, [p50, p50, p95, p95, p95, p95]);

const rowOf = (group: string, changes: Partial<GroupRow> = {}): GroupRow => ({
  group,
  count: 200,
  judged: 198,
  good: 99,
  failed: 1,
  attainment: 0.5,
  error_rate: 1 / 198,
  metrics: { ttft: latency(120, 340), tpot: latency(20, 41), e2e: latency(2500, 4800) },
  tokens: {
    from: { usage: 198 },
    input: { planned_mean: 300, actual_mean: 310.5 },
    output: { planned_mean: 100, actual_mean: 98 },
    cached: 100,
    cached_share: 0.25,
    reasoning: null,
    hidden: null,
  },
  ...changes,
});

function runWith(by: string, rows: GroupRow[]): Judged {
  const made = passing();
  return { ...made, report: { ...made.report, by, groups: rows } };
}

const pageOf = (width: number, unicode = true) => openPage({ color: false, unicode, width });

const NONE = distribution('ms', 0, null);
const ROWS = [
  rowOf('0'),
  rowOf('1', {
    attainment: null,
    metrics: {
      ttft: { ...latency(80, 90), bounds: { p95: { low: 90, high: null } } },
      tpot: NONE,
      e2e: { ...latency(1200, 1300), p95: null, why: { p95: 'failures' } },
    },
  }),
];

describe('the table of groups', () => {
  it('has one row per group and one of all, its units, its sum, and reasons', () => {
    // The percentiles, token means and shares of the last row are those of the report that the groups are put into.
    expect(groups(runWith('turn', ROWS).report, pageOf(100))).toEqual([
      'Groups by turn',
      '                                          ttft      ms  tpot    ms   e2e     s  tokens   mean',
      'turn  requests  judged  attained  errors   p50     p95   p50   p95   p50   p95      in    out',
      '0          200     198       50%  0.505%   120     340  20.0  41.0  2.50  4.80   310.5     98',
      '1          200     198         –  0.505%  80.0  ≥ 90.0     –     –  1.20     –   310.5     98',
      'all        400     396     93.3%      0%  85.4     190  24.0  27.1  3.08  3.66   511.3  127.4',
      'turn  cached',
      '0        25%',
      '1        25%',
      'all        –',
      '  all: the 400 requests of the cohort, 396 judged and 4 cut off undecided',
      '  ≥ lower bound: too few samples for an upper bound',
      '  – no request has a value: tpot p50, tpot p95',
      '  – too many failed requests for this percentile: e2e p95',
    ]);
  });

  it('continues below where it does not fit, and loses no column', () => {
    for (const width of [60, 70, 80, 100])
      for (const name of ['1', 'a name that is longer than most names of models are, and ends here']) {
        const lines = groups(runWith('model', [rowOf(name), rowOf('b')]).report, pageOf(width));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
        const words = lines
          .slice(
            0,
            lines.findIndex((line) => line.startsWith('  all:')),
          )
          .join(' ')
          .split(/ +/);
        for (const word of [
          'requests',
          'judged',
          'attained',
          'errors',
          'ttft',
          'tpot',
          'e2e',
          'in',
          'out',
          'cached',
        ])
          expect(words.filter((each) => each === word)).toHaveLength(1);
        for (const value of ['340', '41.0', '4.80', '310.5', '25%'])
          expect(words.filter((each) => each === value)).toHaveLength(2);
      }
  });

  it('shows judged requests only if they differ: without cut requests there are as many', () => {
    const text = groups(runWith('turn', [rowOf('0', { judged: 200 })]).report, pageOf(100)).join('\n');
    expect(text).not.toMatch(/requests +judged/);
    expect(text).toContain('200 requests of the cohort, 200 judged');
  });

  it('omits what no group has: attainment without SLOs, tokens that were not counted', () => {
    const tokens = {
      ...rowOf('0').tokens,
      input: { planned_mean: 300, actual_mean: null },
      cached_share: null,
    };
    const { report } = runWith('turn', [rowOf('0', { tokens })]);
    const text = groups({ ...report, slo: null }, pageOf(100)).join('\n');
    expect(text).not.toMatch(/attained| in |cached/);
    expect(text).toMatch(/ out\n/);
  });

  it('is in ASCII where the terminal has nothing else', () => {
    const lines = groups(runWith('input_tokens', [rowOf('128–255')]).report, pageOf(80, false));
    expect(lines.join('\n')).toMatch(/128-255/);
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]*$/);
  });

  it('shows names of others without their control characters', () => {
    const name = '\u001b[31mred\u202e|<b>';
    const run = runWith('tag', [rowOf(name)]);
    for (const text of [
      groups(run.report, pageOf(80)).join('\n'),
      renderMarkdown(run),
      renderGroupCsv([run]),
    ])
      for (const sign of ['\u001b', '\u202e']) expect(text).not.toContain(sign);
    expect(rowsOfGroups(run.report).markup).not.toContain('<b>');
    expect(renderMarkdown(run)).not.toContain('|<b>');
  });

  it('says that no request started in the window', () => {
    expect(groups(runWith('turn', []).report, pageOf(80)).join()).toContain('no request started');
    expect(rowsOfGroups(runWith('turn', []).report).markup).toContain('no request started');
  });

  it('is in the report, after the latencies', () => {
    const text = renderText(runWith('turn', ROWS), { color: false, unicode: true, width: 100 });
    expect(text.indexOf('Latency')).toBeLessThan(text.indexOf('Groups by turn'));
    expect(renderText(passing(), { color: false, unicode: true, width: 100 })).not.toContain('Groups by');
  });
});

it('Markdown has one row per group, and the sum', () => {
  const lines = renderMarkdown(runWith('turn', ROWS)).split('\n');
  const head = lines.findIndex((line) => line.startsWith('| `turn`'));
  const cells = [0, 2, 3, 4].map((at) => lines[head + at]!.slice(2, -2).split(' | '));
  expect(cells[0]).toEqual([
    '`turn`',
    'requests',
    'judged',
    'attained',
    'errors',
    'ttft p50, ms',
    'ttft p95, ms',
    'tpot p50, ms',
    'tpot p95, ms',
    'e2e p50, s',
    'e2e p95, s',
    'tokens in, mean',
    'tokens out, mean',
    'cached',
  ]);
  expect(cells[1]!.slice(0, 7)).toEqual(['`0`', '200', '198', '50%', '0.505%', '120', '340']);
  expect(cells[2]!.slice(6, 8)).toEqual(['≥ 90.0', '–']);
  expect(cells[3]!.slice(0, 3)).toEqual(['`all`', '400', '396']);
  expect(lines[head + 6]).toContain('400 requests of the cohort, 396 judged');
});

it('CSV has one row per group of each run, in the units of the documents', () => {
  const text = renderGroupCsv([runWith('turn', ROWS), runWith('turn', [rowOf('7')])]);
  const rows = parse<Record<string, string>>(text, { columns: true });
  expect(rows.map(({ by, group, count }) => [by, group, count])).toEqual([
    ['turn', '0', '200'],
    ['turn', '1', '200'],
    ['turn', '7', '200'],
  ]);
  expect(rows[1]).toMatchObject({
    attainment: '',
    ttft_p50_ms: '80',
    ttft_p95_ms: '90',
    tpot_p50_ms: '',
    e2e_p50_ms: '1200',
    e2e_p95_ms: '',
    input_tokens_mean: '310.5',
    input_tokens_planned_mean: '300',
    output_tokens_mean: '98',
    cached_share: '0.25',
    lower_bounds: 'ttft_p95_ms',
  });
});
