import { expect, test } from 'vitest';
import { EMPTY_TURN } from '../../src/dataset/model/session.ts';
import { type PlannedSession, planSessions } from '../../src/plan/plan.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import { dataOf } from '../workload/data-sessions.ts';

const scenarioOf = (workload: string) =>
  resolveScenario({
    file: {
      path: 'shares.yaml',
      text: `endpoint: simulated\nworkload: ${workload}\nload: { rate: 40/s, warmup: 0s, duration: 2s }\n`,
    },
    env: {},
    flags: {},
  }).resolved.scenario;

/** Sessions of 1 to 4 turns, in turn. */
const data = dataOf(
  ...[1, 2, 3, 4].map((turns) => ({
    session: null,
    timestamp_ms: null,
    tags: {},
    turns: Array.from({ length: turns }, (_, k) => ({
      ...EMPTY_TURN,
      messages: [{ role: 'user', content: `${turns} ${k}` }],
    })),
  })),
);

const shown = ({ prompt, ...planned }: PlannedSession) => ({
  ...planned,
  texts: planned.turns.map((_, k) => prompt(k)),
});

test.each([
  ['synthetic conversations', '{ sessions: { turns: uniform:1-5, think: 1s, first: 20, next: 10 } }', null],
  ['a data set', '{ data: chat.jsonl }', data],
])('%s: the shares of three workers are the plan', (_, workload, read) => {
  const scenario = scenarioOf(workload);
  const whole = [...planSessions(scenario, { data: read })].map(shown);
  const shares = [0, 1, 2].flatMap((index) =>
    Array.from(planSessions(scenario, { data: read }, { index, of: 3 })),
  );
  expect(shares.map(shown).sort((a, b) => a.session - b.session)).toEqual(whole);
  // The requests are numbered without gaps.
  let next = 0;
  for (const { firstRequest, turns } of whole) {
    expect(firstRequest).toBe(next);
    next += turns.length;
  }
  expect(new Set(whole.map(({ turns }) => turns.length)).size).toBeGreaterThan(3);
});
