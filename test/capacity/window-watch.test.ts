import { describe, expect, it } from 'vitest';
import { searchWindowOf } from '../../src/capacity/measure-window.ts';
import type { Due, WindowPlan } from '../../src/capacity/search-window.ts';
import { WindowWatch } from '../../src/capacity/window-watch.ts';
import { latestGood, type JudgeSettings } from '../../src/capacity/window-judge.ts';
import { parseSlo } from '../../src/slo/grammar.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf as sample } from '../metrics/samples.ts';

const slos = (text: string): JudgeSettings['slos'] => {
  const read = parseSlo(text);
  if (!read.ok) throw new Error(text);
  return read.value;
};
const SETTINGS: JudgeSettings = { slos: slos('ttft<=100ms'), loop: 'open', clock: 'planned', capped: false };
const PLAN: WindowPlan = {
  number: 1,
  kind: 'bracket',
  level: 10,
  seed: 1,
  warmup_s: 1,
  window_s: 60,
  least_s: 20,
  cooldown_s: 30,
  repeats: null,
};
const S = 1e6;

/** Ten requests a second from 0 on, each over after `took_us` with its first token after `ttft_us`. */
function answers(count: number, ttft_us: number, took_us: number): Sample[] {
  return Array.from({ length: count }, (_, i) =>
    sample({
      i,
      planned_us: i * 100_000,
      sent_us: i * 100_000,
      events_us: [i * 100_000 + ttft_us, took_us - ttft_us],
      ended_us: i * 100_000 + took_us,
    }),
  );
}
const due = (count: number, latest_us: number | null = null): Due[] =>
  Array.from({ length: count }, (_, i) => ({
    i,
    start_us: i * 100_000,
    latest_us: latest_us === null ? null : i * 100_000 + latest_us,
  }));

describe('a bracket window ends', () => {
  it('as clear after its minimum length, and not before', () => {
    const watch = new WindowWatch(PLAN, 0.9, SETTINGS, due(610));
    watch.add(answers(205, 50_000, 80_000));
    expect(watch.decide(20.5 * S)).toBeNull();
    watch.add(answers(215, 50_000, 80_000).slice(205));
    // The last request of W, at 21.4 s, is over: nothing is waited for.
    expect(watch.decide(21.5 * S)).toEqual({ end_us: 21.5 * S, ended: 'clear' });
  });

  it('as aborted with twenty decided requests, most of them bad', () => {
    const watch = new WindowWatch(PLAN, 0.9, SETTINGS, due(610));
    watch.add(answers(29, 150_000, 180_000));
    expect(watch.decide(3 * S)).toBeNull();
    watch.add(answers(31, 150_000, 180_000).slice(29));
    expect(watch.decide(3.2 * S)).toEqual({ end_us: 3.2 * S, ended: 'aborted' });
  });

  it('as aborted by requests that can no longer be good, though they have not ended', () => {
    const watch = new WindowWatch(PLAN, 0.9, SETTINGS, due(610, 500_000));
    expect(watch.decide(3 * S)).toBeNull();
    expect(watch.decide(3.6 * S)).toEqual({ end_us: 3.6 * S, ended: 'aborted' });
  });
});

describe('a window of a refinement', () => {
  const plan: WindowPlan = { ...PLAN, kind: 'refinement', window_s: 10, least_s: 10 };

  it('has a fixed length, and then lasts until its requests have ended', () => {
    const watch = new WindowWatch(plan, 0.9, SETTINGS, due(110));
    watch.add(answers(100, 150_000, 180_000));
    expect(watch.decide(10.9 * S)).toBeNull();
    expect(watch.decide(11.1 * S)).toBeNull();
    watch.add(answers(110, 150_000, 900_000).slice(100));
    expect(watch.decide(11.9 * S)).toEqual({ end_us: 11 * S, ended: 'full' });
  });

  it('ends with the cooldown at the latest', () => {
    const watch = new WindowWatch(plan, 0.9, SETTINGS, due(110));
    expect(watch.decide(40.9 * S)).toBeNull();
    expect(watch.decide(41 * S)).toEqual({ end_us: 11 * S, ended: 'full' });
  });

  it('in closed loop ends when all requests that started in it have ended', () => {
    const watch = new WindowWatch(plan, 0.9, { ...SETTINGS, loop: 'closed' }, null);
    watch.add(answers(109, 50_000, 80_000));
    expect(watch.decide(11.2 * S)).toBeNull();
    // One that began after W is over before one that began in it.
    watch.add(answers(112, 50_000, 80_000).slice(110));
    expect(watch.decide(11.3 * S)).toBeNull();
    watch.add(answers(110, 50_000, 80_000).slice(109));
    expect(watch.decide(11.4 * S)).toEqual({ end_us: 11 * S, ended: 'full' });
  });
});

describe('the results of a window', () => {
  it('by hand: attainment, offered load, growth and misses by SLO, without the warm-up', () => {
    // 20 requests in warm-up and W; every fourth has a late first token; the last two end after W.
    const samples = answers(20, 50_000, 180_000);
    for (const each of samples) if (each.i % 4 === 0) each.events_us = [each.planned_us + 120_000, 60_000];
    const carried = {
      window: { start_us: 1 * S, end_us: 2 * S },
      ended: 'full' as const,
      void: null,
      contended: null,
      suspect: null,
      run: null,
      last_us: 2.08 * S,
    };
    // The first five sessions have a second turn.
    for (const each of samples.slice(5, 10)) each.turn = 1;
    const probe = searchWindowOf(PLAN, carried, samples, SETTINGS);
    // In W: 10 to 19, of which 12 and 16 miss. Completed in (1 s, 2 s]: 9 to 18 (18 ends at 1.98 s).
    expect(probe).toMatchObject({
      sent: 20,
      sessions: 15,
      n: 10,
      good: 8,
      missed: { ttft: 2 },
      took_s: 2.08,
    });
    expect(probe.completed_rps).toBe(10);
    expect(probe.e2e_s).toBeCloseTo(0.18, 12);
    // In flight at 1 s: number 9 (0.9 to 1.08 s); at 2 s: number 19.
    expect(probe.growth_rps).toBe(0);
  });

  it('in closed loop completes by the share of the residence in W, as the report does', () => {
    // Two slots; responses of 0.8 s, so that W from 1 to 3 s has parts of a wave at both ends: 2 · 2 / 0.8.
    const samples = Array.from({ length: 10 }, (_, i) => {
      const sent_us = Math.floor(i / 2) * 800_000;
      return sample({
        i,
        planned_us: sent_us,
        sent_us,
        events_us: [sent_us + 50_000],
        ended_us: sent_us + 800_000,
      });
    });
    const carried = {
      window: { start_us: 1 * S, end_us: 3 * S },
      ended: 'full' as const,
      void: null,
      contended: null,
      suspect: null,
      run: null,
      last_us: 4 * S,
    };
    const completed = (loop: 'open' | 'closed'): number =>
      searchWindowOf(PLAN, carried, samples, { ...SETTINGS, loop }).completed_rps;
    expect(completed('closed')).toBeCloseTo(2.5, 12);
    // Ends at 1.6 and 2.4 s.
    expect(completed('open')).toBe(2);
  });

  it('a request that was cut off after its latest good end is a miss, one cut off before is not judged', () => {
    const settings = { ...SETTINGS, slos: slos('ttft<=100ms,tpot<=10ms') };
    const cut = (i: number, after_us: number): Sample =>
      sample({
        i,
        planned_us: 1.2 * S,
        sent_us: 1.2 * S,
        planned_output: 11,
        events_us: [1.2 * S + 50_000, 30_000],
        ended_us: 1.2 * S + after_us,
        outcome: 'aborted',
      });
    // Good ones end within 100 + 10 · 10 = 200 ms.
    const carried = {
      window: { start_us: 1 * S, end_us: 2 * S },
      ended: 'full' as const,
      void: null,
      contended: null,
      suspect: null,
      run: null,
      last_us: 2 * S,
    };
    const probe = searchWindowOf(PLAN, carried, [cut(0, 150_000), cut(1, 250_000)], settings);
    expect(probe).toMatchObject({ n: 1, good: 0, missed: { late: 1 } });
  });
});

it('the longest time of a good request: the end-to-end limit, or the limits of the first token and all further ones', () => {
  expect(latestGood(slos('e2e<=2s'), 100)).toBe(2000);
  expect(latestGood(slos('ttft<=100ms,tpot<=10ms'), 11)).toBe(200);
  expect(latestGood(slos('ttft<=100ms,tpot<=10ms,e2e<=150ms'), 11)).toBe(150);
  expect(latestGood(slos('ttft<=100ms'), 11)).toBeNull();
  expect(latestGood(slos('tpot<=10ms'), 11)).toBeNull();
});
