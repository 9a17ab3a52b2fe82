import { expect, test } from 'vitest';
import { quantile, shuffled, spread } from '../../bench/statistics.ts';
import { randomStream } from '../../src/random.ts';

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spread([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
});

test('quantiles are nearest ranks', () => {
  const values = Float64Array.from({ length: 100 }, (_, k) => k + 1);
  expect([0, 0.5, 0.99, 1].map((q) => quantile(values, q))).toEqual([1, 50, 99, 100]);
});

test('every order of the variants comes up about as often', () => {
  const random = randomStream(1, 'orders');
  const seen = new Map<string, number>();
  for (let k = 0; k < 6000; k++) {
    const order = shuffled(['a', 'b', 'c'], (n) => random.below(n)).join('');
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  // χ² with 5 degrees of freedom is above 20.5 once in a thousand.
  const square = [...seen.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(seen.size).toBe(6);
  expect(square).toBeLessThan(20.5);
});
