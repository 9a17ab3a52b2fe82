import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { expect, test } from 'vitest';
import { browserFiles, pageScript } from '../../../src/render/page/script.ts';
import { HEADER, pageOf } from '../../browser/pages.ts';
import { requests } from '../../analysis/run.ts';

const declared = (code: string): string[] =>
  [...code.matchAll(/^(?:async )?(?:const|let|function|class) (\w+)/gm)].map((match) => match[1]!);

test('the files of the browser declare no name twice', () => {
  const names = browserFiles().flatMap(({ code }) => declared(code));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

test('each file stands after those that it imports, and all of the folder are used', () => {
  const paths = browserFiles().map(({ path }) => path);
  const names = paths.map((path) => path.split(/[/\\]/).at(-1)!);
  expect(names.at(-1)).toBe('main.ts');
  expect(names.indexOf('format.ts')).toBeLessThan(names.indexOf('unit-text.ts'));
  expect(names.indexOf('plot.ts')).toBeLessThan(names.indexOf('figure.ts'));
  const folder = join(import.meta.dirname, '../../../src/render/page/browser');
  // `chart.ts` has only types.
  const others = readdirSync(folder).filter((name) => name.endsWith('.ts') && !names.includes(name));
  expect(others).toEqual(['chart.ts']);
});

test('the script is one that compiles, without modules and types', () => {
  const script = pageScript();
  expect(() => new Script(script)).not.toThrow();
  expect(script).not.toMatch(/^(import|export)\b/m);
  expect(script).not.toMatch(/<\/script/i);
});

test('a page is below 300 kB without its data, and within 100 bytes per request with them', async () => {
  const empty = Buffer.byteLength(await pageOf([]));
  expect(empty).toBeLessThan(300_000);
  const thousand = Buffer.byteLength(
    await pageOf(requests(600, (i) => ({ planned_us: i * 90_000 + 5_000_000 }))),
  );
  expect(thousand).toBeLessThan(300_000 + 100 * 600);
});

test('the first line says that a run is simulated', async () => {
  const page = await pageOf(requests(100), {
    header: { ...HEADER, endpoint: { ...HEADER.endpoint, simulated: true } },
  });
  expect(page.split('\n')[0]).toContain('SIMULATED');
  expect((await pageOf(requests(100))).split('\n')[0]).toBe('<!doctype html>');
});
