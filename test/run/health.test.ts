import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { pausesSince, watchThread } from '../../src/run/health.ts';

/** Fills the young generation often enough for pauses that are far above the clock's grain. */
function makeGarbage(): number {
  const kept: { values: number[] }[] = [];
  for (let i = 0; i < 400_000; i++) kept.push({ values: [i, i + 1] });
  return kept.length;
}

it('leaves out the pauses that began before the stretch, however late they are reported', () => {
  const pauses = [
    { startTime: 90, duration: 15 },
    { startTime: 99.9, duration: 3 },
    { startTime: 100, duration: 2 },
    { startTime: 140, duration: 1 },
  ];
  expect(pausesSince(pauses, 100)).toEqual([2, 1]);
});

it('sees the pauses and the stall of a stretch', async () => {
  const watch = watchThread();
  await sleep(30);
  watch.begin();
  await sleep(30);
  makeGarbage();
  const until = performance.now() + 120;
  while (performance.now() < until);
  await sleep(30);
  const health = watch.end();
  expect(health.gc_pauses_ms).toBeGreaterThan(0);
  expect(health.gc_pause_max_ms).toBeLessThanOrEqual(health.gc_pauses_ms);
  // The monitor looks every 10 ms and counts what is beyond that.
  expect(health.event_loop_delay_max_ms).toBeGreaterThan(90);
  expect(health.event_loop_utilization).toBeGreaterThan(0);
});
