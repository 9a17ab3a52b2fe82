import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MACHINE } from '../render/machine-report.ts';
import { randomRequests } from '../series/runs.ts';
import { violationsOf } from './axe.ts';
import { cutOff, emptyCharts, launch, open } from './chromium.ts';
import { pageOf } from './pages.ts';

let browser: Browser;
let html: string;

beforeAll(async () => {
  browser = await launch();
  html = await pageOf(randomRequests(1), { stated: { machine: MACHINE } });
});
afterAll(() => browser.close());

test('the roofline is drawn with both phases, and the figures are those of summary.json', async () => {
  await using opened = await open(browser, html);
  const { page, noises } = opened;
  const section = page.locator('#machine');
  expect(await section.textContent()).toContain('MFU 40% (prefill 30%, decode 10%); MBU 50%');
  expect(await section.locator('.series .name').allTextContents()).toEqual(['roof', 'prefill', 'decode']);
  expect(await emptyCharts(page)).toEqual([]);
  expect(noises).toEqual([]);
  expect(await violationsOf(page)).toEqual([]);
});

test('nothing is cut off at 360 pixels', async () => {
  await using opened = await open(browser, html, { viewport: { width: 360, height: 800 } });
  const { page } = opened;
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(360);
  expect(await cutOff(page)).toEqual([]);
});
