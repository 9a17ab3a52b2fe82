import { describe, expect, it } from 'vitest';
import { recordOrder } from '../../src/workload/record-order.ts';

const SHUFFLED = { order: 'shuffle', replacement: false } as const;

describe('the order of records', () => {
  it('takes each record once per pass, in another order each pass, the same for the same seed', () => {
    const order = recordOrder(42, 50, SHUFFLED);
    const passes = [0, 1, 2].map((pass) => Array.from({ length: 50 }, (_, k) => order(pass * 50 + k)));
    for (const pass of passes) {
      expect([...pass].sort((a, b) => a - b)).toEqual([...Array(50).keys()]);
    }
    expect(new Set(passes.map(String)).size).toBe(3);
    // Asked in another order, as another worker does.
    const again = recordOrder(42, 50, SHUFFLED);
    expect([149, 3, 100, 51].map(again)).toEqual([149, 3, 100, 51].map((i) => passes.flat()[i]));
    const other = recordOrder(43, 50, SHUFFLED);
    expect(other(0) === passes[0]![0] && other(1) === passes[0]![1]).toBe(false);
  });

  it('is that of the prompt files of earlier versions', () => {
    const order = recordOrder(42, 8, SHUFFLED);
    expect(Array.from({ length: 16 }, (_, s) => order(s))).toEqual([
      7, 1, 6, 2, 3, 4, 5, 0, 0, 5, 7, 3, 1, 6, 4, 2,
    ]);
  });

  it('is that of the file, again and again', () => {
    const order = recordOrder(42, 3, { order: 'file', replacement: false });
    expect([0, 1, 2, 3, 4, 5, 6].map(order)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it('with replacement, 1,000 draws from 200 records find 198.7 of them on average', () => {
    // Expected: 200 · (1 − (1 − 1/200)^1000) = 198.67; the variance of one run is 1.3, of the mean of 100 runs 0.013.
    const found = Array.from({ length: 100 }, (_, seed) => {
      const order = recordOrder(seed, 200, { order: 'shuffle', replacement: true });
      return new Set(Array.from({ length: 1000 }, (_, s) => order(s))).size;
    });
    const mean = found.reduce((sum, each) => sum + each, 0) / found.length;
    expect(Math.abs(mean - 198.67)).toBeLessThan(0.5);
  });
});
