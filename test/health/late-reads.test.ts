import { expect, test } from 'vitest';
import { LateReads } from '../../src/health/late-reads.ts';

test('reads that the loop waited for are on time', () => {
  const late = new LateReads();
  for (let k = 0; k < 100; k++) late.add({ for_us: 500, since_us: 0, shared: 30, own_us: [] });
  expect(late.p99_ms()).toBe(0);
});

test('reads that were ready arrived at any instant since the loop last asked', () => {
  const late = new LateReads();
  for (let k = 0; k < 1000; k++) late.add({ for_us: 10_000, since_us: 10_000, shared: 30, own_us: [] });
  // Uniform between 0 and 10 ms: the p99 is 9.9 ms, ± 0.02 by chance.
  expect(late.p99_ms()).toBeGreaterThan(9.8);
  expect(late.p99_ms()).toBeLessThanOrEqual(10.01);
});

test('a read with a stamp of its own is later by the time since the first', () => {
  const late = new LateReads();
  const own_us = Array.from({ length: 300 }, (_, k) => k * 100);
  late.add({ for_us: 30_000, since_us: 0, shared: 0, own_us });
  // The 297th of 300 by nearest rank, to three digits.
  expect(Math.abs(late.p99_ms()! - 29.6)).toBeLessThan(0.03);
});

test('a few reads have no p99', () => {
  const late = new LateReads();
  late.add({ for_us: 0, since_us: 900, shared: 298, own_us: [] });
  expect(late.p99_ms()).toBeNull();
  late.add({ for_us: 0, since_us: 0, shared: 0, own_us: [0] });
  expect(late.p99_ms()).not.toBeNull();
});
