import { describe, expect, it } from 'vitest';
import { arrivals, type ArrivalPlan, countArrivals } from '../../src/plan/arrivals.ts';
import { randomStream } from '../../src/random.ts';
import type { Stage } from '../../src/scenario/keys/scenario.ts';
import {
  countsIn,
  fano,
  gammaCdf,
  gapsOf,
  ksBound,
  ksDistance,
  lag1,
  mean,
  variance,
  Z,
} from '../statistics.ts';

type Load = ArrivalPlan['load'];

const NO_LOAD: Load = {
  arrivals: 'poisson',
  burstiness: null,
  rate: null,
  stages: null,
  warmup: 0,
  duration: null,
  requests: null,
  sessions: null,
};

/** Instants in seconds. */
function instants(load: Partial<Load>, seed = 42): number[] {
  return [...arrivals({ seed, load: { ...NO_LOAD, ...load } })].map(({ planned_us }) => planned_us / 1e6);
}

function staged(
  process: Load['arrivals'],
  stages: readonly Stage[],
  rest: Partial<Load> = {},
): Partial<Load> {
  return { arrivals: process, stages, duration: stages.reduce((sum, stage) => sum + stage.for, 0), ...rest };
}

describe('gamma arrivals', () => {
  const N = 20_000;
  it.each([0.1, 0.25, 0.5, 2, 4, 25])('of burstiness %d agree with the theory', (k) => {
    const rate = 200;
    const all = instants({ arrivals: 'gamma', burstiness: k, rate, requests: N });
    const gaps = gapsOf(all).map((gap) => gap * rate);
    const n = gaps.length;
    // The plan is in whole microseconds: 1/5000 of a mean gap, which matters where most gaps are almost 0.
    const cdf = (x: number): number => gammaCdf(k, k * x);
    const rounding = cdf(2e-4) - cdf(0);
    expect(ksDistance(gaps, cdf)).toBeLessThan(ksBound(n) + rounding);
    // Mean 1, CV 1/√k; the variance of a variance from the fourth moment 3/k² + 6/k³.
    expect(Math.abs(mean(gaps) - 1)).toBeLessThan(Z * Math.sqrt(1 / k / n));
    expect(Math.abs(variance(gaps) - 1 / k)).toBeLessThan(Z * Math.sqrt((2 / k ** 2 + 6 / k ** 3) / n));
    expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(n));
  });

  it.each([0.25, 0.5, 2, 4, 25])('of burstiness %d have counts of 1 s with Fano factor near 1/k', (k) => {
    const rate = 200;
    const spans = 1000;
    const all = instants({ arrivals: 'gamma', burstiness: k, rate, duration: spans * 1000 });
    const measured = fano(countsIn(all, { from: 0, span: 1, spans }));
    // The Fano factor of an equilibrium renewal process over t mean gaps: c² + (1/6 + c⁴/2 − μ₃/3)/t (Cox 1962, 4.5) with c² = 1/k, μ₃ = 2/k².
    const wanted = 1 / k + (1 - 1 / k ** 2) / 6 / rate;
    expect(Math.abs(measured / wanted - 1)).toBeLessThan(Z * Math.sqrt(2 / (spans - 1)));
  });

  it('of burstiness 1 are the Poisson plan', () => {
    const load = { rate: 5, duration: 60_000 };
    expect(instants({ ...load, arrivals: 'gamma', burstiness: 1 })).toEqual(instants(load));
  });

  it('have the planned rate from the first second on: a complete first gap would add 4.5 requests', () => {
    const k = 0.1;
    const counts = Array.from({ length: 2000 }, (_, seed) => {
      const load = { ...NO_LOAD, arrivals: 'gamma' as const, burstiness: k, rate: 10, duration: 1000 };
      return countArrivals({ seed, load })!.measure;
    });
    // 10 expected, with a variance below 10/k.
    expect(Math.abs(mean(counts) - 10)).toBeLessThan(Z * Math.sqrt(10 / k / 2000));
  });

  it('are these for seed 42, on every machine', () => {
    const all = instants({ arrivals: 'gamma', burstiness: 0.25, rate: 5, requests: 6 });
    expect(all.map((at) => Math.round(at * 1e6))).toEqual([
      181_562, 237_245, 343_787, 420_529, 445_315, 445_316,
    ]);
  });
});

const RAMP: readonly Stage[] = [
  { from: 2, to: 40, for: 60_000 },
  { from: 40, to: 40, for: 30_000 },
  { from: 10, to: 0, for: 30_000 },
];

/** λ(t) and Λ(t) of RAMP, by hand. */
const rateAt = (t: number): number =>
  t < 60 ? 2 + (38 * t) / 60 : t < 90 ? 40 : Math.max(0, (10 * (120 - t)) / 30);
const expectedBy = (t: number): number =>
  t < 60
    ? 2 * t + (38 * t * t) / 120
    : t < 90
      ? 1260 + 40 * (t - 60)
      : 2460 + 150 - ((120 - t) ** 2 * 10) / 60;

describe('stages', () => {
  it('of one constant rate are the plan of that rate', () => {
    for (const process of ['constant', 'poisson'] as const) {
      const flat = staged(process, [{ from: 5, to: 5, for: 60_000 }], { warmup: 10_000 });
      const plain = { arrivals: process, rate: 5, warmup: 10_000, duration: 60_000 };
      expect(instants(flat)).toEqual(instants(plain));
    }
  });

  it('with constant arrivals have the integral’s number of requests in every second, to one request', () => {
    const all = instants(staged('constant', RAMP));
    expect(all).toHaveLength(2610);
    const counts = countsIn(all, { from: 0, span: 1, spans: 120 });
    for (const [t, count] of counts.entries()) {
      // Requests k with Λ(t) ≤ k < Λ(t + 1).
      expect(count).toBe(Math.ceil(expectedBy(t + 1) - 1e-9) - Math.ceil(expectedBy(t) - 1e-9));
    }
  });

  it.each(['poisson', 'gamma'] as const)(
    'with %s arrivals have the integral every second, on average',
    (process) => {
      const seeds = 300;
      const k = process === 'gamma' ? 0.25 : null;
      const sums = Array.from({ length: 120 }, () => 0);
      for (let seed = 0; seed < seeds; seed++) {
        const counts = countsIn(instants(staged(process, RAMP, { burstiness: k }), seed), {
          from: 0,
          span: 1,
          spans: 120,
        });
        for (const [t, count] of counts.entries()) sums[t]! += count;
      }
      const expected = sums.map((_, t) => expectedBy(t + 1) - expectedBy(t));
      // The variance of a count is at most its mean times 1/k; χ² of 120 independent ones has variance 240.
      const chi = sums.reduce(
        (sum, count, t) => sum + (count / seeds - expected[t]!) ** 2 / (expected[t]! / (k ?? 1) / seeds),
        0,
      );
      if (process === 'poisson') expect(Math.abs(chi - 120)).toBeLessThan(Z * Math.sqrt(240));
      else expect(chi).toBeLessThan(120 + Z * Math.sqrt(240));
    },
  );

  it('are the arrival process, rescaled by the integral', () => {
    const all = instants(staged('poisson', RAMP), 7);
    const gaps = gapsOf([0, ...all].map(expectedBy));
    expect(ksDistance(gaps, (x) => -Math.expm1(-x))).toBeLessThan(ksBound(gaps.length));
    expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(gaps.length));
  });

  it('thinned to their lowest rate are Poisson at that rate', () => {
    // Lewis and Shedler 1979, backwards: kept with probability 2/λ(t), what is left has rate 2 throughout.
    const random = randomStream(1, 'thinning');
    const kept = Array.from({ length: 40 }, (_, seed) =>
      instants(staged('poisson', RAMP.slice(0, 2)), seed)
        .filter((at) => random.uniform() < 2 / rateAt(at))
        .map((at) => at + seed * 90),
    ).flat();
    const gaps = gapsOf(kept);
    expect(ksDistance(gaps, (x) => -Math.expm1(-2 * x))).toBeLessThan(ksBound(gaps.length));
    const counts = countsIn(kept, { from: 0, span: 1, spans: 3600 });
    expect(Math.abs(mean(counts) - 2)).toBeLessThan(Z * Math.sqrt(2 / 3600));
    expect(Math.abs(fano(counts) - 1)).toBeLessThan(Z * Math.sqrt(2 / 3599));
  });

  it('follow a warm-up at the first rate of the first stage', () => {
    const load = { ...NO_LOAD, ...staged('constant', RAMP, { warmup: 10_000 }) };
    expect(countArrivals({ seed: 1, load })).toEqual({
      warmup: 20,
      measure: 2610,
      window: { start_us: 10e6, end_us: 130e6 },
    });
  });
});
