import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { share, significant, tokenRate } from '../../src/numbers.ts';
import { renderScoredPage } from '../../src/render/run-page/scored-page.ts';
import { score } from '../../src/score/score.ts';
import type { Summary } from '../../src/verdict/summary.ts';
import { randomRequests } from '../series/runs.ts';
import { violationsOf } from './axe.ts';
import { cutOff, emptyCharts, launch, open } from './chromium.ts';
import { HEADER, pageOf } from './pages.ts';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'reports', 'example');

describe('the page of a run in Chromium', () => {
  let browser: Browser;
  let html: string;
  let example: string;

  beforeAll(async () => {
    browser = await launch();
    html = await pageOf(randomRequests(1));
    example = await renderScoredPage([await score(EXAMPLE, { strict: false, again: true })]);
  });
  afterAll(() => browser.close());

  const texts = (locator: Locator): Promise<string[]> =>
    locator.evaluateAll((found) => found.map((each) => each.textContent.trim()));
  const charts = (page: Page): Locator => page.locator('figure.chart');

  test('draws every chart, logs nothing, requests nothing, violates no policy', async () => {
    await using opened = await open(browser, html);
    const { page, noises } = opened;
    expect(await charts(page).count()).toBeGreaterThan(12);
    expect(await page.locator('html').getAttribute('data-drawn')).toBe(String(await charts(page).count()));
    expect(await emptyCharts(page)).toEqual([]);
    expect(noises).toEqual([]);
  });

  test('its policy forbids what its own script does not need', async () => {
    await using opened = await open(browser, html);
    const { page, noises } = opened;
    await page.evaluate(async () => {
      const image = document.createElement('img');
      image.src = 'https://example.invalid/a.png';
      const script = document.createElement('script');
      script.textContent = 'window.hacked = true';
      document.body.append(image, script);
      await fetch('https://example.invalid/').catch(() => {});
    });
    await page.waitForTimeout(50);
    expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    expect(noises.filter((noise) => /Content Security Policy/.test(noise)).length).toBeGreaterThanOrEqual(3);
  });

  test('key figures are those of summary.json and of the text report, to the character', async () => {
    await using opened = await open(browser, example);
    const summary = JSON.parse(await readFile(join(EXAMPLE, 'summary.json'), 'utf8')) as Summary;
    const found = await opened.page
      .locator('.tile [data-key]')
      .evaluateAll((all) =>
        all.map((each) => [(each as HTMLElement).dataset['key']!, each.textContent.trim()]),
      );
    const { rates, metrics, slo } = summary;
    const { ttft, tpot } = metrics;
    expect(Object.fromEntries(found)).toEqual({
      'slo.attainment.value': share(slo!.attainment.value),
      'rates.goodput_rps': significant(rates.goodput_rps),
      'metrics.ttft.p50': significant(ttft!.p50),
      'metrics.ttft.p95': `≥ ${significant(ttft!.p95)}`,
      'metrics.tpot.p50': significant(tpot!.p50),
      'metrics.tpot.p95': `≥ ${significant(tpot!.p95)}`,
      'rates.output_tps': tokenRate(rates.output_tps),
      'rates.error_rate': share(rates.error_rate),
    });
    const report = await readFile(join(EXAMPLE, 'report.txt'), 'utf8');
    const words = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
    const lines = report.split('\n').map(words);
    const rows = await opened.page
      .locator('#latency tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [...row.children].map((cell) => cell.textContent.trim()).join(' ')),
      );
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(lines).toContain(words(row));
    const page = words(await opened.page.locator('main').innerText());
    for (const label of ['Goodput', 'Attainment', 'Throughput', 'In flight', 'Finish'])
      for (const line of entryOf(report, label)) expect(page).toContain(words(line));
  });

  test('shows on focus why a cell is empty', async () => {
    await using opened = await open(browser, example);
    const empty = opened.page.locator('#latency .why', { hasText: /^–$/ }).first();
    await empty.focus();
    expect(await empty.evaluate((each) => getComputedStyle(each, '::after').content)).toContain(
      'too few samples',
    );
    expect(await empty.getAttribute('aria-label')).toContain('too few samples');
  });

  test('a drag zooms all charts of the timeline, and a button resets them', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    const plot = page.locator('#time-in-flight .u-over');
    await plot.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width * 0.3, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + height / 2, { steps: 4 });
    await page.mouse.up();
    const reset = (id: string): Locator => page.locator(`#${id} .reset`);
    for (const id of ['time-in-flight', 'time-ttft', 'time-tokens'])
      await reset(id).waitFor({ state: 'visible' });
    await reset('time-ttft').click();
    for (const id of ['time-in-flight', 'time-ttft', 'time-tokens'])
      await reset(id).waitFor({ state: 'hidden' });
  });

  test('the cursor of one chart shows the values of all at that time', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    const plot = page.locator('#time-in-flight .u-over');
    await plot.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await plot.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.waitForFunction(() => document.querySelector('#time-tokens .at')!.textContent !== '');
    const [here, there] = await texts(page.locator('#time-in-flight .at, #time-tokens .at'));
    expect(here).toMatch(/^\d.* s$/);
    expect(there).toBe(here);
    expect((await texts(page.locator('#time-in-flight .value')))[0]).toMatch(/^\d/);
  });

  test('a switch of the legend hides its line', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    const image = (): Promise<string> =>
      page.locator('#time-requests canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const before = await image();
    const button = page.locator('#time-requests .series').first();
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await page.waitForTimeout(50);
    expect(await image()).not.toBe(before);
    await button.click();
    await page.mouse.move(0, 0);
    await page.waitForTimeout(50);
    expect(await image()).toBe(before);
  });

  test('a click on a point shows its request', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    const plot = page.locator('#e2e-by-output .plot');
    await plot.focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const status = page.locator('#e2e-by-output .request');
    expect(await status.textContent()).toMatch(/^Request \d+ · .* · TTFT .* · E2E .* · output tokens \d/);
    const first = await status.textContent();
    const over = page.locator('#e2e-by-output .u-over');
    const { x, y, width, height } = (await over.boundingBox())!;
    // Somewhere on a grid of clicks is another point.
    for (let k = 1; k < 30 && (await status.textContent()) === first; k++)
      await page.mouse.click(x + (width * k) / 30, y + height * 0.5);
    expect(await status.textContent()).not.toBe(first);
  });

  test('keys move the cursor and zoom', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    await page.locator('#spectrum-ttft .plot').focus();
    await page.keyboard.press('ArrowRight');
    const at = page.locator('#spectrum-ttft .at');
    await page.waitForFunction(() => document.querySelector('#spectrum-ttft .at')!.textContent !== '');
    expect(await at.textContent()).toBe('p50');
    expect((await texts(page.locator('#spectrum-ttft .value')))[0]).toMatch(/ ms$/);
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#spectrum-ttft .at')!.textContent === 'p60');
    await page.keyboard.press('+');
    await page.locator('#spectrum-ttft .reset').waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await page.locator('#spectrum-ttft .reset').waitFor({ state: 'hidden' });
  });

  test('the numbers of a chart are a table, with the values of the report', async () => {
    await using opened = await open(browser, example);
    const { page } = opened;
    await page.locator('#spectrum-ttft summary').click();
    await page.locator('#spectrum-ttft table').waitFor();
    const rows = await page
      .locator('#spectrum-ttft tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    const p50 = await page.locator('#latency [data-key="metrics.ttft.p50"]').textContent();
    expect(rows[0]).toEqual(['p50', `${p50} ms`, '–']);
    expect(rows.find(([percentile]) => percentile === 'p95')).toEqual(['p95', '–', '≥ 1.11 s']);
    await page.locator('#time-tokens summary').click();
    await page.locator('#time-tokens table').waitFor();
    expect(await page.locator('#time-tokens tbody tr').count()).toBeGreaterThan(20);
  });

  test('fits on A4, with every chart', async () => {
    await using opened = await open(browser, html);
    const { page } = opened;
    // 210 mm less the margins of 14 mm, in CSS pixels.
    await page.setViewportSize({ width: Math.floor(((210 - 28) / 25.4) * 96), height: 1000 });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.waitForTimeout(100);
    expect(await cutOff(page)).toEqual([]);
    expect(await emptyCharts(page)).toEqual([]);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    const sizes = [...pdf.toString('latin1').matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
    expect(sizes.length).toBeGreaterThan(1);
    for (const [, width, height] of sizes) {
      expect(Number(width)).toBeCloseTo((210 / 25.4) * 72, -1);
      expect(Number(height)).toBeCloseTo((297 / 25.4) * 72, -1);
    }
  });

  test.each([360, 768, 3840])('is usable at %i pixels', async (width) => {
    await using opened = await open(browser, html, { viewport: { width, height: 800 } });
    const { page } = opened;
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await cutOff(page)).toEqual([]);
    expect(await emptyCharts(page)).toEqual([]);
  });

  test('follows the colours of the system, and switches', async () => {
    const background = (page: Page): Promise<string> =>
      page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await using light = await open(browser, example);
    await using dark = await open(browser, example, { colorScheme: 'dark' });
    expect(await background(light.page)).not.toBe(await background(dark.page));
    await light.page.locator('#theme').click();
    expect(await background(light.page)).toBe(await background(dark.page));
    expect(await emptyCharts(light.page)).toEqual([]);
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)('has no violation of axe in %s at %i pixels', async (colorScheme, width) => {
    const header = { ...HEADER, endpoint: { ...HEADER.endpoint, simulated: true } };
    const pages = [
      html,
      await pageOf(randomRequests(1), { header }),
      await pageOf(randomRequests(1).slice(0, 1)),
    ];
    for (const each of pages) {
      await using opened = await open(browser, each, { colorScheme, viewport: { width, height: 900 } });
      const { page } = opened;
      for (const summary of await page.locator('summary').all()) await summary.click();
      expect(await violationsOf(page)).toEqual([]);
    }
  });

  test('without scripts it shows everything but the charts', async () => {
    await using opened = await open(browser, example, { javaScriptEnabled: false });
    const text = await opened.page.locator('body').innerText();
    for (const word of [
      'PASS',
      'attainment >= 80%',
      '88.4%',
      'Time to first token',
      'need JavaScript',
      'Show again',
    ])
      expect(text).toContain(word);
    expect(await opened.page.locator('.bars rect').count()).toBeGreaterThan(20);
  });
});

/** Returns the lines of an entry of the text report. */
function entryOf(report: string, label: string): string[] {
  const lines = report.split('\n');
  const first = lines.findIndex((line) => line.startsWith(`${label} `));
  const end = lines.findIndex((line, at) => at > first && !line.startsWith('            '));
  return lines.slice(first, end);
}
