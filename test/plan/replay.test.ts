import { describe, expect, it } from 'vitest';
import { arrivals, countArrivals } from '../../src/plan/arrivals.ts';
import { withTrace } from '../../src/plan/replay.ts';
import { planSize } from '../../src/plan/plan-size.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { scenarioOf } from '../simulate/support.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';

const TIMES = [0, 0, 400, 1000, 2500, 2500, 9000];

const dataAt = (timestamps: readonly (number | null)[]) =>
  dataOf(
    ...timestamps.map((timestamp_ms, k) => ({
      ...singleTurn({ messages: null, input_tokens: 10 * (k + 1), output_tokens: 3 }),
      timestamp_ms,
    })),
  );

const replay = (load: string, timestamps: readonly (number | null)[] = TIMES): Scenario =>
  withTrace(
    scenarioOf(`workload: { data: trace.jsonl }\nload: { arrivals: trace, ${load} }`),
    dataAt(timestamps),
  );

const instants = (scenario: Scenario): [number, string][] =>
  [...arrivals(scenario)].map(({ planned_us, phase }) => [planned_us / 1000, phase]);

describe('withTrace', () => {
  it('plans the instants of the data, the warm-up first, until one mean gap after the last', () => {
    const scenario = replay('warmup: 1s');
    expect(instants(scenario)).toEqual([
      [0, 'warmup'],
      [0, 'warmup'],
      [400, 'warmup'],
      [1000, 'measure'],
      [2500, 'measure'],
      [2500, 'measure'],
      [9000, 'measure'],
    ]);
    // 9 s ÷ 6 gaps.
    expect(countArrivals(scenario)).toEqual({
      warmup: 3,
      measure: 4,
      window: { start_us: 1e6, end_us: 10.5e6 },
    });
    expect(scenario.load.duration).toBeNull();
  });

  it('measures what the warm-up leaves of a window of the trace', () => {
    const scenario = replay('warmup: 100ms, speed: 4, from: 400ms, duration: 3s');
    expect(instants(scenario)).toEqual([
      [0, 'warmup'],
      [150, 'measure'],
      [525, 'measure'],
      [525, 'measure'],
    ]);
    expect(scenario.load.duration).toBe(650);
    expect(countArrivals(scenario)!.window).toEqual({ start_us: 100_000, end_us: 750_000 });
  });

  it('stops after a number of requests, at the start of the next', () => {
    const scenario = replay('warmup: 1s, requests: 2');
    expect(countArrivals(scenario)).toMatchObject({ warmup: 3, measure: 2, window: { end_us: 2_500_000 } });
  });

  it('sizes the requests in the window, with their own lengths', () => {
    const scenario = replay('warmup: 0s, from: 400ms, duration: 1s');
    const size = planSize(scenario, dataAt(TIMES));
    expect(size.requests).toEqual({ warmup: 0, measure: 2 });
    expect(size.tokens).toEqual({ input: 30 + 40, output: 6 });
  });

  it.each([
    ['warmup: 0s', [0, null], /load\.arrivals.*session 2 of .*trace\.jsonl has none/],
    ['warmup: 11s', TIMES, /load\.warmup.*11s.*10\.5s/],
    ['warmup: 1s, duration: 500ms', TIMES, /load\.warmup.*1s.*500ms/],
    ['warmup: 0s, from: 1m', TIMES, /load\.from.*1m.*spans 9s/],
  ])('refuses %s of %j', (load, timestamps, message) => {
    expect(() => replay(load, timestamps)).toThrow(message);
    expect(() => replay(load, timestamps)).toThrow(expect.objectContaining({ kind: 'usage' }));
  });

  it('leaves other loads as they are', () => {
    for (const load of ['{ rate: 5/s }', '{ concurrency: 2 }']) {
      const scenario = scenarioOf(`workload: { data: trace.jsonl }\nload: ${load}`);
      expect(withTrace(scenario, dataAt([null]))).toBe(scenario);
    }
  });
});
