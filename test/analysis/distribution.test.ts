import { describe, expect, test } from 'vitest';
import { ExactDistribution, PooledDistribution } from '../../src/analysis/distribution.ts';
import type { Distribution } from '../../src/analysis/distribution.ts';
import {
  certifies,
  enoughFor,
  hiddenBy,
  nearestRank,
  percentileNamed,
} from '../../src/statistics/percentile.ts';
import { PERCENTILES } from '../../src/analysis/report.ts';
import { wilson } from '../../src/statistics/wilson.ts';
import { GoodputError } from '../../src/errors.ts';
import { randomStream } from '../../src/random.ts';
import statistics from '../vectors/statistics.json' with { type: 'json' };

const exactly = (values: readonly number[]): ExactDistribution => {
  const distribution = new ExactDistribution('ms');
  for (const value of values) distribution.add(value);
  return distribution;
};

const pooledOf = (gaps: readonly (readonly [gap_us: number, tokens: number])[]): PooledDistribution => {
  const distribution = new PooledDistribution();
  for (const [gap_us, tokens] of gaps) distribution.add(gap_us, tokens);
  return distribution;
};

const at = (distribution: Distribution, name: string): number | null =>
  distribution.at(percentileNamed(name));

const relative = (found: number | null, wanted: number): number =>
  Math.abs(found! - wanted) / Math.max(1e-12, Math.abs(wanted));

describe('the exact distribution', () => {
  test.each(statistics.distributions)('$name', ({ values, expect: wanted }) => {
    const found = exactly(values);
    for (const key of ['count', 'min', 'max', 'mean', 'stddev'] as const)
      expect(found[key]).toBeCloseTo(wanted[key], 9);
    for (const name of PERCENTILES) expect(at(found, name)).toBeCloseTo(wanted[name], 9);
  });

  test('has no figures without values', () => {
    const none = exactly([]);
    expect([none.count, none.min, none.max, none.mean, none.stddev, at(none, 'p50')]).toEqual([
      0,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test('accepts values after it was read, in any order', () => {
    const found = exactly([3, 1]);
    expect(at(found, 'p50')).toBe(1);
    found.add(2);
    expect([at(found, 'p50'), found.mean, found.max]).toEqual([2, 2, 3]);
  });

  test('keeps the digits of a small spread on a large mean', () => {
    // 1e9 + {0, 1, 2, 3}: variance 1.25, which sums of squares of 1e18 would lose.
    expect(exactly([1e9, 1e9 + 1, 1e9 + 2, 1e9 + 3]).stddev).toBeCloseTo(Math.sqrt(1.25), 12);
  });

  test('refuses NaN, which a histogram would count as 0', () => {
    expect(() => exactly([1, NaN])).toThrow(GoodputError);
    expect(() => pooledOf([[NaN, 1]])).toThrow(GoodputError);
    expect(() => pooledOf([[1, 0]])).toThrow(GoodputError);
  });

  test('fills histograms in whole units: nanoseconds, thousandths, millionths', () => {
    const tps = new ExactDistribution('tok/s');
    tps.add(1.5);
    const share = new ExactDistribution('ratio');
    share.add(0.001);
    expect(exactly([0.001, 1.5]).histogram().maxValue).toBe(1_500_000);
    expect([tps.histogram().maxValue, share.histogram().maxValue]).toEqual([1500, 1000]);
    expect(exactly([-0.001, 2]).histogram().totalCount).toBe(2);
  });
});

describe('ranks', () => {
  test('equal a naive count: the smallest value that p percent do not exceed', () => {
    const names = ['p0.1', 'p1', 'p50', 'p75', 'p90', 'p95', 'p99', 'p99.9', 'p99.99', 'p33.3'];
    for (let n = 1; n <= 400; n++) {
      const values = Array.from({ length: n }, (_, i) => i + 1);
      for (const name of names) {
        const [whole, decimals = ''] = name.slice(1).split('.');
        const scaled = Number(whole + decimals.padEnd(2, '0'));
        // In hundredths of a percent, all whole numbers.
        const naive = values.find((value) => value * 10_000 >= scaled * n)!;
        expect(nearestRank(percentileNamed(name), n)).toBe(naive);
      }
    }
  });

  test('are exact where doubles are not: 99.9 % of 1000, 10,000 … is a whole number', () => {
    const p = percentileNamed('p99.9');
    for (let n = 1000; n < 1e15; n *= 10) expect(nearestRank(p, n)).toBe((n / 1000) * 999);
  });

  test.each(['p0', 'p100', 'p0.0', 'p', '99', 'p-1', 'p1e1'])('%s is refused', (name) => {
    expect(() => percentileNamed(name)).toThrow(RangeError);
  });

  test.each([
    ['p50', 2],
    ['p75', 4],
    ['p90', 10],
    ['p95', 20],
    ['p99', 100],
    ['p99.9', 1000],
    ['p10', 2],
  ])('%s is shown from %d samples', (name, n) => {
    expect([enoughFor(percentileNamed(name), n - 1), enoughFor(percentileNamed(name), n)]).toEqual([
      false,
      true,
    ]);
  });

  const { about: _about, ...needed } = statistics.samples_needed;

  test.each(Object.entries({ ...needed, p50: 5, p90: 29 }))('%s is bounded by %d samples', (name, n) => {
    expect([certifies(percentileNamed(name), n - 1), certifies(percentileNamed(name), n)]).toEqual([
      false,
      true,
    ]);
  });

  test('failures hide a percentile if they are more than its complement, and not if they equal it', () => {
    expect([hiddenBy(percentileNamed('p99'), 1, 100), hiddenBy(percentileNamed('p99'), 2, 100)]).toEqual([
      false,
      true,
    ]);
    expect([
      hiddenBy(percentileNamed('p99.9'), 3, 3000),
      hiddenBy(percentileNamed('p99.9'), 4, 3000),
    ]).toEqual([false, true]);
    expect(hiddenBy(percentileNamed('p50'), 0, 0)).toBe(false);
  });
});

describe('the pooled distribution', () => {
  const random = randomStream(3, 'gaps');
  const shapes: Record<string, () => readonly [number, number]> = {
    'gaps of 20 ms, all alike': () => [20_000, 1],
    'gaps that spread over six decades': () => [Math.round(10 ** (6 * random.uniform())), 1],
    'several tokens a gap': () => [random.below(90_000), 1 + random.below(9)],
    'bursts and stalls': () => [
      random.uniform() < 0.5 ? 0 : random.uniform() < 0.01 ? 30_000_000 : 15_000,
      1,
    ],
    'a first gap far from all others': (() => {
      let first = true;
      return () => {
        const gap = first ? 900_000_000 : 20_000 + random.below(3);
        first = false;
        return [gap, 1];
      };
    })(),
  };

  test.each(Object.entries(shapes))('%s: percentiles within 0.1 %%, all other figures exact', (_, gap) => {
    const gaps = Array.from({ length: 5000 }, gap);
    const found = pooledOf(gaps);
    const wanted = exactly(
      gaps.flatMap(([gap_us, tokens]) => Array<number>(tokens).fill(gap_us / tokens / 1000)),
    );
    expect(found.count).toBe(wanted.count);
    expect([found.min, found.max]).toEqual(
      [wanted.min, wanted.max].map((value) => expect.closeTo(value!, 9)),
    );
    expect(relative(found.mean, wanted.mean!)).toBeLessThan(1e-9);
    expect(Math.abs(found.stddev! - wanted.stddev!)).toBeLessThan(1e-9 * Math.max(1, wanted.stddev!));
    for (const name of [...PERCENTILES, 'p1', 'p10', 'p99.99']) {
      expect(Math.abs(at(found, name)! - at(wanted, name)!)).toBeLessThanOrEqual(
        1e-3 * at(wanted, name)! + 5e-7,
      );
    }
    expect(found.histogram().totalCount).toBe(wanted.count);
  });

  test('has no figures without samples', () => {
    const none = pooledOf([]);
    expect([none.count, none.min, none.max, none.mean, none.stddev, at(none, 'p50')]).toEqual([
      0,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  test('counts more than 2^32 samples', () => {
    const found = pooledOf([
      [3e15, 3e9],
      [2e9, 1],
    ]);
    expect(found.count).toBe(3e9 + 1);
    expect([at(found, 'p50'), at(found, 'p99')]).toEqual([expect.closeTo(1000, 0), expect.closeTo(1000, 0)]);
    expect(found.histogram().totalCount).toBe(3e9 + 1);
    expect(found.max).toBe(2e6);
  });
});

test.each(statistics.wilson)('Wilson: $good of $of', ({ good, of, low, high }) => {
  const found = wilson(good, of)!;
  expect(found.low).toBeCloseTo(low, 12);
  expect(found.high).toBeCloseTo(high, 12);
});

test('Wilson: the bounds are exact if all or none succeeded', () => {
  for (let of = 1; of <= 2000; of++) {
    expect(wilson(of, of)!.high).toBe(1);
    expect(wilson(0, of)!.low).toBe(0);
  }
});

test('Wilson: without trials there is no interval', () => expect(wilson(0, 0)).toBeNull());
