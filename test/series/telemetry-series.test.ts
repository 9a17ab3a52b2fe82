import { expect, test } from 'vitest';
import type { Scrape } from '../../src/record/telemetry.ts';
import { Bins } from '../../src/series/bins.ts';
import { telemetrySeries } from '../../src/series/telemetry-series.ts';

const scrape = (at_s: number, values: Scrape['values'], target = 'http://a/metrics'): Scrape => ({
  target,
  sentUs: at_s * 1e6 - 1000,
  receivedUs: at_s * 1e6,
  values,
  error: null,
});

/** Six bins of 1 s from the origin. */
const BINS = new Bins(0, 1e6, 6);

test('a gauge has the latest scrape up to the end of each bin, and nothing after the last', () => {
  const waiting = (value: number) => ({ 'vllm:num_requests_waiting': value });
  const series = telemetrySeries(
    [scrape(-0.5, waiting(0)), scrape(1.5, waiting(4)), scrape(1.9, waiting(5)), scrape(3.2, waiting(1))],
    BINS,
  )!;
  expect(series.waiting).toEqual([0, 5, 5, 1, null, null]);
  expect(series.running.every((value) => value === null)).toBe(true);
});

test('preemptions are those of each bin, and hits are a share of the input since the scrape before', () => {
  const counters = (preemptions: number, hits: number, queries: number) => ({
    'vllm:num_preemptions_total': preemptions,
    'vllm:prefix_cache_hits_total': hits,
    'vllm:prefix_cache_queries_total': queries,
  });
  const series = telemetrySeries(
    [
      scrape(-1, counters(7, 100, 1000)),
      scrape(0.5, counters(7, 150, 1100)),
      scrape(2.5, counters(10, 150, 1300)),
      scrape(4, counters(10, 150, 1300)),
    ],
    BINS,
  )!;
  expect(series.preemptions).toEqual([0, 0, 3, 0, 0, 0]);
  // No input after 2.5 s: no share.
  expect(series.hit_share).toEqual([0.5, 0.5, 0, null, null, null]);
});

test('power adds up over devices and targets, and the share of busy time is averaged', () => {
  const device = (index: number, watt: number, busy: number) => ({
    [`DCGM_FI_DEV_POWER_USAGE{gpu="${index}"}`]: watt,
    [`DCGM_FI_DEV_GPU_UTIL{gpu="${index}"}`]: busy,
  });
  const series = telemetrySeries(
    [scrape(0.2, device(0, 300, 100)), scrape(0.6, device(1, 100, 50), 'http://b/metrics')],
    BINS,
  )!;
  expect(series.power_watt[0]).toBe(400);
  expect(series.busy[0]).toBe(0.75);
});

test('targets without a figure that is drawn have no series', () => {
  expect(telemetrySeries([scrape(1, { other: 1 }), scrape(2, null)], BINS)).toBeNull();
});
