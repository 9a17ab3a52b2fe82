import { describe, expect, test } from 'vitest';
import { LiveFigures } from '../../src/lifecycle/live-figures.ts';
import { LiveHistograms } from '../../src/lifecycle/live-histograms.ts';
import { sampleOf } from '../metrics/samples.ts';

const counters = (outputEvents: number) => ({ sent: 0, inFlight: 0, ok: 0, failed: 0, outputEvents });

/** 100 events a second for two seconds, after a request of 10 events has ended. */
function figures(ended: object | null): ReturnType<LiveFigures['figures']> {
  const live = new LiveFigures(1);
  const samples = ended === null ? [] : [sampleOf({ events_us: Array<number>(10).fill(1), ...ended })];
  live.add(0, { counters: counters(0), samples, live: null, loop: null }, 0);
  live.add(0, { counters: counters(200), samples: [], live: null, loop: null }, 2000);
  return live.figures();
}

describe('the current speed', () => {
  test.each<[string, object | null, number | null, boolean]>([
    ['before any request has ended', null, 100, true],
    ['by usage', { tokens_from: 'usage', output_tokens: 40 }, 400, false],
    ['by events of one word', { tokens_from: 'events', output_tokens: 10, words: 10 }, 100, true],
    ['by events of four words', { tokens_from: 'events', output_tokens: 10, words: 40 }, null, true],
    // A request that was cut off never got its usage.
    ['of requests that failed', { outcome: 'timeout', tokens_from: 'events', output_tokens: 10 }, 100, true],
  ])('%s', (_, ended, output_tps, per_event) => {
    expect(figures(ended)).toMatchObject({ output_tps, per_event });
  });
});

test('gaps have percentiles, and are ITLs if each event is one token', () => {
  const histograms = new LiveHistograms();
  for (let gap_ms = 1; gap_ms <= 100; gap_ms++) histograms.next(gap_ms * 1000);
  const live = new LiveFigures(1);
  expect(live.figures()).toMatchObject({ gap_p50_ms: null, gap_p99_ms: null, tokens_per_event: null });
  const ended = sampleOf({ events_us: [1, 1], output_tokens: 2, tokens_from: 'usage' });
  live.add(0, { counters: counters(0), samples: [ended], live: histograms.take(), loop: null }, 0);
  const { gap_p50_ms, gap_p99_ms, tokens_per_event } = live.figures();
  expect(tokens_per_event).toBe(1);
  expect(Math.abs(gap_p50_ms! - 50)).toBeLessThan(0.51);
  expect(Math.abs(gap_p99_ms! - 99)).toBeLessThan(1);
});

test('the event loop is that of the worst worker, the last that each reported', () => {
  const live = new LiveFigures(2);
  const report = (worker: number, loop: ReturnType<typeof live.figures>['loop']): void =>
    live.add(worker, { counters: counters(0), samples: [], live: null, loop }, 0);
  report(0, null);
  expect(live.figures().loop).toBeNull();
  report(0, { delay_max_ms: 5, busy_share: 0.9, over_s: 1 });
  report(1, { delay_max_ms: 8, busy_share: 0.5, over_s: 1.1 });
  report(0, { delay_max_ms: 6, busy_share: 0.7, over_s: 1.2 });
  report(1, null);
  expect(live.figures().loop).toEqual({ delay_max_ms: 8, busy_share: 0.7, over_s: 1.2 });
});
