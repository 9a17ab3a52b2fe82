import { expect, test } from 'vitest';
import { EXPORTERS, FORMATS } from '../../src/render/exporters.ts';
import { RUN_OPTIONS } from '../../src/scenario/options.ts';
import { failing, passing } from './reports.ts';

const style = { color: false, unicode: true, width: 80 };

test('forms and their endings are told apart', () => {
  expect(new Set(FORMATS).size).toBe(FORMATS.length);
  const endings = EXPORTERS.flatMap(({ extensions }) => extensions);
  expect(new Set(endings).size).toBe(endings.length);
  for (const ending of endings) expect(ending).toMatch(/^\.[a-z]+$/);
});

const second = failing();
second.report.run.id = 'r2';

test.each(EXPORTERS)('$format takes one run and several, and ends its lines', ({ render }) => {
  const [one, two] = [render([passing()], style), render([passing(), second], style)];
  expect(one.endsWith('\n')).toBe(true);
  expect(two.length).toBeGreaterThan(one.length);
});

test('the help of --format names every form', () => {
  const { help } = RUN_OPTIONS.find(({ name }) => name === 'format')!;
  for (const format of FORMATS) expect(help).toContain(format);
});
