import { describe, expect, it, test } from 'vitest';
import { recordedLoad } from '../../src/lifecycle/new-header.ts';
import { plannedUntil } from '../../src/lifecycle/window.ts';
import { countArrivals, requestsToSend } from '../../src/plan/arrivals.ts';
import { planSessions, type PlannedSession, startsOf } from '../../src/plan/plan.ts';
import { planSize } from '../../src/plan/plan-size.ts';
import { withTrace } from '../../src/plan/replay.ts';
import { plansOfRanks, rankedScenario } from '../../src/ranks/ranked.ts';
import { loadJobs } from '../../src/run/load-jobs.ts';
import type { Scenario } from '../../src/scenario/keys/scenario.ts';
import { openWorkload } from '../../src/workload/workload.ts';
import type { ReadData } from '../../src/lifecycle/run-options.ts';
import { DEFAULT_PROFILE } from '../../src/client/api/request-profile.ts';
import { UNCALIBRATED } from '../../src/workload/calibration.ts';
import { scenarioOf } from '../simulate/support.ts';
import { dataOf, singleTurn } from '../workload/data-sessions.ts';

const records = dataOf(
  ...Array.from({ length: 23 }, (_, k) => ({
    ...singleTurn({ messages: [{ role: 'user', content: `question ${k}` }], output_tokens: k + 1 }),
    timestamp_ms: 37 * k + (k % 3),
    ...(k % 4 === 0
      ? { turns: [...singleTurn({ output_tokens: 2 }).turns, ...singleTurn({ output_tokens: 3 }).turns] }
      : {}),
  })),
);

const lines = (sessions: Iterable<PlannedSession>): [number, string][] =>
  [...sessions].map(({ prompt, ...planned }) => [
    planned.session,
    JSON.stringify({ ...planned, texts: planned.turns.map((_, k) => prompt(k)) }),
  ]);

const CASES: [string, string, ReadData | null][] = [
  ['constant arrivals', 'load: { rate: 30/s, arrivals: constant, warmup: 1s, duration: 2s }', null],
  ['Poisson arrivals', 'load: { rate: 30/s, warmup: 500ms, duration: 2s }', null],
  [
    'gamma arrivals',
    'load: { rate: 40/s, arrivals: gamma, burstiness: 0.25, warmup: 0s, duration: 2s }',
    null,
  ],
  ['a number of requests', 'load: { rate: 40/s, warmup: 1s, requests: 50 }', null],
  [
    'stages',
    'load: { stages: [{ at: 10/s, for: 2s }, { from: 10/s, to: 60/s, for: 1s }], warmup: 500ms }',
    null,
  ],
  ['a cap', 'load: { rate: 30/s, maxConcurrency: 9, warmup: 0s, duration: 2s }', null],
  [
    'conversations',
    'workload: { sessions: { turns: uniform:1-5, think: 1s, first: 20, next: 10 } }\nload: { rate: 20/s, warmup: 1s, duration: 2s }',
    null,
  ],
  [
    'several models',
    'endpoint: { url: "http://x/v1", models: { a: 60%, b: 40% } }\nload: { rate: 30/s, warmup: 0s, duration: 2s }',
    null,
  ],
  ['a data set', 'workload: { data: chat.jsonl }\nload: { rate: 30/s, warmup: 0s, duration: 2s }', records],
  [
    'a data set that ends',
    'workload: { data: { file: chat.jsonl, cycle: false } }\nload: { rate: 30/s, warmup: 0s, duration: 5s }',
    records,
  ],
  ['a trace', 'workload: { data: chat.jsonl }\nload: { arrivals: trace, speed: 2, warmup: 100ms }', records],
];

describe.each(CASES)('%s', (_, text, data) => {
  const whole = withTrace(scenarioOf(text), data);
  const workload = openWorkload(whole, { data });
  const single = lines(planSessions(whole, { data }));
  const ranksOf = (of: number): Scenario[] =>
    Array.from({ length: of }, (_n, index) => rankedScenario(whole, { index, of }));

  it.each([1, 2, 5, 7])('the union of the plans of %i ranks is the plan of one, byte for byte', (of) => {
    const plans = ranksOf(of).map((rank) => lines(planSessions(rank, { data })));
    for (const [index, plan] of plans.entries())
      for (const [session] of plan) expect(session % of).toBe(index);
    expect(plans.flat().toSorted(([a], [b]) => a - b)).toEqual(single);
  });

  it('adds up: requests to send, the window, and the plan of each rank', () => {
    const ranks = ranksOf(5);
    const counts = ranks.map((rank) => countArrivals(startsOf(rank, workload))!);
    const all = countArrivals(startsOf(whole, workload))!;
    const sum = (of: (count: typeof all) => number): number =>
      counts.reduce((total, count) => total + of(count), 0);
    expect([sum(({ warmup }) => warmup), sum(({ measure }) => measure)]).toEqual([all.warmup, all.measure]);
    for (const { window } of counts) expect(window).toEqual(all.window);
    const toSend = requestsToSend(startsOf(whole, workload));
    const each = ranks.map((rank) => requestsToSend(startsOf(rank, workload)));
    expect(toSend === null ? null : each.reduce<number>((total, count) => total + count!, 0)).toBe(toSend);
    const until = (scenario: Scenario): number =>
      plannedUntil({ ...scenario, count: workload.count }, 700_000, { sent: 0, later: 0 });
    expect(ranks.reduce((total, rank) => total + until(rank), 0)).toBe(until(whole));
    const turns = (sessions: Iterable<PlannedSession>): number =>
      [...sessions].reduce((total, each_) => total + each_.turns.length, 0);
    expect(plansOfRanks(whole, workload, 5)!.map(({ warmup, measure }) => warmup + measure)).toEqual(
      ranks.map((rank) => turns(planSessions(rank, { data }))),
    );
    const sizes = ranks.map((rank) => planSize(rank, data));
    expect(sizes.reduce((total, { tokens }) => total + tokens.output!, 0)).toBe(
      planSize(whole, data).tokens.output,
    );
  });

  it('the workers of a rank share its plan', () => {
    const rank = rankedScenario(whole, { index: 1, of: 3 });
    const settings = {
      scenario: rank,
      model: 'm',
      calibration: UNCALIBRATED,
      profile: DEFAULT_PROFILE,
      workers: 2,
      data,
    };
    const sessions = [0, 1].map((worker) =>
      [...loadJobs({ ...settings, worker })].map(({ session }) => session),
    );
    expect(sessions.flat().toSorted((a, b) => a - b)).toEqual(
      single.map(([session]) => session).filter((session) => session % 3 === 1),
    );
    for (const own of sessions) expect(own.length).toBeGreaterThan(0);
  });
});

describe('a closed loop', () => {
  const whole = scenarioOf('load: { concurrency: 10, requests: 101, warmup: 0s }\nrun: { preconnect: 6 }');
  const ranks = [0, 1, 2, 3].map((index) => rankedScenario(whole, { index, of: 4 }));

  it('splits users, requests and connections; the first ranks take the remainder', () => {
    expect(ranks.map(({ load }) => load.concurrency)).toEqual([3, 3, 2, 2]);
    expect(ranks.map(({ load }) => load.requests)).toEqual([26, 25, 25, 25]);
    expect(ranks.map(({ run }) => run.preconnect)).toEqual([2, 2, 1, 1]);
    expect(plansOfRanks(whole, openWorkload(whole), 4)).toBeNull();
  });

  it('gives each rank every fourth session', () => {
    const first = (scenario: Scenario): number[] => {
      const sessions = planSessions(scenario);
      return Array.from({ length: 3 }, () => (sessions.next().value as PlannedSession).session);
    };
    expect(ranks.map(first)).toEqual([
      [0, 4, 8],
      [1, 5, 9],
      [2, 6, 10],
      [3, 7, 11],
    ]);
  });

  it.each([
    ['load: { concurrency: 3, duration: 1s }', /load\.concurrency: 3 users.*4 ranks/],
    ['load: { rate: 9/s, maxConcurrency: 2, duration: 1s }', /load\.maxConcurrency/],
    ['load: { rate: 9/s, requests: 3 }', /load\.requests/],
    ['load: { rate: 9/s, duration: 1s }\ngates: [attainment >= 90%]\nrun: { failFast: true }', /fail-fast/],
  ])('refuses %s for four ranks', (text, said) => {
    expect(() => rankedScenario(scenarioOf(text), { index: 0, of: 4 })).toThrow(
      expect.objectContaining({ exitCode: 104, message: expect.stringMatching(said) as string }),
    );
  });
});

test('run.json has the load of the rank', () => {
  const load = (text: string, index: number) =>
    recordedLoad(rankedScenario(scenarioOf(text), { index, of: 4 }).load, {
      count: Infinity,
      hasTurns: false,
    });
  expect(load('load: { rate: 10/s, duration: 1s }', 3).rate_rps).toBe(2.5);
  expect(
    load('load: { stages: [{ at: 8/s, for: 1s }, { from: 8/s, to: 16/s, for: 1s }] }', 0).stages,
  ).toEqual([
    { from_rps: 2, to_rps: 2, for_s: 1 },
    { from_rps: 2, to_rps: 4, for_s: 1 },
  ]);
  expect(load('load: { concurrency: 6, duration: 1s }', 1).concurrency).toBe(2);
});
