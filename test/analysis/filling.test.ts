import { describe, expect, test } from 'vitest';
import { missingShare, timeToFill, warmupFor } from '../../src/analysis/filling.ts';

const window = (from: number, to: number) => ({ start_us: from * 1e6, end_us: to * 1e6 });
const seconds = (...values: number[]): Float64Array => Float64Array.from(values, (value) => value * 1e6);

describe('the share of missing requests in flight', () => {
  test.each([
    // In flight at t: t of 10 until 10 s. Over 30 s a triangle of 10 · 10 / 2 of 300 is missing.
    ['no warm-up', 0, 30, 50 / 300],
    ['a window within the first residence', 0, 5, 7.5 / 10],
    ['half of the first residence as warm-up', 5, 25, 12.5 / 200],
    ['a warm-up of one residence', 10, 20, 0],
  ])('all residences 10 s, %s', (_, from, to, share) => {
    expect(missingShare(seconds(10, 10, 10), window(from, to))).toBeCloseTo(share, 12);
  });

  test('residences are weighted by their length', () => {
    // 1 s and 9 s: of 10 in flight a full server has 9 of the long ones. Missing over 10 s: (1² + 9²) / (2 · 10 · 10).
    expect(missingShare(seconds(1, 9), window(0, 10))).toBeCloseTo(82 / 200, 12);
  });

  test('it is 0 without residences', () => {
    expect(missingShare(new Float64Array(), window(0, 10))).toBe(0);
  });
});

describe('the time until 1 % is missing', () => {
  test.each([
    ['equal residences', seconds(10, 10, 10), 10],
    ['one residence', seconds(3), 3],
    ['none', seconds(), 0],
  ])('%s', (_, residences, time) => {
    expect(timeToFill(residences) / 1e6).toBe(time);
  });

  test('exponential residences: the mean times ln 100', () => {
    const quantiles = Array.from({ length: 20_000 }, (_, k) => -Math.log(1 - (k + 0.5) / 20_000));
    expect(timeToFill(seconds(...quantiles)) / 1e6).toBeCloseTo(Math.log(100), 1);
  });
});

test.each([
  [0.2, 1],
  [3, 3],
  [3.01, 4],
  [10, 10],
  [10.1, 15],
  [58, 60],
  [61, 70],
  [601, 610],
])('%d s of filling up: a warm-up of %d s', (time, warmup) => {
  expect(warmupFor(time * 1e6)).toBe(warmup);
});
