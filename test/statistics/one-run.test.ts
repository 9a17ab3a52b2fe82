import { describe, expect, it, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { batched, batchedInterval, batchedMean, batchMeans } from '../../src/statistics/batches.ts';
import { effectiveSize, variancesOfMean } from '../../src/statistics/effective-size.ts';
import { runLength, requestsNeeded } from '../../src/statistics/run-length.ts';
import { atMost, QuantileSeries, ranksAround } from '../../src/statistics/quantile.ts';
import { effectiveWilson, shareInterval } from '../../src/statistics/share.ts';
import { lcgSeries } from './series.ts';

/** Figures of an independent implementation in numpy and scipy over the same series: convolutions, direct sums, Toeplitz solver. */
const series = lcgSeries(1000, 0.7, 1);

describe('method S, corrected batch means', () => {
  it('equals the result of numpy', () => {
    const mean = batchedMean(series)!;
    expect(mean.variance).toBeCloseTo(0.0029071544681106717, 13);
    expect(mean.skewness).toBeCloseTo(0.0901091186565472, 10);
    const { low, high } = batchedInterval(mean);
    expect(low).toBeCloseTo(1.588785742076149, 10);
    expect(high).toBeCloseTo(1.8145738255791586, 10);
  });

  it('is the plain t interval if batches are neither correlated nor skewed', () => {
    // Alternating signs: φ below 0 is clamped to 0. Mean 0, s² = 20/19, so V = 1/19.
    const signs = Array.from({ length: 20 }, (_, k) => (k % 2 === 0 ? 1 : -1));
    const { low, high } = batchedInterval(batched(5, signs));
    expect(low).toBeCloseTo(5 - 2.0930240544083087 / Math.sqrt(19), 12);
    expect(high).toBeCloseTo(5 + 2.0930240544083087 / Math.sqrt(19), 12);
  });

  it('is wider on the side of the bursts', () => {
    const burst = Array.from({ length: 20 }, (_, k) => (k === 7 ? 21 : 1));
    const { low, high } = batchedInterval(batched(2, burst));
    expect(high - 2).toBeGreaterThan(2 - low);
  });

  it('assumes no correlation above 0.8: a ramp widens the variance by 9 at most', () => {
    const ramp = Array.from({ length: 20 }, (_, k) => k);
    // s² of 0 … 19 is 35.
    expect(batched(9.5, ramp).variance).toBeCloseTo((35 / 20) * 9, 10);
  });

  it('has batches that differ by one value at most, and none for 19 values', () => {
    const means = batchMeans(Array.from({ length: 43 }, (_, k) => k))!;
    expect(means).toHaveLength(20);
    expect(means.slice(0, 3)).toEqual([0.5, 2.5, 4.5]);
    expect(means.at(-1)).toBe(41);
    expect(batchedMean(Array.from({ length: 19 }, () => 1))).toBeNull();
  });

  it('covers the mean of an autoregression with its confidence', () => {
    const random = randomStream(5, 'coverage');
    let covered = 0;
    const runs = 400;
    for (let run = 0; run < runs; run++) {
      let x = random.normal() / Math.sqrt(1 - 0.49);
      const values = Float64Array.from({ length: 400 }, () => (x = 0.7 * x + random.normal()));
      const { low, high } = batchedInterval(batchedMean(values)!);
      if (low <= 0 && high >= 0) covered++;
    }
    // Plain t over requests covers about 58 %.
    expect(covered / runs).toBeGreaterThan(0.92);
    expect(covered / runs).toBeLessThan(0.99);
  });
});

describe('the effective number of requests', () => {
  it('uses the largest of three estimates, each equal to that of numpy', () => {
    const { overlapping, geyer, autoregressive } = variancesOfMean(series);
    expect(overlapping).toBeCloseTo(0.0018063514650881525, 13);
    expect(geyer).toBeCloseTo(0.0010463736379211833, 13);
    expect(autoregressive).toBeCloseTo(0.0009338481590693365, 13);
    expect(effectiveSize(series)).toBeCloseTo(103.5577342541507, 7);
  });

  it('is about n·(1 − φ)/(1 + φ) for an autoregression', () => {
    const random = randomStream(9, 'autoregression');
    let x = 0;
    const values = Float64Array.from({ length: 40_000 }, () => (x = 0.8 * x + random.normal()));
    const expected = 40_000 / 9;
    expect(effectiveSize(values)).toBeGreaterThan(0.5 * expected);
    expect(effectiveSize(values)).toBeLessThan(1.1 * expected);
  });

  it('is n for a constant series, and never above n or below 1', () => {
    expect(effectiveSize(new Float64Array(300).fill(7))).toBe(300);
    expect(effectiveSize(Array.from({ length: 300 }, (_, k) => (k % 2 === 0 ? 1 : -1)))).toBe(300);
    expect(effectiveSize(Array.from({ length: 300 }, (_, k) => k))).toBeGreaterThanOrEqual(1);
    expect(effectiveSize(Array.from({ length: 300 }, (_, k) => k))).toBeLessThan(5);
    expect(effectiveSize([])).toBe(0);
  });

  it('changes little if a long series is averaged first', () => {
    const random = randomStream(3, 'long');
    let x = 0;
    const values = Float64Array.from({ length: 140_000 }, () => (x = 0.95 * x + random.normal()));
    const half = effectiveSize(values.subarray(0, 65_000));
    expect(effectiveSize(values) / 140_000 / (half / 65_000)).toBeGreaterThan(0.6);
    expect(effectiveSize(values) / 140_000 / (half / 65_000)).toBeLessThan(1.6);
  });
});

describe('method N, Wilson with an effective number', () => {
  const sorted = Float64Array.from(series).sort();
  const fiveMisses = atMost(series, sorted.at(-6)!);
  const burstSize = new QuantileSeries(series).burstSize;

  it('equals the result of scipy', () => {
    expect(burstSize).toBeCloseTo(177.67792113545602, 7);
    const interval = shareInterval(fiveMisses, burstSize)!;
    expect(interval.method).toBe('N');
    expect(interval.low).toBeCloseTo(0.9653638879651031, 10);
    expect(interval.high).toBeCloseTo(0.9992966844707911, 10);
  });

  it('uses the effective size of the bursts if the share has none', () => {
    const all = new Uint8Array(1000).fill(1);
    const { low, high } = shareInterval(all, 50)!;
    expect(high).toBe(1);
    // Wilson's bound of 50 of 50: 1/(1 + z²/50).
    expect(low).toBeCloseTo(1 / (1 + 2.1603686564627913 ** 2 / 50), 12);
    expect(shareInterval(new Uint8Array(1000), 50)!.low).toBe(0);
  });

  it('is replaced by S from ten misses and ten hits on, within 0 and 1', () => {
    const hits = Uint8Array.from({ length: 1000 }, (_, k) => (k >= 500 && k < 510 ? 0 : 1));
    const interval = shareInterval(hits, 1000)!;
    expect(interval.method).toBe('S');
    expect(interval.high).toBeLessThanOrEqual(1);
    expect(
      shareInterval(
        hits.map((hit) => 1 - hit),
        1000,
      )!.method,
    ).toBe('S');
    hits[500] = 1;
    expect(shareInterval(hits, 1000)!.method).toBe('N');
    expect(shareInterval(new Uint8Array(19), 19)).toBeNull();
  });

  it('is that of Wilson for independent trials, with a wider multiplier', () => {
    const { low, high } = effectiveWilson(0.3, 100);
    expect(low).toBeLessThan(0.21894885294932756);
    expect(high).toBeGreaterThan(0.3958485463334666);
  });
});

describe('method Q, order statistics with an effective number', () => {
  it.each([
    [0.5, 165.71632675507564, 1.7041286449417377, 1.6312551174655692, 1.803162608894905],
    [0.9, 177.67792113545602, 2.261025224671938, 2.155500050764931, 2.403492311896449],
    [0.95, 335.7685823069435, 2.403492311896449, 2.319608995349446, 2.516961200683085],
  ])('equals the result of scipy for p = %d', (p, size, value, low, high) => {
    const quantiles = new QuantileSeries(series);
    expect(quantiles.sizeAt(p)).toBeCloseTo(size, 7);
    expect(quantiles.at(p)).toBe(value);
    expect(quantiles.interval(p)).toEqual({ low, high });
  });

  it('uses the effective size of the bursts if few values are above, and then may have no upper bound', () => {
    // The n_eff of p99 itself is larger; 177 values may all be below the p99: 0.99^177 = 17 %.
    expect(new QuantileSeries(series).interval(0.99)).toEqual({ low: 2.488721503524846, high: null });
  });

  it.each([
    [0.5, 7],
    [0.95, 82],
    [0.99, 416],
  ])('has an upper bound for p = %d only from n_eff = %d on', (p, needed) => {
    expect(ranksAround(p, needed, 0.95).upper).toBe(needed);
    expect(ranksAround(p, needed - 1, 0.95).upper).toBeNull();
  });

  it('is null for an empty series', () => {
    expect(new QuantileSeries([]).at(0.5)).toBeNull();
    expect(new QuantileSeries([]).interval(0.5)).toEqual({ low: null, high: null });
  });
});

describe('the length of a run', () => {
  it('is judged by the requests in flight', () => {
    const wave = (period: number): Float64Array =>
      Float64Array.from({ length: 1000 }, (_, k) => 8 + Math.round(6 * Math.sin((2 * Math.PI * k) / period)));
    expect(runLength(wave(500)).length).toBe('inconclusive');
    const random = randomStream(1, 'gate');
    const free = Float64Array.from({ length: 1000 }, () => random.below(9));
    expect(runLength(free).length).toBe('enough');
    expect(runLength(free.subarray(0, 90)).length).toBe('short');
  });

  it('gives the number of requests that are needed: n_eff grows with n', () => {
    expect(requestsNeeded({ effective: 12, requests: 1000, length: 'inconclusive' })).toBe(2500);
    expect(requestsNeeded({ effective: 12, requests: 1000, length: 'inconclusive' }, 100)).toBe(8334);
  });
});

test('the interval of a share without a first token is 0 to 1', () => {
  const { burstSize } = new QuantileSeries([]);
  expect(
    shareInterval(
      Array.from({ length: 35 }, () => 0),
      burstSize,
    ),
  ).toEqual({ method: 'N', low: 0, high: 1 });
  expect(
    shareInterval(
      Array.from({ length: 35 }, () => 1),
      burstSize,
    ),
  ).toEqual({ method: 'N', low: 0, high: 1 });
});
