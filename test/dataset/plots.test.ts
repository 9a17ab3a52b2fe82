import { expect, it } from 'vitest';
import { arrivalCounts, lengthPairs, lengthShares } from '../../src/dataset/inspect/plots.ts';

it('shares of lengths are those of the values at most as long', () => {
  const input = Float64Array.of(0, 1, 2, 2, 50, 1000);
  const { at, input: shares, output } = lengthShares(input, new Float64Array())!;
  expect(at[0]).toBe(1);
  expect(at.at(-1)).toBe(1000);
  expect(at.toSorted((a, b) => a - b)).toEqual(at);
  for (const [k, length] of at.entries())
    expect(shares![k]).toBe(input.filter((value) => value <= length).length / 6);
  expect(output).toBeNull();
  expect(lengthShares(Float64Array.of(0, 0), new Float64Array())).toBeNull();
  expect(lengthShares(Float64Array.of(7, 7), Float64Array.of(7))).toEqual({
    at: [7],
    input: [1],
    output: [1],
  });
});

it('pairs are all of a few turns, and a sample of many', () => {
  expect(lengthPairs(Float64Array.of(3, 1, 2), Float64Array.of(30, 10, 20))).toEqual({
    turns: 3,
    input: [1, 2, 3],
    output: [10, 20, 30],
  });
  const many = Float64Array.from({ length: 10_000 }, (_, k) => k);
  const { turns, input, output } = lengthPairs(
    many,
    many.map((value) => 2 * value),
  )!;
  expect([turns, input.length, new Set(input).size]).toEqual([10_000, 2000, 2000]);
  expect(output).toEqual(input.map((value) => 2 * value));
  // The mean of 2,000 of 10,000 without replacement: four standard errors are about 231.
  expect(Math.abs(input.reduce((sum, value) => sum + value, 0) / 2000 - 4999.5)).toBeLessThan(231);
});

it('arrivals are counted in bins from the first, at most 120', () => {
  const minute = Float64Array.of(5000, 5400, 5500, 65_000);
  const found = arrivalCounts(minute)!;
  expect(found.bin_s).toBe(1);
  expect(found.counts).toHaveLength(61);
  expect([found.counts[0], found.counts.at(-1)]).toEqual([3, 1]);
  for (const span of [0.05, 59, 119, 120, 121, 5000, 1e5, 1e7, 1e9]) {
    const { counts, bin_s } = arrivalCounts(Float64Array.of(0, span * 500, span * 1000))!;
    expect(counts.length).toBeLessThanOrEqual(121);
    expect(counts.length * bin_s).toBeGreaterThan(span);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3);
  }
  expect(arrivalCounts(Float64Array.of(3, 3))).toBeNull();
  expect(arrivalCounts(new Float64Array())).toBeNull();
});
