import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { METRICS } from '../../src/metrics/registry.ts';
import { VALIDITY_RULES } from '../../src/verdict/rules.ts';
import { example } from './inter-token.ts';
import { fill, table } from './markdown.ts';
import { metricsPage } from '../../tools/docs/metrics.ts';

const page = metricsPage();
const rowsOf = (name: string): string[] =>
  page.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`));

test('every metric has one row, with its formula and unit', () => {
  for (const { name, formula, unit } of METRICS) {
    const rows = rowsOf(name).filter((row) => row.includes(` | ${formula} | ${unit} | `));
    expect(rows).toHaveLength(1);
  }
});

test('every validity rule has a row with both bounds', () => {
  for (const { name, what, suspect, invalid } of VALIDITY_RULES) {
    expect(rowsOf(name)).toContain(`| \`${name}\` | ${what} | ${suspect ?? '–'} | ${invalid ?? '–'} |`);
  }
});

test('the example stream has the latencies computed by hand: 100, 160, 200 ms with 1, 3, 1 tokens', () => {
  const { ours, theirs } = example();
  // Gaps of 60 and 40 ms; 20, 20, 20 and 40 ms a token; 100 ms over the last 4 tokens; 200 ms over 5.
  expect(theirs).toEqual({ perChunk: 50, perToken: 25, withFirst: 40, afterFirst: 25 });
  expect(ours).toEqual({ ttft: 100, chunk_gap: 50, itl: 25, tpot: 25, ntpot: 40, e2e: 200 });
});

test('the numbers of samples are those of the vectors', () => {
  const vectors: { samples_needed: Record<string, number> } = JSON.parse(
    readFileSync(new URL('../vectors/statistics.json', import.meta.url), 'utf8'),
  );
  for (const percentile of ['p95', 'p99', 'p99.9']) {
    const certain = vectors.samples_needed[percentile]!;
    expect(page).toMatch(new RegExp(String.raw`\| ${percentile} \| [\d,]+ \| ${certain} \|`));
  }
});

test('a template and its parts must match', () => {
  expect(fill('a {{x}} b {{y z}}', { x: '1', 'y z': '$&' })).toBe('a 1 b $&');
  expect(() => fill('{{x}}', {})).toThrow(/no part for/);
  expect(() => fill('', { x: '1' })).toThrow(/no place for x/);
  expect(table(['a'], [['x|y']])).toBe('| a |\n|---|\n| x\\|y |');
});
