import { expect, test } from 'vitest';
import { CAPACITIES, COMPARISONS, EXPORTERS, RUNS, SWEEPS } from '../../src/render/exporters.ts';
import { FORMATS } from '../../src/render/formats.ts';
import { RUN_OPTIONS } from '../../src/scenario/keys/option-table.ts';
import { failing, passing } from './reports.ts';

const FORMAT_NAMES: readonly string[] = FORMATS.map(({ format }) => format);
const style = { color: false, unicode: true, width: 80 };

test('formats have unique names and file extensions', () => {
  expect(new Set(FORMAT_NAMES).size).toBe(FORMAT_NAMES.length);
  const extensions = FORMATS.flatMap(({ extensions }) => extensions);
  expect(new Set(extensions).size).toBe(extensions.length);
  for (const extension of extensions) expect(extension).toMatch(/^\.[a-z]+$/);
});

const second = failing();
second.report.run.id = 'r2';

test.each(EXPORTERS)('$format renders one run and several, and ends with a newline', ({ render }) => {
  const [one, two] = [render([passing()], style), render([passing(), second], style)];
  expect(one.endsWith('\n')).toBe(true);
  expect(two.length).toBeGreaterThan(one.length);
});

test('runs have every format, other results with a verdict those of figures, and a sweep those without a verdict', () => {
  const formatsOf = ({ exporters }: { exporters: readonly { format: string }[] }): string[] =>
    exporters.map(({ format }) => format);
  expect(formatsOf(RUNS)).toEqual(FORMAT_NAMES);
  const figures = ['text', 'json', 'markdown', 'junit', 'github', 'csv', 'prometheus'];
  expect(formatsOf({ exporters: EXPORTERS })).toEqual(figures);
  expect(formatsOf(COMPARISONS)).toEqual([...figures, 'html', 'series']);
  expect(formatsOf(CAPACITIES)).toEqual([...figures, 'html']);
  expect(formatsOf(SWEEPS)).toEqual(['text', 'json', 'markdown', 'csv', 'html']);
});

test('the help of --format names every format', () => {
  const { help } = RUN_OPTIONS.find(({ name }) => name === 'format')!;
  for (const format of FORMAT_NAMES) expect(help).toContain(format);
});
