import { describe, expect, test } from 'vitest';
import type { RunHeader } from '../../src/record/header.ts';
import { SteadyState } from '../../src/analysis/steady.ts';
import { trendOf } from '../../src/statistics/trend.ts';
import { RequestFigures } from '../../src/metrics/request-figures.ts';
import { randomStream } from '../../src/random.ts';
import { sampleOf } from '../metrics/samples.ts';

/** One request, in seconds. */
interface Ride {
  at: number;
  /** Infinity if there is none. */
  first: number;
  ended: number;
  outcome?: string;
}

interface Span {
  from: number;
  to: number;
  /** When unfinished requests are cut off. */
  cut?: number;
  load?: Pick<RunHeader['load'], 'loop' | 'requests'>;
}

/** Returns the state for these requests; those that are not over at the cut-off are aborted. */
function found(
  rides: readonly Ride[],
  { from, to, cut = Infinity, load = { loop: 'open', requests: null } }: Span,
) {
  const state = new SteadyState({ start_us: from * 1e6, end_us: to * 1e6 }, load);
  const figures = new RequestFigures({ loop: load.loop, clock: 'planned', deadlines: null });
  for (const { at, first, ended, outcome = 'ok' } of rides) {
    const us = (seconds: number): number => Math.round(seconds * 1e6);
    const isCut = ended > cut;
    const sample = sampleOf({
      planned_us: us(at),
      sent_us: us(at),
      events_us: first <= Math.min(ended, cut) ? [us(first)] : [],
      ended_us: us(Math.min(ended, cut)),
      outcome: isCut ? 'aborted' : outcome,
      status: outcome === 'rate_limited' ? 429 : 200,
    });
    figures.read(sample);
    state.add(sample, figures);
  }
  return state.result({ offered_rps: 10, rps: 5 });
}

interface Queue {
  /** Offered load: arrival rate ÷ service rate of all slots. */
  load: number;
  slots: number;
  requests: number;
  seed: number;
  warmup?: number;
  service?: 'exponential' | 'constant';
  /** Service time of request i of n, as a factor. */
  speed?: (share: number) => number;
  /** Shape of gamma gaps; 1 is Poisson. */
  burstiness?: number;
  /** The unit of time: the mean gap between arrivals. */
  gap_s?: number;
  drain_s?: number;
}

/** Returns the requests of a first-come queue with the first token after a fifth of the service: an oracle with a known state. */
function steadinessOf({
  load,
  slots,
  requests,
  seed,
  warmup = 2000,
  service = 'exponential',
  speed = () => 1,
  burstiness = 1,
  gap_s = 0.1,
  drain_s = Infinity,
}: Queue) {
  const random = randomStream(seed, 'queue');
  const free = new Float64Array(slots);
  const rides: Ride[] = [];
  let at = 0;
  let from = 0;
  for (let i = 0; i < warmup + requests; i++) {
    if (i === warmup) from = at;
    at += burstiness === 1 ? random.exponential() : random.gamma(burstiness) / burstiness;
    const slot = free.indexOf(Math.min(...free));
    const takes =
      (service === 'exponential' ? random.exponential() : 1) *
      load *
      slots *
      speed(Math.max(0, i - warmup) / requests);
    const begins = Math.max(at, free[slot]!);
    free[slot] = begins + takes;
    rides.push({ at: at * gap_s, first: (begins + 0.2 * takes) * gap_s, ended: free[slot] * gap_s });
  }
  return found(rides, { from: from * gap_s, to: at * gap_s, cut: at * gap_s + drain_s });
}

/** Returns Poisson arrivals for this many seconds. */
function arrivals(rate: number, seconds: number, seed: number): number[] {
  const random = randomStream(seed, 'arrivals');
  const times: number[] = [];
  for (let at = random.exponential() / rate; at < seconds; at += random.exponential() / rate) times.push(at);
  return times;
}

/** A server that never queues: the same residence for each request, at any load. */
const rides = (times: readonly number[], first_s: number, takes: (k: number) => number): Ride[] =>
  times.map((at, k) => ({ at, first: at + first_s, ended: at + takes(k) }));

const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

describe('steady queues give no false alarm', { tags: ['study'] }, () => {
  test.each([
    ['M/M/1', 0.5, 1, 300, 'exponential', 1],
    ['M/M/1', 0.75, 1, 150, 'exponential', 1],
    ['M/D/1', 0.8, 1, 1000, 'constant', 1],
    ['M/M/16', 0.8, 16, 500, 'exponential', 1],
    ['M/D/16', 0.7, 16, 1000, 'constant', 1],
    ['bursts of shape 0.25, 4 slots', 0.75, 4, 500, 'exponential', 0.25],
  ] as const)(
    '%s at load %d (%d slots, %d requests): at most 1 of 100 runs, none filling',
    (_, load, slots, requests, service, burstiness) => {
      const states = seeds(100).map(
        (seed) => steadinessOf({ load, slots, requests, service, seed, burstiness, warmup: 500 })!.state,
      );
      expect(states.filter((state) => state !== 'steady').length).toBeLessThanOrEqual(1);
      expect(states).not.toContain('filling');
    },
  );
});

describe('an overloaded server is detected', { tags: ['study'] }, () => {
  test.each([
    [2, 1, 300, 20],
    [1.5, 1, 1000, 20],
    [2, 16, 300, 20],
    [1.3, 16, 3000, 20],
    [4, 4, 100, 0],
    [30, 4, 1000, 300],
  ])(
    'load %d (%d slots, %d requests, %d of warm-up): at least 19 of 20 runs',
    (load, slots, requests, warmup) => {
      const runs = seeds(20).map((seed) => steadinessOf({ load, slots, requests, seed, warmup }));
      expect(runs.filter((result) => result!.state === 'overloaded').length).toBeGreaterThanOrEqual(19);
      expect(runs.every((result) => result!.ok === (result!.state === 'steady'))).toBe(true);
    },
  );

  test.each([0, 5, 30, 60])(
    'whatever a drain of %d s cuts off: 2.17/s offered, 0.37/s completed',
    (drain_s) => {
      const runs = seeds(20).map((seed) =>
        // 130 requests take a minute; four slots of 10.8 s.
        steadinessOf({
          load: 2.17 / 0.37,
          slots: 4,
          requests: 130,
          warmup: 22,
          seed,
          gap_s: 1 / 2.17,
          drain_s,
        }),
      );
      expect(runs.filter((result) => result!.state === 'overloaded').length).toBeGreaterThanOrEqual(19);
    },
  );

  test('if every request gets a first token at once, and takes longer than the previous one', () => {
    // Processor sharing at twice its capacity from the start: a residence grows with the age of the run.
    const shared = arrivals(10, 60, 1).map((at) => ({ at, first: at + 0.05, ended: at + 1 + 1.7 * at }));
    expect(found(shared, { from: 10, to: 60, cut: 90 })!.state).toBe('overloaded');
  });

  test('if a timeout of goodput ends the requests that are not served', () => {
    // A slot of 1 s at 4/s with a timeout of 10 s: no request is served that arrives when 10 s of work are queued.
    let free = 0;
    const limited = arrivals(4, 60, 1).map((at): Ride => {
      const begins = Math.max(at, free);
      if (begins + 1 > at + 10) return { at, first: Infinity, ended: at + 10, outcome: 'timeout' };
      free = begins + 1;
      return { at, first: begins + 0.2, ended: begins + 1 };
    });
    expect(found(limited, { from: 10, to: 60 })!.state).toBe('overloaded');
  });

  test.each([
    [0.3, 'overloaded'],
    [0.03, 'steady'],
  ])('a server that refuses %d of the requests for load: %s', (share, state) => {
    const random = randomStream(1, 'refusals');
    const shed = arrivals(10, 60, 1).map((at): Ride =>
      random.uniform() < share
        ? { at, first: Infinity, ended: at + 0.01, outcome: 'rate_limited' }
        : { at, first: at + 0.1, ended: at + 1 },
    );
    expect(found(shed, { from: 10, to: 60 })!.state).toBe(state);
  });

  test('with the offered and the completed rate, and a sentence', () => {
    const result = steadinessOf({ load: 2, slots: 1, requests: 500, seed: 1, warmup: 0 });
    expect(result).toMatchObject({
      overload: true,
      offered_rps: 10,
      completed_rps: 5,
      warmup_needed_s: null,
    });
    expect(result!.detail).toMatch(/in flight or waiting \d+ to \d+, TTFT [\d.]+m?s to [\d.]+m?s/);
  });
});

describe('a server that only fills up', () => {
  // Every request takes 25 s at any load; the first token arrives immediately, or with the last.
  test.each([
    [0, 30, 60, 'filling'],
    [0, 30, 0, 'filling'],
    [10, 30, 60, 'filling'],
    [0, 90, 60, 'filling'],
    [30, 30, 60, 'steady'],
    [0, 120, 60, 'steady'],
  ])('warm-up of %d s, window of %d s, drain of %d s: %s', (from, length, drain, state) => {
    const to = from + length;
    for (const first_s of [0.2, 25]) {
      const result = found(
        rides(arrivals(10, to, 1), first_s, () => 25),
        { from, to, cut: to + drain },
      );
      expect(result!.state).toBe(state);
      if (state === 'filling' && drain > 25)
        expect(result).toMatchObject({ overload: false, warmup_needed_s: 25 });
    }
  });

  test('fills up for longer if residences differ', () => {
    // Exponential residences of 5 s: 5 s · ln 100 = 23 s until 1 % is missing.
    const random = randomStream(1, 'residences');
    const result = found(
      rides(arrivals(50, 20, 1), 0.1, () => 5 * random.exponential()),
      { from: 0, to: 20 },
    );
    expect(result).toMatchObject({ state: 'filling', warmup_needed_s: expect.closeTo(25, 0) });
  });

  test('is not overloaded, although its batch makes requests slower', () => {
    // 2 s for a single request, 12 s in the full batch.
    const slower = arrivals(20, 20, 1).map((at) => ({
      at,
      first: at + 0.1,
      ended: at + 12 - 10 * Math.exp(-at / 4),
    }));
    expect(found(slower, { from: 0, to: 20 })!.state).toBe('filling');
  });

  test('in closed loop fills up in its first waves, except in a run of N requests', () => {
    const waves = [0, 1, 2].flatMap((wave) =>
      rides(
        Array.from({ length: 16 }, () => 10 * wave),
        1,
        () => 10,
      ),
    );
    const span = { from: 0, to: 24 };
    expect(found(waves, { ...span, load: { loop: 'closed', requests: null } })!.state).toBe('filling');
    expect(found(waves, { ...span, load: { loop: 'closed', requests: 48 } })).toBeNull();
  });
});

test('a server that slows down at low load drifts and is not overloaded', () => {
  const result = steadinessOf({
    load: 0.05,
    slots: 4,
    requests: 2000,
    service: 'constant',
    seed: 1,
    speed: (share) => 1 + 2 * share,
  });
  expect(result).toMatchObject({ state: 'drifting', ok: false, overload: false });
});

describe('no state', () => {
  test('for fewer than 20 requests', () => {
    expect(steadinessOf({ load: 3, slots: 1, requests: 19, seed: 1, warmup: 0 })).toBeNull();
  });

  test('for fewer than 100 without a sign of another state', () => {
    expect(steadinessOf({ load: 0.5, slots: 1, requests: 99, seed: 1 })).toBeNull();
  });

  test('if no request succeeds', () => {
    const hung = arrivals(10, 60, 1).map((at) => ({ at, first: Infinity, ended: Infinity }));
    expect(found(hung, { from: 10, to: 60, cut: 120 })).toBeNull();
  });
});

describe('a trend', () => {
  test('is the least-squares line: 0, 2, 1, 3 rises by 0.8 per step', () => {
    // Σ(k − 1.5)(y − 1.5) = 4, Σ(k − 1.5)² = 5; residuals −0.3, 0.9, −0.9, 0.3 with negative lag-1 correlation, so plain errors.
    const { rise, firstHalf, secondHalf, spread, significance } = trendOf([0, 2, 1, 3]);
    expect(rise).toBeCloseTo(2.4, 12);
    expect([firstHalf, secondHalf, spread]).toEqual([1, 2, 1]);
    expect(significance).toBeCloseTo(0.8 / Math.sqrt(1.8 / 2 / 5), 12);
  });

  test('is 0 in a constant series', () => {
    expect(trendOf([4, 4, 4, 4])).toEqual({
      rise: 0,
      firstHalf: 4,
      secondHalf: 4,
      spread: 0,
      significance: 0,
    });
  });
});
