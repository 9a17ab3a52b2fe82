import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import type { Sample } from '../../src/sample.ts';
import { sampleOf } from '../metrics/samples.ts';
import { headerOf, seconds, slosOf } from './headers.ts';

/** A turn in whole seconds with its first token after a tenth of a second, or after more if it is slow. */
function turn(
  session: number,
  k: number,
  turns: number,
  { at, ended, ...rest }: { at: number; ended: number; slow?: boolean } & Partial<Sample>,
): Sample {
  const { slow = false, ...more } = rest;
  const at_us = at * 1e6;
  const first_us = at_us + (slow ? 900_000 : 100_000);
  return sampleOf({
    i: session * 10 + k,
    session,
    turn: k,
    turns,
    phase: 'measure',
    planned_us: at_us,
    sent_us: at_us,
    events_us: [first_us, ended * 1e6 - first_us],
    ended_us: ended * 1e6,
    answer: 0,
    status: 200,
    tokens_from: 'usage',
    output_tokens: 2,
    ...more,
  });
}

const failure = { outcome: 'http_error', status: 500, events_us: [], output_tokens: null } as const;

/** Six sessions of a window from 10 s to 70 s. */
const SAMPLES = [
  // Began before W.
  turn(0, 0, 2, { at: 5, ended: 6 }),
  turn(0, 1, 2, { at: 11, ended: 12 }),
  // Completed in 10 s, every turn good.
  turn(1, 0, 3, { at: 10, ended: 12 }),
  turn(1, 1, 3, { at: 14, ended: 15 }),
  turn(1, 2, 3, { at: 18, ended: 20 }),
  // Completed in 4 s, one turn too slow.
  turn(2, 0, 2, { at: 20, ended: 22 }),
  turn(2, 1, 2, { at: 22, ended: 24, slow: true }),
  // Cut by its second turn after 6 s.
  turn(3, 0, 4, { at: 30, ended: 32 }),
  turn(3, 1, 4, { at: 35, ended: 36, ...failure }),
  // A turn would have been due after W.
  turn(4, 0, 2, { at: 60, ended: 62 }),
  // Cut off by goodput.
  turn(5, 0, 2, { at: 66, ended: 68 }),
  turn(5, 1, 2, { at: 69, ended: 75, outcome: 'aborted' }),
];

const report = async (samples: readonly Sample[], onError: string, load: object = {}) => {
  const header = headerOf({
    window: seconds(10, 70),
    load: { unit: 'sessions', ...load },
    scenario: { workload: { sessions: { onError } } },
  });
  return (await analyze(header, '', samples, slosOf({ ttft: 500 }))).report.sessions;
};

describe('figures of sessions', () => {
  it('are about those that began in W and ended, computed by hand', async () => {
    expect(await report(SAMPLES, 'end')).toEqual({
      started: 5,
      started_per_s: 5 / 60,
      count: 3,
      completed: 2,
      cut: 1,
      unfinished: 2,
      turns_mean: 7 / 3,
      duration_ms: { mean: 20_000 / 3, p50: 6000, p95: 10_000, max: 10_000 },
      good: 1,
      attainment: 1 / 3,
      good_per_min: 1,
    });
  });

  it('a session that continues on errors is completed by its last turn, and not good', async () => {
    const samples = [
      turn(0, 0, 3, { at: 10, ended: 11 }),
      turn(0, 1, 3, { at: 12, ended: 13, ...failure }),
      turn(0, 2, 3, { at: 14, ended: 15 }),
      turn(1, 0, 2, { at: 20, ended: 21, ...failure }),
    ];
    expect(await report(samples, 'continue')).toMatchObject({ completed: 1, cut: 0, unfinished: 1, good: 0 });
    expect(await report(samples, 'end')).toMatchObject({ completed: 1, cut: 1, unfinished: 0, good: 0 });
  });

  it('in a run of N sessions they are about those of the measure phase, whenever they began', async () => {
    const samples = SAMPLES.map((sample) => ({
      ...sample,
      phase: sample.session === 2 ? ('measure' as const) : ('warmup' as const),
    }));
    expect(await report(samples, 'end', { sessions: 1 })).toMatchObject({ started: 1, count: 1, good: 0 });
  });

  it('are null where no session ended, and absent where sessions are single requests', async () => {
    expect(await report(SAMPLES.slice(-1), 'end')).toMatchObject({
      count: 0,
      turns_mean: null,
      duration_ms: { mean: null, p50: null, p95: null, max: null },
      attainment: null,
    });
    const { report: single } = await analyze(headerOf({ window: seconds(10, 70) }), '', SAMPLES, []);
    expect(single).not.toHaveProperty('sessions');
  });
});
