import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../src/random.ts';
import * as format from '../src/numbers.ts';
import { numberIn } from './render/plain.ts';

describe('numbers', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [0.000012, '0.0000120'],
    [0.2544, '0.254'],
    [1, '1.00'],
    [9.876, '9.88'],
    [9.9996, '10.00'],
    [98.23, '98.2'],
    [311.6, '312'],
    [999.6, '1000'],
    [1204.1, '1204'],
    [9999.4, '9999'],
    [12_345.6, '12,346'],
    [1_234_567, '1,234,567'],
    [-12.34, '-12.3'],
    [NaN, '–'],
    [Infinity, '–'],
    [null, '–'],
    [undefined, '–'],
  ])('significant(%s) is %s', (value, text) => {
    expect(format.significant(value)).toBe(text);
  });

  it.each([
    [0.21, '0.210 ms'],
    [999, '999 ms'],
    [1000, '1.00 s'],
    [61_250, '61.3 s'],
  ])('duration(%d) is %s', (ms, text) => {
    expect(format.duration(ms)).toBe(text);
  });

  it.each([
    [0, '0'],
    [7.126, '7.13'],
    [41.63, '41.6'],
    [632.44, '632.4'],
    [2541.2, '2541'],
    [25_412.7, '25,413'],
  ])('tokenRate(%d) is %s', (value, text) => {
    expect(format.tokenRate(value)).toBe(text);
  });

  it.each([
    [0, '0%'],
    [1, '100%'],
    [0.9, '90%'],
    [280 / 300, '93.3%'],
    [0.0067, '0.67%'],
    [1 / 3000, '0.0333%'],
    [2999 / 3000, '99.967%'],
    [0.99999, '99.999%'],
    [0.5, '50%'],
    // On its own side of every whole limit.
    [0.8996, '89.96%'],
    [0.9004, '90.04%'],
    [0.949_996, '94.9996%'],
    [0.9, '90%'],
    [0.07, '7%'],
  ])('share(%d) is %s', (value, text) => {
    expect(format.share(value)).toBe(text);
  });

  it.each([
    [0.5, '0.5 s'],
    [60, '60 s'],
    [23.42, '23.4 s'],
    [119.96, '120 s'],
    [150, '2 min 30 s'],
    [600, '10 min'],
    [3600, '60 min'],
    [7500, '2 h 5 min'],
    [86_399, '23 h 59 min'],
  ])('span(%d) is %s', (seconds, text) => {
    expect(format.span(seconds)).toBe(text);
  });

  it.each([
    [-5, '0:00'],
    [7999, '0:07'],
    [754_000, '12:34'],
    [3_723_000, '1:02:03'],
  ])('clock(%d) is %s', (ms, text) => {
    expect(format.clock(ms)).toBe(text);
  });

  it.each([
    [512, '512'],
    [127.44, '127.4'],
    [12_800.02, '12,800'],
  ])('tokens(%d) is %s', (value, text) => {
    expect(format.tokens(value)).toBe(text);
  });

  it('has the plural of the noun', () => {
    expect([format.plural(0, 'gate'), format.plural(1, 'gate'), format.plural(12_000, 'request')]).toEqual([
      '0 gates',
      '1 gate',
      '12,000 requests',
    ]);
  });
});

/** Log-uniform over 12 decades. */
const anySize = (uniform: number): number => 10 ** (uniform * 12 - 5);

describe('rounding', () => {
  it('stays within half a unit of the third digit', () => {
    const random = randomStream(1, 'format');
    for (let i = 0; i < 5000; i++) {
      const value = anySize(random.uniform());
      for (const text of [format.significant(value), format.tokenRate(value)]) {
        expect(Math.abs(numberIn(text) - value) / value, `${value} reads ${text}`).toBeLessThanOrEqual(
          0.00501,
        );
      }
    }
  });

  it('a share reads 100% or 0% only if it is exact', () => {
    const random = randomStream(2, 'format');
    for (let i = 0; i < 5000; i++) {
      const rest = 10 ** (-9 * random.uniform() - 0.01);
      for (const value of [rest, 1 - rest]) {
        const shown = Number.parseFloat(format.share(value)) / 100;
        expect(shown > 0 && shown < 1, `${value} reads ${format.share(value)}`).toBe(true);
        expect(Math.abs(shown - value) / value).toBeLessThanOrEqual(0.00501);
        expect(Math.abs(shown - value) / (1 - value)).toBeLessThanOrEqual(0.0501);
      }
    }
  });
});

describe('every other file', () => {
  const SRC = join(import.meta.dirname, '..', 'src');
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(ts|json)$/.test(path),
  );

  it('writes numbers with this module', () => {
    const own = /\.(toFixed|toPrecision|toExponential|toLocaleString)\(|NumberFormat|Math\.round\(100 \* /;
    const found = files.filter(
      (path) => path !== 'numbers.ts' && own.test(readFileSync(join(SRC, path), 'utf8')),
    );
    expect(found).toEqual([]);
  });

  it('writes percent without a space, also in the docs', () => {
    const root = join(SRC, '..');
    const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => join(root, 'docs', path));
    const all = [
      ...files.map((path) => join(SRC, path)),
      ...docs,
      join(root, 'README.md'),
      join(root, 'CHANGELOG.md'),
    ];
    const found = all.filter((path) => /\d[  ]%(?![\w(=])|\$\{[^}]*\} %/.test(readFileSync(path, 'utf8')));
    expect(found).toEqual([]);
  });
});
