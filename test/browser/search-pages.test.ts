import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderCapacityPage } from '../../src/render/capacity/capacity-page.ts';
import { significant } from '../../src/numbers.ts';
import type { PageData } from '../../src/render/page/browser/chart.ts';
import { renderSweepPage } from '../../src/render/sweep/sweep-page.ts';
import type { FoundCapacity } from '../../src/render/capacity/capacity.ts';
import type { FoundSweep } from '../../src/render/sweep/sweep.ts';
import { searched } from '../capacity/found-capacity.ts';
import { slowing, sweptOver } from '../sweep/found-sweep.ts';
import { violationsOf } from './axe.ts';
import { cutOff, emptyCharts, launch, open } from './chromium.ts';
import { expectNoMarkup, HOSTILE } from './hostile.ts';

const RATES = [4, 8, 16, 32, 38, 42, 48];
const estimated = (): Promise<FoundCapacity> => searched({ capacity: 40, slope: 8 });

/** Answers, with the charts that the page has and what it says. */
const ANSWERS: [what: string, answer: () => Promise<FoundCapacity>, charts: string[], says: RegExp[]][] = [
  ['estimated', estimated, ['capacity-chart', 'capacity-near'], [/CAPACITY/, /as narrow as requested/]],
  [
    'in flight',
    () => searched({ axis: 'concurrency', capacity: 40, slope: 8 }, { axis: 'concurrency' }),
    ['capacity-chart', 'capacity-near'],
    [/in flight/, /Completed at that load/],
  ],
  [
    'never_met',
    () => searched({ capacity: 40, slope: 8, attainment: () => 0.2 }),
    ['capacity-chart'],
    [/NEVER MET/, /no fitted curve/, /lowest load/],
  ],
  [
    'never_the_limit',
    () => searched({ capacity: 40, slope: 8, throughput: 30, attainment: () => 1 }),
    ['capacity-chart'],
    [/NEVER THE LIMIT/, /no fitted curve/],
  ],
  [
    'client_limited',
    () => searched({ capacity: 400, slope: 8, client: 30 }),
    ['capacity-chart'],
    [/CLIENT-LIMITED/, /is void: goodput was late/],
  ],
  [
    'undecided',
    () => searched({ capacity: 40, slope: 8 }, { budget_s: 60 }),
    ['capacity-chart'],
    [/UNDECIDED/, /budget was spent/],
  ],
  [
    'unanswered',
    () => searched({ capacity: 40, slope: 8 }, { budget_s: 0 }),
    [],
    [/NO ANSWER/, /no budget/, /no attainment to draw/, /no search window/],
  ],
  [
    'interrupted',
    async () => {
      const found = await searched({ capacity: 40, slope: 8 }, { budget_s: 60 });
      const verdict = { status: 'interrupted', exitCode: 105 } as const;
      return { ...found, document: { ...found.document, verdict } };
    },
    ['capacity-chart'],
    [/was interrupted/],
  ],
];

/** Sweeps, with the charts of their first curve and what the page says. */
const CURVE = ['ttft', 'tpot', 'trade', 'attainment', 'rates'].map((name) => `curve-1-${name}`);
const NONE = {
  output_tps: null,
  user_tps: null,
  ttft: null,
  tpot: null,
  attainment: null,
  goodput_rps: null,
};
const SWEEPS: [what: string, sweep: FoundSweep, charts: string[], says: RegExp[]][] = [
  ['complete', sweptOver(RATES), CURVE, [/7 of 7 runs/, /K, the knee: 38 req\/s/]],
  [
    'no SLO',
    sweptOver(RATES, { hasSlo: false }),
    CURVE.filter((id) => !id.endsWith('attainment')),
    [/No attainment by load.*--slo/],
  ],
  ['one point', sweptOver([8]), [], [/One load was measured.*--rate/]],
  ['no point', sweptOver([], { planned: 4 }), [], [/0 of 4 runs.*same --out/, /No run has ended/]],
  [
    'all failed',
    sweptOver(RATES, { figures: () => NONE, invalid: RATES }),
    [],
    [/Every run is invalid/, /4 more invalid runs/, /no request of chat succeeded/],
  ],
  [
    'one token per answer',
    sweptOver(RATES, { figures: (rate) => ({ ...slowing(rate), tpot: null, user_tps: null }) }),
    ['curve-1-ttft', 'curve-1-attainment', 'curve-1-rates'],
    [/No TPOT/, /No output per user/],
  ],
  ['interrupted', sweptOver([4, 8, 16], { planned: 9 }), CURVE, [/3 of 9 runs.*same --out continues/]],
  [
    'several lengths',
    sweptOver(RATES, { lengths: [100, 1000] }),
    [...CURVE, ...CURVE.map((id) => id.replace('1', '2'))],
    [/Trade-off: output 100\b/, /Trade-off: output 1000/],
  ],
  [
    'more curves than are drawn',
    sweptOver([4, 8], { lengths: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }),
    CURVE,
    [/first 8 of 10 curves/],
  ],
];

describe('pages of searches and sweeps in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  /** Opens a page, and checks what every page must hold. */
  async function expectSound(html: string, charts: readonly string[], says: readonly RegExp[]) {
    const opened = await open(browser, html);
    const { page, noises } = opened;
    const ids = await page.locator('figure.chart').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toEqual(expect.arrayContaining([...charts]));
    if (charts.length === 0) expect(ids).toEqual([]);
    expect(await page.locator('html').getAttribute('data-drawn')).toBe(String(ids.length));
    expect(await emptyCharts(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    const text = await page.locator('body').innerText();
    for (const words of says) expect(text).toMatch(words);
    for (const section of await page.locator('section').all())
      expect((await section.innerText()).split('\n').length).toBeGreaterThan(1);
    expect(noises).toEqual([]);
    return opened;
  }

  const keyOf = (page: Page, key: string): Promise<string | null> =>
    page.locator(`[data-key="${key}"]`).textContent();
  const dataOf = async (page: Page): Promise<PageData> =>
    JSON.parse((await page.locator('#data').textContent())!) as PageData;

  test.each(ANSWERS)('capacity: %s', async (_, answer, charts, says) => {
    const found = await answer();
    await using opened = await expectSound(renderCapacityPage(found), charts, says);
    const { document } = found;
    expect(await keyOf(opened.page, 'capacity_rps')).toBe(significant(document.capacity_rps));
    const ends =
      document.by === 'rate'
        ? (['low_rps', 'high_rps'] as const)
        : (['low_concurrency', 'high_concurrency'] as const);
    for (const key of ends) expect(await keyOf(opened.page, key)).toBe(significant(document[key]));
    expect(await opened.page.locator('#windows tbody tr').count()).toBe(document.probes.length);
  });

  test('capacity: every drawn number is in the document', async () => {
    const { document, context } = await estimated();
    await using opened = await open(browser, renderCapacityPage({ document, context }));
    const chart = (await dataOf(opened.page)).charts.find(({ id }) => id === 'capacity-chart')!;
    if (chart.kind !== 'lines') throw new Error('not lines');
    const drawn = chart.lines.flatMap(({ ys, low, high }) =>
      ys.flatMap((y, at) => (y === null ? [] : [[chart.xs[at], y, low?.[at], high?.[at]]])),
    );
    const listed = [
      ...document.probes
        .filter(({ kind }) => kind !== 'single')
        .map(({ rate_rps, attainment: { value, low, high } }) => [rate_rps, value, low, high]),
      ...document.curve.map(({ load, attainment: { value, low, high } }) => [load, value, low, high]),
    ];
    const sorted = (all: unknown[][]): string[] => all.map((each) => JSON.stringify(each)).toSorted();
    expect(sorted(drawn)).toEqual(sorted(listed));
    expect(chart.marks?.map(({ at }) => at)).toEqual([document.capacity_rps]);
    expect(chart.shades).toMatchObject([{ from: document.low_rps, to: document.high_rps }]);
    expect(chart.limits?.map(({ at }) => at)).toEqual([document.target]);
  });

  test.each(SWEEPS)('sweep: %s', async (_, found, charts, says) => {
    await using opened = await expectSound(renderSweepPage(found), charts, says);
    const rows = found.document.curves.flatMap(({ points }) => points).length;
    expect(await opened.page.locator('#points tbody tr').count()).toBe(rows);
  });

  test('sweep: every drawn number is in the document, joined in the order of the load', async () => {
    const found = sweptOver(RATES);
    const [curve] = found.document.curves;
    await using opened = await open(browser, renderSweepPage(found));
    const { charts } = await dataOf(opened.page);
    const linesOf = (id: string) => {
      const chart = charts.find((each) => each.id === `curve-1-${id}`)!;
      if (chart.kind !== 'lines') throw new Error('not lines');
      return { chart, ...Object.fromEntries(chart.lines.map((line) => [line.label, line])) } as {
        chart: typeof chart;
      } & Record<string, (typeof chart.lines)[number]>;
    };
    const { chart, p50, p95, ...marks } = linesOf('ttft');
    const along = (values: readonly (number | null)[]) => p50!.order!.map((at) => values[at]);
    expect(along(chart.xs)).toEqual(curve!.points.map(({ system_tps }) => system_tps));
    expect(along(p50!.ys)).toEqual(curve!.points.map(({ ttft_p50_ms }) => ttft_p50_ms));
    expect(along(p95!.ys)).toEqual(RATES.map((rate) => slowing(rate).ttft! * 2));
    const marked = (label: string) => marks[label]!.ys.filter((y) => y !== null);
    // The knee and the maximum by hand: 38 req/s is the last fast rate, and has the most good requests.
    expect(curve).toMatchObject({ knee: 5, goodput_maximum: 5 });
    expect(marked('knee (K)')).toEqual([58]);
    expect(marked('goodput maximum (G)')).toEqual([58]);
    expect(await keyOf(opened.page, 'knee')).toBe('38 req/s');
    expect(await keyOf(opened.page, 'goodput_rps')).toBe('38.0 req/s');
  });

  test.each(HOSTILE)('nothing of a hostile name is markup: %j', async (hostile) => {
    const found = await searched({ capacity: 40, slope: 8, client: 30 }, {}, { name: hostile });
    const document = {
      ...found.document,
      reason: hostile,
      notes: [hostile],
      binding: hostile,
      probes: found.document.probes.map((probe) => ({ ...probe, void: hostile, suspect: hostile })),
    };
    const context = { ...found.context, endpoint: hostile, slo: [hostile], dir: hostile };
    const sweep = sweptOver([4, 8, 16], { name: hostile, invalid: [16] });
    const points = sweep.document.points.map((point) => ({
      ...point,
      run: hostile,
      status: hostile,
      output_tokens: hostile,
    }));
    for (const html of [
      renderCapacityPage({ document, context }),
      renderSweepPage({ document: { ...sweep.document, points }, dir: hostile }),
    ]) {
      await using opened = await open(browser, html);
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
      for (const html of [renderCapacityPage(await estimated()), renderSweepPage(sweptOver(RATES))]) {
        await using opened = await open(browser, html, { colorScheme, viewport: { width, height: 900 } });
        const { page } = opened;
        for (const summary of await page.locator('summary').all()) await summary.click();
        expect(await cutOff(page)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
        expect(await violationsOf(page)).toEqual([]);
      }
    },
  );
});
