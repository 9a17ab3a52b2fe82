import { expect, test } from 'vitest';
import { ValueCounts } from '../../../src/render/export/value-counts.ts';

function of(values: readonly number[]): ValueCounts {
  const counts = new ValueCounts();
  for (const value of values) counts.add(value);
  return counts;
}

/** numpy.percentile, numpy.mean and numpy.std of the same values. */
test.each([
  [[1, 2, 3, 4], { 0: 1, 1: 1.03, 25: 1.75, 50: 2.5, 90: 3.7, 99: 3.97, 100: 4 }, 2.5, 1.118033988749895],
  [[5, 1, 1, 1, 9], { 10: 1, 50: 1, 75: 5, 90: 7.4, 95: 8.2 }, 3.4, 3.2],
  [[7], { 1: 7, 50: 7, 99: 7 }, 7, 0],
])('%j has the figures of numpy', (values, percentiles, mean, stddev) => {
  const counts = of(values);
  for (const [percent, value] of Object.entries(percentiles))
    expect(counts.percentile(Number(percent))).toBeCloseTo(value, 12);
  expect(counts.mean).toBeCloseTo(mean, 12);
  expect(counts.stddev).toBeCloseTo(stddev, 12);
  expect([counts.min, counts.max]).toEqual([Math.min(...values), Math.max(...values)]);
});

test('no value has no figure', () => {
  const { mean, stddev, min, max, count, mostFrequent } = of([]);
  expect({ mean, stddev, min, max, count, mostFrequent, p50: of([]).percentile(50) }).toEqual({
    mean: null,
    stddev: null,
    min: null,
    max: null,
    count: 0,
    mostFrequent: 0,
    p50: null,
  });
});
