import { describe, expect, it } from 'vitest';
import { type DescribedLoad, levelText, loadText } from '../src/load-text.ts';

const OPEN: DescribedLoad = {
  arrivals: 'poisson',
  rate_rps: 5,
  concurrency: null,
  max_concurrency: null,
};

describe('a load in words', () => {
  it.each<[Partial<DescribedLoad>, string]>([
    [{}, 'open loop, Poisson 5/s'],
    [{ arrivals: 'constant', rate_rps: 0.5 }, 'open loop, constant 30/min'],
    [{ arrivals: 'gamma', burstiness: 0.25 }, 'open loop, gamma (burstiness 0.25) 5/s'],
    [
      { arrivals: 'trace', rate_rps: null, trace: { speed: 1, from_s: 0, tick_ms: null } },
      'open loop, trace',
    ],
    [
      { arrivals: 'trace', trace: { speed: 10 / 3, from_s: 90, tick_ms: 3000 } },
      'open loop, trace 5/s at speed 3.33, from 1m30s, instants spread over ticks of 3s',
    ],
    [{ max_concurrency: 6400 }, 'open loop, Poisson 5/s, at most 6400 in flight'],
    [
      {
        rate_rps: null,
        stages: [
          { from_rps: 1, to_rps: 20, for_s: 60 },
          { from_rps: 20, to_rps: 20, for_s: 90 },
        ],
      },
      'open loop, Poisson 1/s to 20/s over 1m, then 20/s for 1m30s',
    ],
    [{ arrivals: null, rate_rps: null, concurrency: 16 }, 'closed loop, 16 in flight'],
  ])('%j', (over, words) => {
    expect(loadText({ ...OPEN, ...over })).toBe(words);
  });
});

it('a level has the unit of its axis', () => {
  expect(levelText({ rate_rps: 0.5, concurrency: null })).toBe('0.5 req/s');
  expect(levelText({ rate_rps: null, concurrency: 8 })).toBe('8 in flight');
  expect(levelText({ rate_rps: null, concurrency: null })).toBeNull();
});
