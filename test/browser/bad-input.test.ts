import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headerOf } from '../analysis/headers.ts';
import { failed, requests } from '../analysis/run.ts';
import { randomRequests } from '../series/runs.ts';
import { emptyCharts, launch, open } from './chromium.ts';
import { expectNoMarkup, HOSTILE } from './hostile.ts';
import { HEADER, pageOf } from './pages.ts';

const OPEN = headerOf({ scenario: { name: 'a run' }, window: { start_us: 0, end_us: 60_000_000 } });

/** Runs that lack something: the page, the ids of some charts that it must and must not have, and what it says. */
const LACKING: [name: string, page: () => Promise<string>, has: string[], lacks: string[], says: RegExp[]][] =
  [
    [
      'no samples',
      () => pageOf([]),
      [],
      ['time-ttft', 'ttft-by-input', 'spectrum-ttft', 'attainment-chart'],
      [/no recorded request/, /No request could be judged/, /no latencies/i],
    ],
    [
      'one request',
      () => pageOf(requests(1), { header: OPEN }),
      ['attainment-chart', 'time-tokens', 'ttft-by-input'],
      ['spectrum-ttft'],
      [/1 planned, 1 sent/, /All 1 request are drawn|All 1 request/],
    ],
    [
      'all failed',
      () =>
        pageOf(
          requests(300, () => failed('http_error', { status: 500 })),
          { header: OPEN },
        ),
      ['time-failures', 'e2e-by-output'],
      ['spectrum-ttft', 'time-ttft', 'time-itl'],
      [/http_error/, /no latencies/i],
    ],
    [
      'one token each',
      () =>
        pageOf(
          requests(300, (i) => ({ events_us: [i * 100_000 + 50_000], output_tokens: 1 })),
          { header: OPEN },
        ),
      ['spectrum-ttft', 'time-ttft'],
      ['spectrum-itl', 'spectrum-tpot', 'time-itl'],
      [/no request has a value: tpot, itl/],
    ],
    [
      'no SLO',
      () => pageOf(randomRequests(5), { limits: {}, gates: [] }),
      ['spectrum-ttft', 'time-ttft'],
      ['attainment-chart'],
      [/No SLO was declared/, /No gates/i],
    ],
    [
      'interrupted',
      () => pageOf(randomRequests(6), { header: { ...HEADER, status: 'interrupted', reason: 'Ctrl-C' } }),
      ['time-ttft'],
      [],
      [/interrupted \(Ctrl-C\)/, /only the part that ran/],
    ],
    [
      'never closed',
      () => pageOf(requests(50), { header: { ...OPEN, status: 'running', window: null } }),
      ['time-ttft'],
      [],
      [/did not end properly/],
    ],
    [
      'no length',
      () => pageOf(requests(2), { header: { ...OPEN, window: { start_us: 0, end_us: 0 } } }),
      [],
      ['time-ttft', 'attainment-chart'],
      [/No request belongs|no recorded request/],
    ],
    [
      'simulated',
      () =>
        pageOf(randomRequests(7), {
          header: { ...HEADER, endpoint: { ...HEADER.endpoint, simulated: true, virtual: true } },
        }),
      ['time-ttft'],
      [],
      [/SIMULATED: no model produced these numbers/],
    ],
    [
      'buffered',
      () =>
        pageOf(
          requests(200, (i) => ({
            events_us: [i * 100_000 + 50_000, ...Array.from({ length: 15 }, () => 1)],
            output_tokens: 16,
          })),
          { header: OPEN },
        ),
      ['time-ttft'],
      ['spectrum-itl'],
      [/buffered on the way/],
    ],
  ];

describe('pages in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each(LACKING)(
    '%s: the page says what is missing, and has no empty chart',
    async (_, make, has, lacks, says) => {
      await using opened = await open(browser, await make());
      const { page, noises } = opened;
      const ids = await page.locator('figure.chart').evaluateAll((all) => all.map(({ id }) => id));
      for (const id of has) expect(ids).toContain(id);
      for (const id of lacks) expect(ids).not.toContain(id);
      expect(await emptyCharts(page)).toEqual([]);
      const text = await page.locator('body').innerText();
      for (const words of says) expect(text).toMatch(words);
      for (const section of await page.locator('section').all())
        expect((await section.innerText()).split('\n').length).toBeGreaterThan(1);
      expect(noises).toEqual([]);
    },
  );

  test.each(HOSTILE)('nothing of a hostile folder is markup: %j', async (hostile) => {
    const header = {
      ...HEADER,
      name: hostile,
      id: hostile,
      version: hostile,
      started: hostile,
      seed: 1,
      reason: hostile,
      status: 'interrupted' as const,
      notes: [hostile],
      scenario: { name: hostile, tags: { [hostile]: hostile }, workload: { prompts: [hostile] } },
      environment: { node: hostile, os: hostile, cpu: hostile, cores: 1, memory_bytes: 1 },
      endpoint: {
        url: hostile,
        api: hostile,
        model: hostile,
        simulated: false,
        replicas: [hostile, 'b'],
        said: { server: hostile },
      },
    };
    const samples = requests(100, (i) => {
      if (i % 9 === 0)
        return { ...failed('http_error', { status: 500 }), error: { message: hostile, code: hostile } };
      return { finish: hostile, replica: i % 2, text: hostile, headers: { server: hostile } };
    });
    await using opened = await open(browser, await pageOf(samples, { header }));
    await expectNoMarkup(opened, hostile);
  });
});
