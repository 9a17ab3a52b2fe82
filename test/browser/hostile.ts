import { expect } from 'vitest';
import { cutOff, type Opened } from './chromium.ts';

/** Markup that runs a script if any part of it is not escaped. */
export const HOSTILE = [
  `<script>window.hacked = 'script'</script>`,
  `</script><script>window.hacked = 'end'</script>`,
  `"><img src=x onerror="window.hacked = 'image'">`,
  `'><svg onload="window.hacked = 'svg'">`,
  `<!-- <script>`,
  `\u202egnirts\u2066 \u0000\u001b[31m]]>`,
  `javascript:window.hacked='url'`,
];

/**
 * Opens everything on a page, and expects that no hostile text became markup or cut something off.
 * @param name the hostile text that is the page's name; it is shown as it is, less what no text may have
 */
export async function expectNoMarkup({ page, noises }: Opened, name: string): Promise<void> {
  for (const summary of await page.locator('summary').all()) await summary.click();
  await page.waitForTimeout(50);
  expect(await page.evaluate(() => (globalThis as { hacked?: string }).hacked)).toBeUndefined();
  expect(await page.locator('script').count()).toBe(3);
  expect(await page.locator('img, iframe, object, embed, link, form').count()).toBe(0);
  expect(await page.locator('a:not([href^="#"])').count()).toBe(0);
  const shown = (await page.locator('h1 .run').textContent())!;
  if (!/[\p{Cc}\u202e]/u.test(name)) expect(shown).toContain(name);
  expect(shown).not.toMatch(/[\p{Cc}\u202e\u2066]/u);
  expect(await cutOff(page)).toEqual([]);
  expect(noises).toEqual([]);
}
