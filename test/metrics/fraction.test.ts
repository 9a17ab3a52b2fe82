import { describe, expect, test } from 'vitest';
import { compareToLimit } from '../../src/metrics/fraction.ts';
import { randomStream } from '../../src/random.ts';

describe('a fraction against a limit', () => {
  test('every limit in steps of 0.1 ms is met by exactly its microseconds and missed by one more', () => {
    for (let tenths = 1; tenths <= 20_000; tenths++) {
      const limit = tenths / 10;
      const us = tenths * 100;
      expect(compareToLimit(us, 1000, limit)).toBe(0);
      expect(compareToLimit(us + 1, 1000, limit)).toBeGreaterThan(0);
      expect(compareToLimit(us - 1, 1000, limit)).toBeLessThan(0);
    }
  });

  test('agrees with integer arithmetic on ties and near ties of any size', () => {
    const random = randomStream(5, 'fractions');
    let ties = 0;
    for (let c = 0; c < 20_000; c++) {
      const tokens = 1 + random.below(10_000);
      const ns = 1 + random.below(10 ** (1 + random.below(12)));
      const exact = BigInt(ns) * BigInt(tokens);
      const over = Number(exact / 1000n) + random.below(3) - 1;
      const wanted = BigInt(over) * 1000n - exact;
      if (wanted === 0n) ties++;
      expect(Math.sign(compareToLimit(over, 1000 * tokens, ns / 1e6))).toBe(
        wanted === 0n ? 0 : wanted > 0n ? 1 : -1,
      );
    }
    expect(ties).toBeGreaterThan(10);
  });

  test('tokens per second: 19 tokens in 200 ms are exactly 95 tok/s', () => {
    expect(compareToLimit(19e6, 200_000, 95)).toBe(0);
    expect(compareToLimit(19e6, 200_000, 95.000001)).toBeLessThan(0);
    expect(compareToLimit(19e6, 199_999, 95)).toBeGreaterThan(0);
  });

  test('0 equals a limit of 0', () => expect(compareToLimit(0, 1000, 0)).toBe(0));
});
