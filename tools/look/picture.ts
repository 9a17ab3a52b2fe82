/** `npm run picture` makes the picture of the README: the top of the page of `reports/example`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch } from './browser.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'goodput-picture-'));
const page = join(folder, 'report.html');
execFileSync(process.execPath, ['src/bin.ts', 'report', 'reports/example', '-o', page], {
  cwd: ROOT,
  stdio: 'ignore',
});

const browser = await launch();
const tab = await browser.newPage({ viewport: { width: 1160, height: 900 } });
await tab.goto(pathToFileURL(page).href);
await tab.waitForFunction(() => 'drawn' in document.documentElement.dataset);
const height = await tab.evaluate(() =>
  Math.ceil(document.querySelector('#latency')!.getBoundingClientRect().top - 12),
);
// WebP, which Playwright does not write itself, takes a third of a PNG.
const session = await tab.context().newCDPSession(tab);
const { data } = await session.send('Page.captureScreenshot', {
  format: 'webp',
  quality: 82,
  captureBeyondViewport: true,
  clip: { x: 0, y: 0, width: 1160, height, scale: 1 },
});
writeFileSync(join(ROOT, 'docs', 'images', 'report.webp'), Buffer.from(data, 'base64'));
await browser.close();
rmSync(folder, { recursive: true });
