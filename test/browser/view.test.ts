/** @module-tag timed */
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import { openView, type View } from '../../src/view/server.ts';
import { copyRun, scratchFolder } from '../view/folders.ts';
import { violationsOf } from './axe.ts';
import { launch } from './chromium.ts';

const HOSTILE = '<img src=x onerror="document.title=1">';

const scratch = await scratchFolder();

describe('goodput view in Chromium', () => {
  let browser: Browser;
  let view: View;
  const problems: string[] = [];

  beforeAll(async () => {
    for (const [id, name] of [
      ['a', 'chat'],
      ['b', 'chat'],
      ['c', HOSTILE],
    ] as const)
      await copyRun(join(scratch, id), name);
    const path = join(scratch, 'b', 'run.json');
    const text = (await readFile(path, 'utf8')).replace(
      /"started":"[^"]*"/,
      '"started":"2026-11-25T12:00:00.000Z"',
    );
    await writeFile(path, text);
    view = await openView(scratch, 0);
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await view.close();
  });

  /** Opens a page that records what its console and its requests show. */
  async function open(path: string): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1300, height: 800 } });
    page.on('console', (message) => {
      if (message.type() !== 'log') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith(view.url)) problems.push(`request of ${request.url()}`);
    });
    await page.goto(new URL(path, view.url).href);
    return page;
  }

  const rows = (page: Page): Promise<string[]> => page.locator('#rows .part').allTextContents();

  /** Returns what axe finds on a page in both colours, at both widths. */
  async function violations(page: Page): Promise<string[]> {
    // The policy of the page allows no other script; the tool of the test may pass it.
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    const found: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1300, 360]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        found.push(...(await violationsOf(page)).map((each) => `${colorScheme} ${width}: ${each}`));
      }
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 1300, height: 800 });
    return found;
  }

  it('lists, filters and sorts the runs', async () => {
    const page = await open('/');
    await page.waitForSelector('#rows tr');
    expect(await rows(page)).toEqual(['b', 'a', 'c']);
    await page.fill('#filter', 'IMG smollm2');
    expect(await rows(page)).toEqual(['c']);
    expect(await page.locator('#rows a').textContent()).toBe(HOSTILE);
    await page.fill('#filter', '');
    await page.click('th[data-key=started] button');
    expect((await rows(page)).at(-1)).toBe('b');
    expect(await page.getAttribute('th[data-key=started]', 'aria-sort')).toBe('ascending');
    await page.focus('th[data-key=name] button');
    await page.keyboard.press('Enter');
    expect((await rows(page))[0]).toBe('c');
    await page.selectOption('#verdict', 'pass');
    expect(await rows(page)).toHaveLength(3);
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('compares two selected runs, the earlier as base', async () => {
    const page = await open('/');
    await page.check('[aria-label="Select b"]');
    expect(await page.isDisabled('#compare')).toBe(true);
    await page.check('[aria-label="Select a"]');
    await page.click('#compare');
    await page.waitForURL(/compare\?base=a&new=b/);
    expect(await page.textContent('h1')).toContain('INCONCLUSIVE');
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('opens a run and the trend of its scenario', async () => {
    const page = await open('/');
    await page.selectOption('#scenario', 'chat');
    expect(await rows(page)).toEqual(['b', 'a']);
    await page.click('#trend');
    await page.waitForSelector('html[data-drawn="3"]');
    expect(await page.locator('canvas').count()).toBe(3);
    expect(await violations(page)).toEqual([]);
    await page.click('table a >> nth=0');
    await page.waitForSelector('html[data-drawn]');
    expect(await violations(page)).toEqual([]);
    expect(await page.textContent('h1')).toContain('chat');
    await page.close();
  });

  it('is usable at 360 pixels and with dark colours', async () => {
    const page = await open('/');
    await page.setViewportSize({ width: 360, height: 700 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForSelector('#rows tr');
    // The table scrolls, and the page does not.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('follows a run that is being recorded, in the list and on its page', async () => {
    const dir = join(scratch, 'growing');
    await copyRun(dir, 'growing');
    const [headerPath, samplesPath] = [join(dir, 'run.json'), join(dir, 'samples.jsonl')];
    const complete = await readFile(headerPath, 'utf8');
    const lines = (await readFile(samplesPath, 'utf8')).trimEnd().split('\n');
    await writeFile(samplesPath, '');
    const header = JSON.parse(complete) as RunHeader;
    const endpoint = { ...header.endpoint, simulated: true };
    await writeFile(headerPath, JSON.stringify({ ...header, endpoint, status: 'running', window: null }));
    const list = await open('/');
    await list.getByText('recording').waitFor();
    const page = await open('/run?id=growing');
    await page.waitForSelector('#ended:text("0")');
    await appendFile(samplesPath, `${lines.slice(0, 40).join('\n')}\n`);
    await page.waitForSelector('#ended:text("40")');
    await list.locator('tr', { hasText: 'recording' }).getByText('%').waitFor();
    expect(await violations(page)).toEqual([]);
    await appendFile(samplesPath, `${lines.slice(40).join('\n')}\n`);
    await writeFile(headerPath, complete);
    await page.waitForSelector('html[data-drawn]');
    await page.close();
    await list.close();
  });

  it('shows no problem in the console, and requests nothing from elsewhere', () => {
    expect(problems).toEqual([]);
  });
});
