/** @module-tag timed */
import { expect, test } from 'vitest';
import { watchThread } from '../../src/health/thread-watch.ts';
import { sleep, stall } from '../load/support.ts';

// Bounds are from below, or beside one another: the machine may add stalls of its own.

test('a stall within the window counts completely', async () => {
  const watch = watchThread();
  watch.begin(0);
  await sleep(30);
  stall(150);
  await sleep(30);
  watch.end(0);
  const health = watch.close();
  expect(health.event_loop_delay_max_ms).toBeGreaterThan(130);
  expect(health.event_loop_utilization).toBeGreaterThan(0.3);
});

test('a stall across the edge of the window counts, one before or after it does not', async () => {
  const edge = watchThread();
  edge.begin(0);
  await sleep(30);
  const stalled = performance.now();
  stall(150);
  // The call-back that ends the stretch 20 ms into the stall comes only after it.
  edge.end(performance.now() - stalled - 20);
  await sleep(30);
  expect(edge.close().event_loop_delay_max_ms).toBeGreaterThan(130);

  const outside = watchThread();
  await sleep(30);
  stall(400);
  await sleep(30);
  outside.begin(0);
  await sleep(30);
  outside.end(0);
  await sleep(30);
  stall(500);
  await sleep(30);
  const health = outside.close();
  expect(health.drain_delay_max_ms).toBeGreaterThan(480);
  expect(health.event_loop_delay_max_ms).toBeLessThan(300);
});

test('repeated stalls are in the percentiles', async () => {
  const watch = watchThread();
  watch.begin(0);
  for (let k = 0; k < 16; k++) {
    await sleep(20);
    stall(40);
  }
  watch.end(0);
  const health = watch.close();
  // Two thirds of the time blocked: half of all instants are followed by more than 10 ms, 5 % by more than 37 ms.
  expect(health.event_loop_delay_p50_ms).toBeGreaterThan(5);
  expect(health.event_loop_delay_p95_ms).toBeGreaterThan(25);
});

test('a late start of the window counts the stall that delayed it', async () => {
  const watch = watchThread();
  await sleep(30);
  const due = performance.now() + 20;
  stall(200);
  watch.begin(performance.now() - due);
  await sleep(30);
  watch.end(0);
  expect(watch.close().event_loop_delay_max_ms).toBeGreaterThan(180);
});

test('a garbage collection counts at its own instant, even if it is reported late', async () => {
  const litter = (): void => {
    const kept: object[] = [];
    for (let k = 0; k < 3_000_000; k++) kept.push({ k });
  };
  const before = watchThread();
  litter();
  await sleep(5);
  before.begin(0);
  before.end(0);
  expect(before.close().gc_pauses_ms).toBe(0);

  const within = watchThread();
  within.begin(0);
  litter();
  within.end(0);
  await sleep(5);
  const { gc_pauses_ms, gc_pause_max_ms } = within.close();
  expect(gc_pauses_ms).toBeGreaterThan(0);
  expect(gc_pause_max_ms).toBeGreaterThan(0);
  expect(gc_pause_max_ms!).toBeLessThanOrEqual(gc_pauses_ms!);
});

test('the figures so far are those of the window, and stay after it', async () => {
  const watch = watchThread();
  await sleep(30);
  expect(watch.soFar()).toBeNull();
  watch.begin(0);
  await sleep(30);
  stall(150);
  await sleep(30);
  const within = watch.soFar()!;
  expect(within.delay_max_ms).toBeGreaterThan(130);
  expect(within.busy_share).toBeGreaterThan(0.3);
  expect(within.over_s).toBeGreaterThan(0.2);
  watch.end(0);
  await sleep(30);
  const after = watch.soFar()!;
  const { event_loop_delay_max_ms, drain_delay_max_ms, event_loop_utilization } = watch.close();
  expect(after.busy_share).toBe(event_loop_utilization);
  expect(after.delay_max_ms).toBeGreaterThanOrEqual(within.delay_max_ms);
  expect(after.delay_max_ms).toBeLessThanOrEqual(Math.max(event_loop_delay_max_ms, drain_delay_max_ms!));
});
