import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

/** Starts the Chromium of `$CHROMIUM`, or the first on the path. */
export function launch(): Promise<Browser> {
  const executablePath =
    process.env['CHROMIUM'] ??
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .flatMap((folder) => NAMES.map((name) => join(folder, name)))
      .find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      'no Chromium on the path: install it (Debian: apt-get install chromium) or set $CHROMIUM',
    );
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
}

/** A page that was opened from disk, and everything that it did besides drawing. */
export interface Opened {
  page: Page;
  /** Console messages, errors, violations of its policy, and requests besides that of the page. */
  noises: string[];
  [Symbol.asyncDispose](): Promise<void>;
}

/** Opens an HTML text as a file, and waits until its charts are drawn. */
export async function open(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'goodput-page-'));
  const path = join(folder, 'report.html');
  await writeFile(path, html);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const noises: string[] = [];
  page.on('console', (message) => noises.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => noises.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => {
    noises.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const url = pathToFileURL(path).href;
  page.on('request', (request) => {
    if (request.url() !== url) noises.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  if (options.javaScriptEnabled !== false)
    await page.waitForFunction(() => document.documentElement.dataset['drawn'] !== undefined);
  return {
    page,
    noises,
    async [Symbol.asyncDispose]() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the ids of the charts in whose plot nothing is drawn but at most one colour. */
export const emptyCharts = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('figure.chart')].flatMap((figure) => {
      const canvas = figure.querySelector('canvas');
      if (canvas === null) return [figure.id];
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set<number>();
      for (let at = 0; at < data.length; at += 4)
        if (data[at + 3]! > 60) colours.add(data[at]! * 65_536 + data[at + 1]! * 256 + data[at + 2]!);
      return colours.size < 3 ? [figure.id] : [];
    }),
  );

/** Returns the parts of a page that are wider than it, or than the figure they stand in. */
export const cutOff = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll('body *')].filter((element) => {
      if (element.closest('.scroll') !== null && !element.matches('.scroll')) return false;
      if (element.closest('.hidden, .skip, caption') !== null) return false;
      return element.getBoundingClientRect().right > width + 1;
    });
    const charts = [...document.querySelectorAll('figure.chart')].filter((figure) => {
      const canvas = figure.querySelector('canvas');
      return (
        canvas !== null && canvas.getBoundingClientRect().right > figure.getBoundingClientRect().right + 1
      );
    });
    return [...wide, ...charts].map(
      (element) => `${element.tagName}.${element.getAttribute('class') ?? ''}#${element.id}`,
    );
  });
