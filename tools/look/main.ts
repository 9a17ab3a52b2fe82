/**
 * `npm run look [NAME …]` writes a screenshot of every page into `.cache/look/`: light, dark, at 360 pixels, and printed as a PDF. Whoever
 * changes a page looks at them.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { openView } from '../../src/view/server.ts';
import { launch } from './browser.ts';
import { type LookedAt, RUNS } from './runs.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.cache', 'look');

/** Runs goodput; a run that misses its gates exits with another code than 0. */
const goodput = (args: readonly string[]): Promise<unknown> =>
  promisify(execFile)(process.execPath, [join(ROOT, 'src', 'bin.ts'), ...args], { cwd: ROOT }).catch(
    (error: unknown) => error,
  );

async function pageOf({
  name,
  args,
  folder,
  change,
  isOwnPage = false,
  hasRuns = true,
}: LookedAt): Promise<string> {
  const run = folder === undefined ? join(FOLDER, 'runs', name) : join(ROOT, folder);
  const page = join(FOLDER, `${name}.html`);
  await rm(page, { force: true });
  if (args !== null && !isOwnPage && !existsSync(run)) {
    await goodput([...args, '--quiet', '--out', run]);
    await change?.(run);
  }
  // With the folder of an earlier call, the commands of several runs measure only what is missing.
  const result = await goodput(
    isOwnPage
      ? [...args!, '--quiet', ...(hasRuns ? ['--out', run] : []), '-o', page]
      : ['report', run, '-o', page],
  );
  if (!existsSync(page)) throw new Error(`no page of ${name}: ${String(result)}`);
  return page;
}

const LOOKS = [
  { look: 'light', options: { viewport: { width: 1440, height: 900 } } },
  { look: 'dark', options: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' } },
  { look: 'narrow', options: { viewport: { width: 360, height: 780 } } },
] as const;

async function shoot(browser: Browser, url: string, name: string): Promise<void> {
  for (const { look, options } of LOOKS) {
    const page = await browser.newPage(options);
    await page.goto(url);
    await page.waitForFunction(() => 'drawn' in document.documentElement.dataset);
    await page.screenshot({ path: join(FOLDER, `${name}-${look}.png`), fullPage: true });
    if (look === 'light')
      await page.pdf({
        path: join(FOLDER, `${name}-print.pdf`),
        preferCSSPageSize: true,
        printBackground: true,
      });
    await page.close();
  }
}

const wanted = process.argv.slice(2);
await mkdir(FOLDER, { recursive: true });
const browser = await launch();
for (const run of RUNS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  await shoot(browser, pathToFileURL(await pageOf(run)).href, run.name);
  process.stdout.write(`${join('.cache', 'look', run.name)}-*: ${run.what}\n`);
}
if (wanted.length === 0 || wanted.includes('view')) {
  // The runs of the pages above.
  const view = await openView(join(FOLDER, 'runs'), 0);
  await shoot(browser, view.url, 'view');
  await shoot(browser, `${view.url}trend?name=simulated`, 'view-trend');
  await view.close();
  process.stdout.write(`${join('.cache', 'look', 'view')}*: goodput view, its list and a trend\n`);
}
await browser.close();
