import { expect, test } from 'vitest';
import { searchTimeText } from '../../src/multi-run/search-time.ts';
import { sweepTime, sweepTimeText } from '../../src/multi-run/sweep-time.ts';
import { resolveScenario } from '../../src/scenario/resolve.ts';
import type { Flags } from '../../src/scenario/keys/option-table.ts';

const loadOf = (flags: Flags) => resolveScenario({ file: null, env: {}, flags }).resolved.scenario.load;
const text = (...runs: Flags[]): string => sweepTimeText(sweepTime(runs.map(loadOf)), { virtual: false });

test('by hand: runs of one length', () => {
  const run = { warmup: '10s', duration: '1m', drain: '30s' };
  expect(text(...Array.from({ length: 12 }, () => run))).toBe(
    '12 runs of about 1m10s each: about 14m, and up to 30s after each for requests in flight',
  );
  expect(text(run)).toMatch(/^1 run of about 1m10s,/);
});

test('by hand: a number of requests takes as long as its rate says', () => {
  const run = { requests: '300', warmup: '0', drain: '0' };
  expect(text({ ...run, rate: '10/s' }, { ...run, rate: '5/s' })).toBe(
    '2 runs of 30s to 1m each: about 1m30s',
  );
});

test('in closed loop nobody knows how long a number of requests takes', () => {
  const run = { requests: '300', warmup: '0' };
  expect(
    sweepTime([loadOf({ ...run, concurrency: '1' }), loadOf({ ...run, concurrency: '4' })]).each,
  ).toBeNull();
  expect(text({ ...run, concurrency: '1' })).toMatch(/depends on the endpoint/);
});

test('a search says its usual and its longest time; the usual one only where it was studied', () => {
  expect(searchTimeText({ budget_s: 1800, width: 0.1 })).toMatch(/about 24m, and at most about 30m/);
  expect(searchTimeText({ budget_s: 1800, width: 0.05 })).toMatch(/up to about 30m/);
  expect(searchTimeText({ budget_s: 600, width: 0.1 })).toMatch(/up to about 10m/);
});
