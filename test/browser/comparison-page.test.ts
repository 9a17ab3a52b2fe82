import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ComparedRun } from '../../src/compare/compared-run.ts';
import { compare } from '../../src/compare/comparison.ts';
import { DEFAULT_SETTINGS } from '../../src/compare/comparison-document.ts';
import { type ComparedRuns, rank } from '../../src/compare/ranking.ts';
import { renderComparisonPage } from '../../src/render/comparison/comparison-page.ts';
import { renderComparison } from '../../src/render/comparison/comparison.ts';
import type { PageData } from '../../src/render/page/browser/chart.ts';
import { comparisonSeriesOf } from '../../src/series/comparison-series.ts';
import { failed, requests } from '../analysis/run.ts';
import { comparedRun, withTtft } from '../compare/runs.ts';
import { violationsOf } from './axe.ts';
import { cutOff, emptyCharts, launch, open } from './chromium.ts';
import { expectNoMarkup, HOSTILE } from './hostile.ts';

/** Returns one run per TTFT, each with its own seed. */
const side = (...ttfts: readonly number[]): Promise<ComparedRun[]> =>
  Promise.all(ttfts.map((ttft, k) => withTtft((i) => ttft + (i % 7), { seed: 10 + k })));

const dead = (): Promise<ComparedRun[]> =>
  Promise.all(
    [10, 11, 12].map((seed) =>
      comparedRun(
        requests(600, () => failed('http_error', { status: 500 })),
        { seed },
      ),
    ),
  );

const untrusted = (run: ComparedRun): ComparedRun => ({
  ...run,
  audit: {
    ...run.audit,
    status: 'invalid',
    reasons: [{ rule: 'send_lag', level: 'invalid', text: 'It was late.', advice: 'Be early.' }],
  },
});

const pairOf = (base: ComparedRun[], next: ComparedRun[], names = ['old', 'new']): ComparedRuns => ({
  compared: compare({ base, new: next }, DEFAULT_SETTINGS, { base: names[0]!, new: names[1]! }),
  sides: [base, next],
});

const rankingOf = (sides: readonly ComparedRun[][], names: readonly string[]): ComparedRuns => ({
  compared: rank(
    sides.map((runs, k) => ({ name: names[k]!, runs })),
    DEFAULT_SETTINGS,
  ),
  sides,
});

describe('the page of a comparison in Chromium', () => {
  let browser: Browser;
  let usual: ComparedRun[];
  let slower: ComparedRun[];
  let vague: ComparedRun[];
  beforeAll(async () => {
    browser = await launch();
    [usual, slower, vague] = await Promise.all([side(50, 52, 51), side(60, 63, 63), side(30, 60, 70)]);
  });
  afterAll(() => browser.close());

  const CASES: [
    what: string,
    found: () => ComparedRuns | Promise<ComparedRuns>,
    charts: string[],
    lacks: string[],
    says: RegExp[],
  ][] = [
    [
      'worse',
      () => pairOf(usual, slower),
      ['spectrum-ttft', 'cumulative-ttft', 'rounds-ttft-mean'],
      [],
      [/WORSE/, /new is worse than old, by/, /worse: \+2\d/],
    ],
    [
      'one run per side',
      async () => pairOf(await side(50), await side(70)),
      ['spectrum-ttft'],
      ['rounds-ttft-mean'],
      [/Indicative: one run per side/, /Each side has one run/],
    ],
    [
      'refused',
      () => pairOf(usual, slower.map(untrusted)),
      ['spectrum-ttft'],
      [],
      [/INVALID/, /It was late|cannot be trusted/, /no verdict/],
    ],
    [
      'all failed on both sides',
      async () => pairOf(await dead(), await dead()),
      [],
      ['spectrum-ttft', 'rounds-ttft-mean'],
      [/No side has a latency/],
    ],
    [
      'all failed on one side',
      async () => pairOf(usual, await dead()),
      ['spectrum-ttft'],
      [],
      [/http error/],
    ],
    [
      'a ranking',
      () => rankingOf([usual, slower, vague], ['a', 'b', 'c']),
      ['spectrum-ttft', 'rounds-ttft-mean'],
      [],
      [/RANKED/, /3 endpoints, 3 rounds/, /b against a: worse/, /order by ttft mean/],
    ],
    [
      'a ranking with an invalid side',
      () => rankingOf([usual, slower.map(untrusted), vague], ['a', 'b', 'c']),
      ['spectrum-ttft'],
      [],
      [/INVALID/, /There is no order/],
    ],
  ];

  test.each(CASES)('%s: says what it knows and what is missing', async (_, make, charts, lacks, says) => {
    await using opened = await open(browser, renderComparisonPage(await make()));
    const { page, noises } = opened;
    const ids = await page.locator('figure.chart').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toEqual(expect.arrayContaining(charts));
    for (const id of lacks) expect(ids).not.toContain(id);
    expect(await page.locator('html').getAttribute('data-drawn')).toBe(String(ids.length));
    expect(await emptyCharts(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    const text = await page.locator('body').innerText();
    const inSvg = (await page.locator('svg').allTextContents()).join('\n');
    for (const words of says) expect(`${text}\n${inSvg}`).toMatch(words);
    for (const section of await page.locator('section').all())
      expect((await section.innerText()).split('\n').length).toBeGreaterThan(1);
    expect(noises).toEqual([]);
  });

  test('its cells are those of the terminal, to the character', async () => {
    const found = pairOf(usual, slower);
    if ('ranking' in found.compared) throw new Error('a ranking');
    await using opened = await open(browser, renderComparisonPage(found));
    const text = renderComparison(found.compared, { color: false, unicode: true, width: 120 });
    const rows = await opened.page
      .locator('#verdict table')
      .first()
      .locator('tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent.trim())));
    expect(rows.length).toBeGreaterThan(6);
    for (const cells of rows) {
      const line = text.split('\n').find((each) => each.startsWith(`${cells[0]} `))!;
      expect(line.split(/\s{2,}/)).toEqual(cells.filter((cell) => cell !== ''));
    }
  });

  test('every drawn number is in the comparison or its series, and a bar is where its percentages are', async () => {
    const found = pairOf(usual, slower);
    const series = comparisonSeriesOf(found);
    await using opened = await open(browser, renderComparisonPage(found));
    const { page } = opened;
    const { charts } = JSON.parse((await page.locator('#data').textContent())!) as PageData;
    const known = new Set(
      [
        ...series.sides.flatMap(({ spectra }) =>
          spectra.flatMap(({ value, low, high, percent }) => [
            ...value,
            ...low,
            ...high,
            ...percent.map((each) => each / 100),
          ]),
        ),
        ...series.rounds.flatMap(({ sides }) => sides.flat()),
      ].filter((each) => each !== null),
    );
    for (const chart of charts) {
      if (chart.kind !== 'lines') throw new Error('not lines');
      expect(chart.lines.map(({ label }) => label)).toEqual(['old', 'new']);
      for (const { ys, low = [], high = [] } of chart.lines)
        for (const y of [...ys, ...low, ...high]) if (y !== null) expect(known).toContain(y);
    }
    if ('ranking' in found.compared) throw new Error('a ranking');
    const { diff_pct, low_pct, high_pct } = found.compared.metrics['ttft']!['mean']!;
    const [zero, ticks] = [
      Number(await page.locator('#forest .zero').getAttribute('x1')),
      await page
        .locator('#forest .tick')
        .evaluateAll((all) =>
          all.map((tick) => [parseFloat(tick.textContent), Number(tick.getAttribute('x'))] as const),
        ),
    ];
    const [percent, x] = ticks.at(-1)!;
    const perPercent = (x - zero) / percent;
    const row = page.locator('#forest svg > g', { hasText: 'ttft mean' });
    const place = async (name: string, attribute: string): Promise<number> =>
      (Number(await row.locator(name).first().getAttribute(attribute)) - zero) / perPercent;
    expect(await place('circle', 'cx')).toBeCloseTo(diff_pct!, 0);
    expect(await place('g line', 'x1')).toBeCloseTo(low_pct!, 0);
    expect(await place('g line', 'x2')).toBeCloseTo(high_pct!, 0);
  });

  test.each(HOSTILE)('nothing of a hostile folder is markup: %j', async (hostile) => {
    const changed = (runs: readonly ComparedRun[], more: string): ComparedRun[] =>
      runs.map((run, k) => ({
        ...untrusted(run),
        dir: `${hostile}${more}${k}`,
        header: { ...run.header, id: `${hostile}${more}${k}`, name: hostile, started: hostile },
        report: { ...run.report, endpoint: { ...run.report.endpoint, url: hostile, model: hostile } },
      }));
    const names = [hostile, `${hostile} 2`, `${hostile} 3`];
    const sides = [changed(usual, 'a'), changed(slower, 'b'), changed(vague, 'c')];
    for (const found of [pairOf(sides[0]!, sides[1]!, names), rankingOf(sides, names)]) {
      await using opened = await open(browser, renderComparisonPage(found));
      await expectNoMarkup(opened, hostile);
    }
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
  ] as const)(
    'has no violation of axe in %s at %i pixels, and nothing is cut off',
    async (colorScheme, width) => {
      for (const found of [pairOf(usual, slower), rankingOf([usual, slower, vague], ['a', 'b', 'c'])]) {
        await using opened = await open(browser, renderComparisonPage(found), {
          colorScheme,
          viewport: { width, height: 900 },
        });
        const { page } = opened;
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect(await cutOff(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await violationsOf(page)).toEqual([]);
      }
    },
  );
});
