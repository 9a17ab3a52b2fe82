import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Inspection } from '../../src/dataset/inspect/inspection.ts';
import { DataSet } from '../../src/dataset/read.ts';
import { WORDS } from '../../src/dataset/text/tokens.ts';
import { EMPTY_TURN, type Session } from '../../src/dataset/model/session.ts';
import { type FoundInspection, renderInspectionPage } from '../../src/render/dataset/inspection-page.ts';
import type { PageData } from '../../src/render/page/browser/chart.ts';
import { READ_OPTIONS } from '../dataset/read-options.ts';
import { violationsOf } from './axe.ts';
import { cutOff, emptyCharts, launch, open } from './chromium.ts';
import { HOSTILE } from './hostile.ts';

const FIXTURES = join(import.meta.dirname, '..', 'dataset', 'fixtures');

async function inspected(name: string, by: string | null = null): Promise<FoundInspection> {
  const data = new DataSet([join(FIXTURES, name)], READ_OPTIONS);
  const inspection = new Inspection(WORDS, by);
  for await (const session of data.sessions()) inspection.add(session, data.blockTokens);
  const document = await inspection.document(data);
  return { document, plots: inspection.plots() };
}

describe('pages of data sets in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  test.each([
    [
      'mooncake.jsonl.gz',
      ['lengths-chart', 'pairs-chart', 'arrivals-chart'],
      [/prefix cache/, /given by length/],
    ],
    [
      'sharegpt.json',
      ['lengths-chart', 'pairs-chart'],
      [/Most frequent/, /exact duplicates/, /not measured/],
    ],
  ])('%s', async (name, charts, says) => {
    const found = await inspected(name, 'source');
    await using opened = await open(browser, renderInspectionPage(found));
    const { page, noises } = opened;
    const ids = await page.locator('figure.chart').evaluateAll((all) => all.map(({ id }) => id));
    expect(ids).toEqual(charts);
    expect(await emptyCharts(page)).toEqual([]);
    expect(await cutOff(page)).toEqual([]);
    expect(await violationsOf(page)).toEqual([]);
    const text = await page.locator('body').innerText();
    for (const words of says) expect(text).toMatch(words);
    const { sessions, input } = found.document;
    expect(await page.locator('[data-key=sessions]').textContent()).toBe(String(sessions));
    const row = page.locator('#lengths tbody tr').first();
    expect(await row.locator('td').first().textContent()).toBe(String(input.count));
    // Every drawn number is one of the plots, which -o series:FILE writes.
    const { charts: drawn } = JSON.parse((await page.locator('#data').textContent())!) as PageData;
    const [lengths, pairs, arrivals] = drawn.map((chart) => (chart.kind === 'lines' ? chart : null));
    expect(lengths!.xs).toEqual(found.plots.lengths!.at);
    expect(lengths!.lines.map(({ ys }) => ys)).toEqual([
      found.plots.lengths!.input,
      found.plots.lengths!.output,
    ]);
    // A logarithmic axis has no zero.
    const { input: inputs, output: outputs } = found.plots.pairs!;
    const positive = inputs.map((value, k) => [value, outputs[k]!]).filter(([x, y]) => x! > 0 && y! > 0);
    expect(pairs!.xs.map((value, k) => [value, pairs!.lines[0]!.ys[k]])).toEqual(positive);
    if (found.plots.arrivals !== null)
      expect(arrivals!.lines[0]!.ys.slice(0, -1)).toEqual(found.plots.arrivals.counts);
    expect(noises).toEqual([]);
  });

  test('nothing of hostile texts, tags and names is markup', async () => {
    const inspection = new Inspection(WORDS, 'kind');
    for (const hostile of HOSTILE) {
      const messages = [{ role: 'user', content: `${hostile} ${hostile} <|im_start|>` }];
      const turns = [{ ...EMPTY_TURN, messages, reference: hostile }];
      const session: Session = {
        session: hostile,
        timestamp_ms: null,
        tags: { source: hostile, kind: hostile, language: hostile },
        turns,
      };
      inspection.add(session, 512);
    }
    const data = new DataSet([], READ_OPTIONS);
    const document = await inspection.document(data);
    const files = HOSTILE.map((path) => ({ path, sha256: path, bytes: 1 }));
    const html = renderInspectionPage({
      document: { ...document, files, format: HOSTILE[0]! },
      plots: inspection.plots(),
    });
    await using opened = await open(browser, html);
    expect(await opened.page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(await opened.page.locator('img, iframe, svg[onload]').count()).toBe(0);
    expect(await opened.page.locator('body').innerText()).toContain(HOSTILE[0]);
    expect(opened.noises).toEqual([]);
  });
});
