import { expect, test } from 'vitest';
import { CAPACITIES, COMPARISONS, EXPORTERS, SWEEPS } from '../../src/render/exporters.ts';
import { FORMATS, FORMS } from '../../src/render/forms.ts';
import { RUN_OPTIONS } from '../../src/scenario/keys/options.ts';
import { failing, passing } from './reports.ts';

const style = { color: false, unicode: true, width: 80 };

test('forms and their endings are told apart', () => {
  expect(new Set(FORMATS).size).toBe(FORMATS.length);
  const endings = FORMS.flatMap(({ extensions }) => extensions);
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

test('what decides has every form; a sweep, which does not, has those without a verdict', () => {
  const formsOf = ({ exporters }: { exporters: readonly { format: string }[] }): string[] =>
    exporters.map(({ format }) => format);
  for (const results of [{ exporters: EXPORTERS }, COMPARISONS, CAPACITIES])
    expect(formsOf(results)).toEqual(FORMATS);
  expect(formsOf(SWEEPS)).toEqual(['text', 'json', 'markdown', 'csv']);
});

test('the help of --format names every form', () => {
  const { help } = RUN_OPTIONS.find(({ name }) => name === 'format')!;
  for (const format of FORMATS) expect(help).toContain(format);
});
