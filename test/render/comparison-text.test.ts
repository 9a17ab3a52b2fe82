import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { compare } from '../../src/compare/comparison.ts';
import { type Comparison, DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { verdictOf } from '../../src/compare/figure-verdict.ts';
import { rank, type RankedComparison } from '../../src/compare/ranking.ts';
import { randomStream } from '../../src/random.ts';
import { COMPARISONS } from '../../src/render/exporters.ts';
import { differenceCells, reversed, TOO_FEW } from '../../src/render/comparison/figure-text.ts';
import { displayWidth } from '../../src/render/layout/wrap.ts';
import { shortNames } from '../../src/render/comparison/side-text.ts';
import { openPage } from '../../src/render/layout/style.ts';
import { failed, requests } from '../analysis/run.ts';
import { comparedRun } from '../compare/runs.ts';
import { readExposition } from '../exposition.ts';

const page = openPage({ color: false, unicode: true, width: 80 });

/** Returns a figure as in the document, with percentages of the base. */
const figureOf = (
  unit: string,
  base: number,
  [low, diff, high]: readonly [number | null, number, number | null],
) => {
  const percent = (value: number | null): number | null =>
    value === null || base === 0 ? null : (value / base) * 100;
  return {
    unit,
    base,
    new: base + diff,
    diff,
    low,
    high,
    diff_pct: percent(diff),
    low_pct: percent(low),
    high_pct: percent(high),
    verdict: 'inconclusive' as const,
    decides: true,
    confidence: 0.95,
    method: 'R' as const,
    needed: null,
    why: null,
  };
};

describe('a difference', () => {
  test.each<
    [what: string, unit: string, base: number, ends: [number | null, number, number | null], cells: string[]]
  >([
    ['of latencies, in percent', 'ms', 50, [4.05, 5.1, 6.15], ['+10.2%', '+8.10% to +12.3%']],
    ['of shares, in points', 'ratio', 0.958, [-0.004, 0.032, 0.068], ['+3.20 pp', '-0.40 to +6.80 pp']],
    ['of shares from nothing', 'ratio', 0, [0.07, 0.1, 0.13], ['+10.0 pp', '+7.00 to +13.0 pp']],
    [
      'of shares, a tiny one: no percent of percent',
      'ratio',
      0.001,
      [-0.002, 0.001, 0.004],
      ['+0.10 pp', '-0.20 to +0.40 pp'],
    ],
    ['that could be twice as much', 'ms', 50, [-1, 30, 61], ['–', TOO_FEW]],
    ['that could be nothing at all', 'ms', 50, [-51, -20, 11], ['–', TOO_FEW]],
    ['that is large and certain', 'ms', 50, [55, 75, 95], ['+150%', '+110% to +190%']],
    ['with an open end and a sign', 'ms', 50, [2, 5, null], ['+10.0%', '+4.00% to open']],
    ['with an open end and no sign', 'ms', 50, [-2, 5, null], ['–', TOO_FEW]],
    ['at the edge', 'ms', 50, [-49.9, 0, 50], ['+0.00%', '-99.8% to +100%']],
  ])('%s', (_, unit, base, ends, cells) => {
    expect(differenceCells(figureOf(unit, base, ends), page)).toEqual(cells);
  });

  test('from short runs is marked', () => {
    expect(differenceCells(figureOf('ms', 50, [4, 5, 6]), page, true)[0]).toBe('+10.0%*');
  });

  test('is reversed with the other base, and with its ends swapped', () => {
    // From 50 to 60 ms is +20%; from 60 to 50 ms is −16.7%.
    expect(differenceCells(reversed(figureOf('ms', 50, [7, 10, 13])), page)).toEqual([
      '-16.7%',
      '-21.7% to -11.7%',
    ]);
    expect(differenceCells(reversed(figureOf('ratio', 0.5, [0.01, 0.02, 0.03])), page)).toEqual([
      '-2.00 pp',
      '-3.00 to -1.00 pp',
    ]);
  });

  test('is shown as too few data only if the verdict is inconclusive, for any interval', () => {
    const random = randomStream(11, 'intervals');
    let wide = 0;
    for (let k = 0; k < 5000; k++) {
      const isShare = random.below(2) === 0;
      const base = isShare ? random.uniform() : random.uniform() * 100;
      const size = (isShare ? 1 : base) * 3;
      const [one, other] = [0, 0].map(() => (random.uniform() - 0.5) * 2 * size);
      const low = random.below(10) === 0 ? null : Math.min(one!, other!);
      const high = random.below(10) === 0 ? null : Math.max(one!, other!);
      const figure = figureOf(isShare ? 'ratio' : 'ms', base, [low, ((low ?? 0) + (high ?? 0)) / 2, high]);
      if (differenceCells(figure, page)[1] !== TOO_FEW) continue;
      wide++;
      const judging = { tolerance: 0.05, direction: 1, confidence: 0.95 } as const;
      expect(verdictOf({ low, high }, base, judging)).toBe('inconclusive');
    }
    expect(wide).toBeGreaterThan(100);
  });
});

describe('shortNames', () => {
  test.each([
    [['a', 'b'], 8, ['a', 'b']],
    [['api.a.example:8000', 'b'], 8, ['api.a.e…', 'b']],
    [['chat-20260101', 'chat-20260102'], 8, ['…0260101', '…0260102']],
    [
      ['x-aaaaaaaaa-y', 'x-aaaaaaaaa-y1', 'x-aaaaaaaab-y1'],
      3,
      ['x-aaaaaaaaa-y', 'x-aaaaaaaaa-y1', 'x-aaaaaaaab-y1'],
    ],
  ])('%j within %d', (names, width, expected) => {
    expect(shortNames(names, width, page)).toEqual(expected);
  });
});

/** Returns runs of 600 requests: some are refused (429), some time out; the server reports how many of 100 input tokens were cached. */
const side = (
  ttft_ms: number,
  { refused = 0, timeouts = 0, cached = 0 }: { refused?: number; timeouts?: number; cached?: number },
): Promise<ComparedRun[]> =>
  Promise.all(
    [10, 11, 12].map((seed, k) =>
      comparedRun(
        requests(600, (i) => {
          if (i < refused) return failed('rate_limited', { status: 429 });
          if (i < refused + timeouts) return failed('timeout');
          const first = i * 100_000 + Math.round((ttft_ms + k + (i % 5)) * 1000);
          return {
            events_us: [first, 20_000],
            ended_us: first + 20_000,
            input_tokens: 100,
            cached_tokens: cached,
          };
        }),
        { seed },
      ),
    ),
  );

const NAMES = { base: 'eu-west-1.provider-a.example', new: 'eu-west-1.provider-b.example' };
let pair: Comparison;
let several: RankedComparison;

beforeAll(async () => {
  const [a, b, c] = await Promise.all([
    side(50, { cached: 60 }),
    side(60, { refused: 12, timeouts: 3 }),
    side(61, { timeouts: 6 }),
  ]);
  pair = compare({ base: a, new: b }, DEFAULT_SETTINGS, NAMES);
  several = rank(
    [
      { name: NAMES.base, runs: a },
      { name: NAMES.new, runs: b },
      { name: 'c', runs: c },
    ],
    DEFAULT_SETTINGS,
  );
});

const printed = (compared: Comparison | RankedComparison, format: string, width = 80): string =>
  COMPARISONS.exporters
    .find((each) => each.format === format)!
    .render({ compared, sides: [] }, { color: false, unicode: true, width });

/** Computed by hand: 3 runs with 12 refused requests and 3 timeouts of 600; 60 of 100 tokens cached, and none. */
describe('failures and cached input are in every format', () => {
  test('text and Markdown: failures by class, cached input, names', () => {
    for (const format of ['text', 'markdown']) {
      const text = printed(pair, format).replaceAll(/\s+/g, ' ');
      expect(text).toMatch(/36 rate-limited \\?\(429\\?\), 9 timeout/);
      expect(text).toContain('2.5%');
      expect(text).toContain('60%');
      for (const name of Object.values(NAMES)) expect(text).toContain(name);
      expect(text).not.toMatch(/\b(in|than) (base|new)\b/);
      expect(text).toMatch(/from the prefix cache: 60% in .*, 0% in /);
    }
    const ranked = printed(several, 'markdown');
    expect(ranked).toContain('| Endpoint | requests | failed | rate-limited | timeout | cached |');
    expect(ranked).toMatch(/\| `eu-west-1\.provider-b\.example` \| 1800 \| 2\.5% \| 36 \| 9 \| 0% \|/);
    expect(ranked).toMatch(/\| `c` \| 1800 \| 1% \| 0 \| 18 \| 0% \|/);
  });

  test('CSV: rows for failures and cached input, percentage points only for shares', () => {
    const rows = parse(printed(pair, 'csv'), { columns: true, record_delimiter: '\r\n' }) as Record<
      string,
      string
    >[];
    const row = (figure: string) => rows.find((each) => each['figure'] === figure);
    expect(row('failures rate_limited')).toMatchObject({
      base_value: '0',
      new_value: '36',
      unit: 'requests',
    });
    expect(row('failures timeout')).toMatchObject({ base_value: '0', new_value: '9' });
    expect(row('cached_share')).toMatchObject({ base_value: '0.6', new_value: '0' });
    expect(Number(row('error_rate')!['diff_pp'])).toBeCloseTo(2.5, 9);
    expect(row('error_rate')).toMatchObject({ diff_pct: '' });
    expect(row('ttft mean')).toMatchObject({ diff_pp: '', base: NAMES.base, new: NAMES.new });
    expect(Number(row('ttft mean')!['diff_pct'])).toBeGreaterThan(15);
  });

  test('Prometheus, JUnit, GitHub and JSON', () => {
    const families = readExposition(printed(pair, 'prometheus'));
    const value = (name: string, labels: Record<string, string>): number | undefined =>
      families
        .get(`goodput_comparison_${name}`)!
        .samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))
        ?.value;
    expect(value('failures', { endpoint: NAMES.new, outcome: 'rate_limited' })).toBe(36);
    expect(value('failures', { endpoint: NAMES.base, outcome: 'rate_limited' })).toBe(0);
    expect(value('cached_input_ratio', { endpoint: NAMES.base })).toBeCloseTo(0.6, 12);
    expect(value('difference_points', { figure: 'error_rate' })).toBeCloseTo(2.5, 9);
    expect(value('difference_ratio', { figure: 'error_rate' })).toBeUndefined();
    expect(value('endpoint_info', { endpoint: NAMES.new, side: 'new' })).toBe(1);
    expect(printed(pair, 'junit')).toContain('name="new_failures" value="36 rate-limited (429), 9 timeout"');
    expect(printed(pair, 'github')).toMatch(
      /::notice .*failures::.*provider-b\.example 2\.5%25: 36 rate-limited/,
    );
    const document = JSON.parse(printed(pair, 'json')) as Comparison;
    expect(document.new).toMatchObject({ failures: { rate_limited: 36, timeout: 9 }, cached_share: 0 });
    expect(document.base).toMatchObject({ name: NAMES.base, cached_share: 0.6 });
  });

  test('Markdown shows each figure, each difference and each note of the text', () => {
    const text = printed(pair, 'text', 140);
    const markdown = printed(pair, 'markdown').replaceAll('\\', '');
    const cells = text
      .split('\n')
      .filter((line) => / (same|better|worse|inconclusive)$/.test(line))
      .map((line) => line.trim().split(/ {2,}/));
    expect(cells.length).toBeGreaterThan(5);
    const shown = markdown.split('\n').map((line) => line.replaceAll('**', ''));
    const missing = cells.filter((row) => !shown.some((line) => row.every((cell) => line.includes(cell))));
    expect(missing).toEqual([]);
    const order = printed(several, 'text', 100).match(/\([+-][\d.]+(?:%| pp)\*?, [^)]*\)/g) ?? [];
    expect(order.length).toBeGreaterThan(2);
    const ranked = printed(several, 'markdown').replaceAll('\\', '');
    for (const each of order) expect(ranked).toContain(each);
  });
});

describe.each([60, 80, 140])('at %d columns', (width) => {
  test('everything fits; numbers, units and words are not broken; omitted columns are named, in the order of docs/compare.md', () => {
    for (const found of [pair, several]) {
      const lines = printed(found, 'text', width).split('\n');
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(Math.min(width, 100));
      // A unit or a closing bracket at the beginning of a line belongs to a number of the line before.
      for (const line of lines) expect(line).not.toMatch(/^ *(ms|pp|s|%|req\/s|tok\/s|to [+-])\b/);
    }
    const lines = printed(pair, 'text', width).split('\n');
    const rows = lines.filter((line) => / (same|better|worse|inconclusive)$/.test(line));
    expect(rows.map((line) => line.split(/ {2,}/)[0])).toContain('ttft mean');
    for (const line of rows) expect(line).toMatch(/^\w+( \w+)? {2,}/);
    const all = lines.join(' ').replaceAll(/\s+/g, ' ');
    const out = all.match(/Not shown at this width: (.*?) \(--format csv/)?.[1]?.split(', ') ?? [];
    expect(out.length).toBe(width === 60 ? 2 : 0);
    // The values of the base are omitted first, then those of the new; a difference keeps its interval.
    expect(rows.find((line) => line.startsWith('ttft mean'))).toMatch(
      /[+-][\d.]+% {2,}[+-][\d.]+% to [+-][\d.]+%/,
    );
  });
});
