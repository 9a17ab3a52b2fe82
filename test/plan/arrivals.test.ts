import { describe, expect, it } from 'vitest';
import {
  arrivals,
  countArrivals,
  plannedBefore,
  requestsToSend,
  type Arrival,
  type ArrivalPlan,
} from '../../src/plan/arrivals.ts';
import { randomStream } from '../../src/random.ts';
import { ksBound, ksDistance, lag1, mean, variance, Z } from '../statistics.ts';

type Load = ArrivalPlan['load'];

const BASE: Load = {
  arrivals: 'poisson',
  burstiness: null,
  rate: 5,
  stages: null,
  warmup: 10_000,
  duration: 60_000,
  requests: null,
  sessions: null,
};

function plan(load: Partial<Load>, seed = 42): ArrivalPlan {
  return { seed, load: { ...BASE, ...load } };
}

function drain(of: ArrivalPlan): { all: Arrival[]; end_us: number } {
  const all: Arrival[] = [];
  const rest = arrivals(of);
  for (;;) {
    const { value, done } = rest.next();
    if (done === true) return { all, end_us: value };
    all.push(value);
  }
}

describe('constant arrivals', () => {
  it.each([
    [5, [0, 200_000, 400_000]],
    [3, [0, 333_333, 666_667, 1_000_000]],
    [1 / 3, [0, 3_000_000]],
    [100 / 60, [0, 600_000, 1_200_000]],
  ])('at %d/s start at 0 and do not drift', (rate, first) => {
    const { all } = drain(plan({ arrivals: 'constant', rate, warmup: 0, duration: 3_600_000 }));
    expect(all.slice(0, first.length).map(({ planned_us }) => planned_us)).toEqual(first);
    expect(all).toHaveLength(Math.round(rate * 3600));
    for (const { i, planned_us } of all) expect(planned_us).toBe(Math.round((i * 1e6) / rate));
  });

  it('fills [0, warm-up) and the window after it exactly', () => {
    const { all, end_us } = drain(plan({ arrivals: 'constant' }));
    expect(end_us).toBe(70_000_000);
    expect(all.filter(({ phase }) => phase === 'warmup')).toHaveLength(50);
    expect(all.filter(({ phase }) => phase === 'measure')).toHaveLength(300);
    expect(all[50]).toEqual({ i: 50, planned_us: 10_000_000, phase: 'measure' });
    expect(all.at(-1)).toEqual({ i: 349, planned_us: 69_800_000, phase: 'measure' });
  });

  it('closes a window of N requests when request N + 1 would have started', () => {
    const { all, end_us } = drain(plan({ arrivals: 'constant', duration: null, requests: 20 }));
    expect(all).toHaveLength(70);
    expect(all.at(-1)!.planned_us).toBe(13_800_000);
    expect(end_us).toBe(14_000_000);
  });
});

describe('Poisson arrivals', () => {
  it('are these for seed 42, on every machine', () => {
    const { all } = drain(plan({}));
    expect(all.slice(0, 8).map(({ planned_us }) => planned_us)).toEqual([
      148_284, 167_027, 186_757, 195_988, 447_636, 508_317, 832_160, 905_319,
    ]);
  });

  it('are the sums of the exponential gaps, with the first request after the first gap', () => {
    const random = randomStream(42, 'arrivals');
    let at = 0;
    for (const { planned_us } of drain(plan({ duration: 600_000 })).all) {
      at += -Math.log1p(-random.uniform()) / 5;
      expect(Math.abs(planned_us - at * 1e6)).toBeLessThanOrEqual(0.5 + 1e-3);
    }
  });

  const N = 20_000;
  it.each([1, 2, 3, 42, 2 ** 40 + 7])('agree with the theory for seed %d', (seed) => {
    const rate = 50;
    const { all } = drain(plan({ rate, warmup: 0, duration: null, requests: N }, seed));
    const gaps = all.map(({ planned_us }, k) => (planned_us - (k === 0 ? 0 : all[k - 1]!.planned_us)) / 1e6);
    // Gaps are exponential and independent …
    expect(ksDistance(gaps, (x) => -Math.expm1(-x * rate))).toBeLessThan(ksBound(N));
    expect(Math.abs(lag1(gaps))).toBeLessThan(Z / Math.sqrt(N));
    expect(Math.abs(mean(gaps) * rate - 1)).toBeLessThan(Z / Math.sqrt(N));
    // … and counts of equal spans have an index of dispersion of 1, within Z·√(2/(m − 1)).
    const spans = Array.from({ length: 1000 }, () => 0);
    const last_us = all.at(-1)!.planned_us + 1;
    for (const { planned_us } of all) spans[Math.floor((planned_us / last_us) * spans.length)]!++;
    expect(Math.abs(variance(spans) / mean(spans) - 1)).toBeLessThan(Z * Math.sqrt(2 / 999));
  });

  it('have mean and variance λ in a minute, over 400 seeds', () => {
    const counts = Array.from({ length: 400 }, (_, seed) => countArrivals(plan({}, seed))!.measure);
    expect(Math.abs(mean(counts) - 300)).toBeLessThan(Z * Math.sqrt(300 / 400));
    expect(Math.abs(variance(counts) / 300 - 1)).toBeLessThan(Z * Math.sqrt(2 / 399));
  });

  it('have one pattern per seed, scaled by the rate', () => {
    const slow = drain(plan({ rate: 1, duration: null, requests: 100, warmup: 0 })).all;
    const fast = drain(plan({ rate: 8, duration: null, requests: 100, warmup: 0 })).all;
    for (const [k, { planned_us }] of slow.entries()) {
      expect(Math.abs(planned_us / 8 - fast[k]!.planned_us)).toBeLessThanOrEqual(1);
    }
  });

  it('are the same for a number of requests as for a duration, until the number is reached', () => {
    const long = drain(plan({ duration: 600_000 })).all;
    const { all, end_us } = drain(plan({ duration: null, requests: 150 }));
    const warm = all.filter(({ phase }) => phase === 'warmup').length;
    expect(all).toEqual(long.slice(0, warm + 150));
    expect(end_us).toBe(long[warm + 150]!.planned_us);
    expect(all.every(({ planned_us, phase }) => (phase === 'warmup') === planned_us < 10_000_000)).toBe(true);
  });
});

describe('counting', () => {
  it.each<Partial<Load>>([
    {},
    { arrivals: 'constant' },
    { warmup: 0 },
    { duration: null, requests: 77 },
    { rate: 0.01, duration: 1000, warmup: 500 },
  ])('agrees with the arrivals themselves: %j', (load) => {
    const { all, end_us } = drain(plan(load));
    const warmup = all.filter(({ phase }) => phase === 'warmup').length;
    const start_us = (load.warmup ?? BASE.warmup) * 1000;
    expect(countArrivals(plan(load))).toEqual({
      warmup,
      measure: all.length - warmup,
      window: { start_us, end_us },
    });
    expect(requestsToSend(plan(load))).toBe(load.requests === undefined ? null : all.length);
    for (const t_us of [0, 1, start_us, all[3]?.planned_us ?? 7, end_us, Infinity]) {
      expect(plannedBefore(plan(load), t_us)).toBe(all.filter(({ planned_us }) => planned_us < t_us).length);
    }
  });

  it('is null for a closed loop', () => {
    expect(countArrivals(plan({ rate: null }))).toBeNull();
    expect(plannedBefore(plan({ rate: null }), Infinity)).toBe(0);
    const closed = { rate: null, duration: null, requests: 9 };
    expect(requestsToSend(plan({ ...closed, warmup: 1000 }))).toBeNull();
    expect(requestsToSend(plan({ ...closed, warmup: 0 }))).toBe(9);
    expect(drain(plan({ rate: null })).all).toEqual([]);
  });

  it('is exact to the microsecond for durations with fractions of a millisecond', () => {
    const load = { arrivals: 'constant' as const, rate: 1000, warmup: 0.25, duration: 1.75 };
    expect(countArrivals(plan(load))).toEqual({
      warmup: 1,
      measure: 1,
      window: { start_us: 250, end_us: 2000 },
    });
  });
});
