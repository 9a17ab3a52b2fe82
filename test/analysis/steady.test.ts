import { describe, expect, test } from 'vitest';
import { SteadyState } from '../../src/analysis/steady.ts';
import { trendOf } from '../../src/analysis/trend.ts';
import { RequestFigures } from '../../src/metrics/request.ts';
import { randomStream } from '../../src/random.ts';
import { sampleOf } from '../metrics/samples.ts';

interface Queue {
  /** Offered load: arrivals per service that the slots together can do. */
  load: number;
  slots: number;
  requests: number;
  seed: number;
  warmup?: number;
  service?: 'exponential' | 'constant';
  /** Service time of request i of n, as a factor. */
  speed?: (share: number) => number;
}

/** A first-come queue with Poisson arrivals, its first token a fifth into the service: an oracle with known steadiness. */
function steadinessOf({
  load,
  slots,
  requests,
  seed,
  warmup = 2000,
  service = 'exponential',
  speed = () => 1,
}: Queue) {
  const random = randomStream(seed, 'queue');
  const free = new Float64Array(slots);
  const samples = [];
  let at = 0;
  let from = 0;
  for (let i = 0; i < warmup + requests; i++) {
    if (i === warmup) from = at;
    at += random.exponential();
    const slot = free.indexOf(Math.min(...free));
    const takes =
      (service === 'exponential' ? random.exponential() : 1) *
      load *
      slots *
      speed(Math.max(0, i - warmup) / requests);
    const begins = Math.max(at, free[slot]!);
    free[slot] = begins + takes;
    samples.push([at, begins + 0.2 * takes, begins + takes] as const);
  }
  const state = new SteadyState(from * 1e5, at * 1e5);
  const figures = new RequestFigures({ loop: 'open', clock: 'planned', deadlines: null });
  for (const [planned, first, ended] of samples) {
    const sample = sampleOf({
      planned_us: planned * 1e5,
      sent_us: planned * 1e5,
      events_us: [first * 1e5],
      ended_us: ended * 1e5,
    });
    figures.read(sample);
    state.add(sample, figures);
  }
  return state.result();
}

describe('steady queues raise no alarm', () => {
  test.each([
    ['M/M/1', 0.5, 1, 300, 'exponential'],
    ['M/M/1', 0.8, 1, 500, 'exponential'],
    ['M/D/1', 0.8, 1, 1000, 'constant'],
    ['M/M/16', 0.8, 16, 500, 'exponential'],
    ['M/D/16', 0.7, 16, 1000, 'constant'],
  ] as const)(
    '%s at load %d (%d slots, %d requests): 100 runs, none',
    (_, load, slots, requests, service) => {
      const alarms = Array.from({ length: 100 }, (__, seed) =>
        steadinessOf({ load, slots, requests, service, seed, warmup: 500 }),
      );
      expect(alarms.filter((result) => !result!.ok)).toEqual([]);
    },
  );

  test('nor does a pipeline that only fills: half the window to reach its level, but no request stays longer', () => {
    const result = steadinessOf({
      load: 0.5,
      slots: 2000,
      requests: 3000,
      service: 'constant',
      seed: 1,
      warmup: 0,
    });
    expect(result!.overload).toBe(false);
  });
});

describe('an overloaded server is named', () => {
  test.each([
    [2, 1, 300],
    [1.5, 1, 1000],
    [2, 16, 300],
    [1.3, 16, 3000],
  ])('load %d (%d slots, %d requests): at least 19 of 20 runs', (load, slots, requests) => {
    const runs = Array.from({ length: 20 }, (_, seed) =>
      steadinessOf({ load, slots, requests, seed, warmup: 20 }),
    );
    expect(runs.filter((result) => result!.overload && !result!.ok).length).toBeGreaterThanOrEqual(19);
  });

  test('in words', () => {
    const result = steadinessOf({ load: 2, slots: 1, requests: 500, seed: 1, warmup: 0 });
    expect(result!.detail).toMatch(/in flight or waiting \d+ to \d+, TTFT [\d.]+m?s to [\d.]+m?s/);
  });
});

test('a server that slows down under light load is a drift, not an overload', () => {
  const result = steadinessOf({
    load: 0.05,
    slots: 4,
    requests: 2000,
    service: 'constant',
    seed: 1,
    speed: (share) => 1 + 2 * share,
  });
  expect(result).toMatchObject({ ok: false, overload: false });
});

test('too few requests give no answer', () => {
  expect(steadinessOf({ load: 3, slots: 1, requests: 99, seed: 1, warmup: 0 })).toBeNull();
});

describe('a trend', () => {
  test('is the least-squares line: 0, 2, 1, 3 rises by 0.8 a step', () => {
    // Σ(k − 1.5)(y − 1.5) = 4, Σ(k − 1.5)² = 5; residuals −0.3, 0.9, −0.9, 0.3 with negative lag-1 correlation, so plain errors.
    const { rise, firstHalf, secondHalf, spread, significance } = trendOf([0, 2, 1, 3]);
    expect(rise).toBeCloseTo(2.4, 12);
    expect([firstHalf, secondHalf, spread]).toEqual([1, 2, 1]);
    expect(significance).toBeCloseTo(0.8 / Math.sqrt(1.8 / 2 / 5), 12);
  });

  test('is none in a constant series', () => {
    expect(trendOf([4, 4, 4, 4])).toEqual({
      rise: 0,
      firstHalf: 4,
      secondHalf: 4,
      spread: 0,
      significance: 0,
    });
  });
});
