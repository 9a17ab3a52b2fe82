import { describe, expect, test } from 'vitest';
import { LiveFigures } from '../../src/lifecycle/live-figures.ts';
import { sampleOf } from '../metrics/samples.ts';

const counters = (outputEvents: number) => ({ sent: 0, inFlight: 0, ok: 0, failed: 0, outputEvents });

/** 100 events a second for two seconds, after a request of 10 events has ended. */
function figures(ended: object | null): ReturnType<LiveFigures['figures']> {
  const live = new LiveFigures(1);
  const samples = ended === null ? [] : [sampleOf({ events_us: Array<number>(10).fill(1), ...ended })];
  live.add(0, counters(0), samples, null, 0);
  live.add(0, counters(200), [], null, 2000);
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
