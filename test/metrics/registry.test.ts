import { expect, test } from 'vitest';
import { DEFAULT_DECIDING } from '../../src/compare/figures.ts';
import { type Metric, METRICS, metricNamed } from '../../src/metrics/registry.ts';
import { nameOf } from '../../src/slo/deciding.ts';

/** The tables of the definitions, written down independently: name, unit and better direction. */
const TABLE: Record<string, Record<string, string>> = {
  request: {
    ttft: 'ms lower',
    ttft_sent: 'ms lower',
    ttfa: 'ms lower',
    e2e: 'ms lower',
    e2e_sent: 'ms lower',
    tpot: 'ms lower',
    ntpot: 'ms lower',
    max_gap: 'ms lower',
    user_tps: 'tok/s higher',
    on_time_share: 'ratio higher',
    dispatch_lag: 'ms lower',
    queue_wait: 'ms lower',
    send_lag: 'ms lower',
    connect: 'ms lower',
  },
  pooled: { itl: 'ms lower', chunk_gap: 'ms lower' },
  run: {
    offered_rps: 'req/s null',
    sent_rps: 'req/s null',
    rps: 'req/s higher',
    rpm: 'req/min higher',
    output_tps: 'tok/s higher',
    input_tps: 'tok/s higher',
    total_tps: 'tok/s higher',
    goodput_rps: 'req/s higher',
    goodput_rpm: 'req/min higher',
    goodput_tps: 'tok/s higher',
    error_rate: 'ratio lower',
    attainment: 'ratio higher',
    concurrency: 'requests null',
    max_concurrency: 'requests null',
    little: 'ratio null',
    mfu: 'ratio higher',
    mfu_prefill: 'ratio higher',
    mfu_decode: 'ratio higher',
    mbu: 'ratio higher',
    cost_per_1m_output: 'currency lower',
    cost_per_1m_total: 'currency lower',
    cost_per_request: 'currency lower',
    cost_per_good_request: 'currency lower',
    energy_per_output_token: 'J lower',
    energy_per_request: 'J lower',
    energy_per_good_request: 'J lower',
  },
};

test('declares every metric once, with its kind, unit and better direction', () => {
  const declared: typeof TABLE = { request: {}, pooled: {}, run: {} };
  for (const metric of METRICS) declared[metric.kind]![metric.name] = `${metric.unit} ${metric.better}`;
  expect(declared).toEqual(TABLE);
  expect(new Set(METRICS.map((metric) => metric.name)).size).toBe(METRICS.length);
  expect(new Set(METRICS.map((metric) => metric.label)).size).toBe(METRICS.length);
});

test('failures hide the percentiles of exactly the latencies that a failed request lacks', () => {
  const hidden = METRICS.filter((metric) => metric.isHiddenByFailures).map((metric) => metric.name);
  expect(hidden.sort()).toEqual(['e2e', 'e2e_sent', 'max_gap', 'ntpot', 'tpot', 'ttfa', 'ttft', 'ttft_sent']);
});

test('shares are ratios of a part to its whole, which `little` is not', () => {
  const shares = METRICS.filter((metric) => metric.isShare);
  expect(shares.map((metric) => metric.name).sort()).toEqual([
    'attainment',
    'error_rate',
    'mbu',
    'mfu',
    'mfu_decode',
    'mfu_prefill',
    'on_time_share',
  ]);
  expect(shares.every((metric) => metric.unit === 'ratio')).toBe(true);
});

/** Returns the names of the metrics with a column that is neither null nor false. */
const namesWith = (column: keyof Metric): string[] =>
  METRICS.filter((metric) => ![null, false].includes(metric[column] as null)).map(({ name }) => name);

test('a series exists for exactly the figures that have an interval', () => {
  expect(Object.fromEntries(namesWith('series').map((name) => [name, metricNamed(name)!.series]))).toEqual({
    ttft: 'values',
    e2e: 'values',
    tpot: 'values',
    rps: 'slices',
    rpm: 'slices',
    output_tps: 'slices',
    goodput_rps: 'slices',
    goodput_rpm: 'slices',
    error_rate: 'failed',
    attainment: 'good',
  });
});

test('a figure per minute is that of a sliced rate of the registry', () => {
  const perMinute = namesWith('perMinuteOf').map((name) => metricNamed(name)!);
  expect(perMinute.map(({ name }) => name)).toEqual(['rpm', 'goodput_rpm']);
  for (const { perMinuteOf, unit } of perMinute)
    expect([unit, metricNamed(perMinuteOf!)]).toMatchObject(['req/min', { unit: 'req/s', series: 'slices' }]);
});

test('delays of the client and counts of good requests are marked', () => {
  expect(namesWith('isClientDelay')).toEqual(['dispatch_lag', 'queue_wait', 'send_lag', 'connect']);
  expect(namesWith('countsGood')).toEqual([
    'goodput_rps',
    'goodput_rpm',
    'goodput_tps',
    'attainment',
    'cost_per_good_request',
    'energy_per_good_request',
  ]);
});

test('the figures that decide a comparison are attainment, the means of TTFT and TPOT, and TTFT p95, in this order', () => {
  expect(DEFAULT_DECIDING.map(nameOf)).toEqual(['attainment', 'ttft mean', 'tpot mean', 'ttft p95']);
});

test('finds a metric by its exact name', () => {
  for (const metric of METRICS) expect(metricNamed(metric.name)).toBe(metric);
  expect(metricNamed('TTFT')).toBeUndefined();
  expect(metricNamed('capacity')).toBeUndefined();
});
