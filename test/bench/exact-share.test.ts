import { expect, test } from 'vitest';
import { exactShare, shareText } from '../../bench/studies/exact-share.ts';
import { binomialCdf } from '../../src/statistics/binomial.ts';

test('nothing seen of n, or all: the bounds in closed form, 1 − 0.025^(1/n)', () => {
  for (const n of [1, 20, 400]) {
    const bound = 1 - 0.025 ** (1 / n);
    expect(exactShare(0, n).low).toBe(0);
    expect(exactShare(0, n).high).toBeCloseTo(bound, 12);
    expect(exactShare(n, n).low).toBeCloseTo(1 - bound, 12);
    expect(exactShare(n, n).high).toBe(1);
  }
});

test('at each end what was seen is as rare as the tail', () => {
  for (const [count, n] of [
    [1, 10],
    [17, 400],
    [399, 400],
  ] as const) {
    const { low, high } = exactShare(count, n);
    expect(1 - binomialCdf(count - 1, n, low)).toBeCloseTo(0.025, 9);
    expect(binomialCdf(count, n, high)).toBeCloseTo(0.025, 9);
  }
});

test('in words', () => {
  // Clopper and Pearson's table: 4 of 100.
  expect(shareText(4, 100)).toBe('4.0 (1.1 to 9.9)');
  expect(shareText(0, 0)).toBe('–');
});
