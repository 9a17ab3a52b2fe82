import { expect, test } from 'vitest';
import { LoopDelays, untilNextCheck } from '../../src/health/loop-delays.ts';

/** Checks a loop that is blocked for the first `block` ms of every `every` ms, from 0 to `to` ms. */
function checksOf(block: number, every: number, to: number): LoopDelays {
  const delays = new LoopDelays();
  for (let at = 0; at < to;) {
    const due = at + untilNextCheck();
    const phase = due % every;
    at = phase < block ? due + block - phase : due;
    delays.expect(due);
    expect(delays.check(at)).toBe(at - due);
  }
  return delays;
}

function late(delays: LoopDelays, at: number, by: number): void {
  delays.expect(at - by);
  delays.check(at);
}

/** Returns a percentile by its closed form: a share (block − x) ÷ every of the instants waits for longer than x, and the percentile is the x at which this is 1 − p. */
const exact = (p: number, block: number, every: number): number => Math.max(0, block - (1 - p) * every);

test.each([
  [20, 100],
  [20, 1000],
  [5, 100],
  [50, 250],
  [300, 1000],
  // A block that is as long and as frequent as the time between two checks: checks with this fixed period would see all of the blocks or none.
  [4, 20],
  [60, 100],
])('blocked for %d of every %d ms: the percentiles of a random instant', (block, every) => {
  const { p50, p95, p99 } = checksOf(block, every, 1_000_000).percentiles(0, 1_000_000);
  // Timers count whole milliseconds, and less than one is no delay. Of a percentile the sampling error is far below another one.
  for (const [found, p] of [
    [p50, 0.5],
    [p95, 0.95],
    [p99, 0.99],
  ] as const)
    expect(Math.abs(found! - exact(p, block, every))).toBeLessThan(1 + 0.05 * block);
});

test('a single pause of any length is in no percentile; two are', () => {
  const delays = new LoopDelays();
  late(delays, 2000, 400);
  expect(delays.percentiles(0, 4000)).toEqual({ p50: 0, p95: 0, p99: 0 });
  late(delays, 3000, 200);
  // 400 checks, of which 200 ms held back 20: 200, 190, …, 10. The nearest rank of p95 has 20 above it, that of p99 4.
  expect(delays.percentiles(0, 4000)).toEqual({ p50: 0, p95: 0, p99: 160 });
  late(delays, 3500, 200);
  expect(delays.percentiles(0, 4000)).toEqual({ p50: 0, p95: 100, p99: 180 });
});

test('delays outside the window do not count, delays that overlap it do', () => {
  const delays = new LoopDelays();
  for (const at of [900, 999, 1050, 5020, 5051]) late(delays, at, 50);
  const all = delays.percentiles(0, 10_000);
  // 1000 checks, and five delays of which one is left out: four each of 50, 40, 30, 20 and 10 ms.
  expect(all.p99).toBe(30);
  // 1050 and 5020 lie in it or reach into it; one of them is left out, as the longest.
  expect(delays.percentiles(1000, 5000).p99).toBe(10);
});

test('too few checks have no percentile', () => {
  const delays = new LoopDelays();
  expect(delays.percentiles(0, 580)).toEqual({ p50: null, p95: null, p99: null });
  expect(delays.percentiles(0, 590)).toEqual({ p50: 0, p95: 0, p99: null });
  expect(delays.percentiles(0, 2990)).toEqual({ p50: 0, p95: 0, p99: 0 });
});

test('time in which sockets were read does not count as a delay, after the instant at which the check was due', () => {
  const delays = new LoopDelays();
  late(delays, 500, 100);
  delays.expect(1000);
  // Before it was due; over that instant, by 30 ms; and another client in the same turn of the loop.
  delays.read(990, 40);
  delays.read(1030, 35);
  delays.read(1030, 20);
  delays.read(1035, 10);
  expect(delays.check(1095)).toBe(95);
  // 60 ms are left: 60, 50, …, 10 of 400 checks, the longest left out.
  expect(delays.percentiles(0, 4000).p99).toBe(20);
});
