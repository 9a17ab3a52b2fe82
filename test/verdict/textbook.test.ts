import { expect, test } from 'vitest';
import { analyze } from '../../src/analysis/analyze.ts';
import { parseGate, parseSlo } from '../../src/slo/grammar.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import type { RunHeader } from '../../src/record/header.ts';
import { decodeSample } from '../../src/record/samples-jsonl.ts';
import type { Sample } from '../../src/sample.ts';
import { audit } from '../../src/verdict/audit.ts';
import { judge } from '../../src/verdict/judge.ts';
import { toSummary } from '../../src/verdict/summary.ts';
import type { Summary } from '../../src/verdict/summary.ts';

const HEADER: RunHeader = {
  schemaVersion: 1,
  version: '0.1.0',
  id: '01',
  name: 'textbook',
  started: '2026-01-02T03:04:05.000Z',
  origin: { epoch_ms: 0, monotonic_ns: '0' },
  scenario: {},
  seed: 1,
  environment: { node: '24', os: 'linux', cpu: 'x', cores: 2, memory_bytes: 1 },
  endpoint: { url: 'http://127.0.0.1:1/v1', api: 'chat', model: 'tiny', simulated: false, said: {} },
  load: {
    loop: 'open',
    arrivals: 'constant',
    rate_rps: 100 / 60,
    concurrency: null,
    max_concurrency: null,
    clock: 'planned',
    requests: null,
    warmup_s: 0,
    duration_s: 60,
  },
  window: { start_us: 0, end_us: 60_000_000 },
  phases: [],
  planned: 100,
  workers: [],
  main: null,
  process: null,
  host: null,
  probe: null,
  notes: [],
  status: 'complete',
  reason: null,
};

/** Returns a request with three tokens: the first after `ttft`, then one every `tpot` (ms). */
function request(i: number, ttft: number, tpot: number): Sample {
  const planned_us = i * 590_000;
  const events_us = [planned_us + ttft * 1000, tpot * 1000, tpot * 1000];
  const ended_us = events_us.reduce((sum, gap) => sum + gap, 0);
  return decodeSample(
    JSON.stringify({
      i,
      planned_us,
      sent_us: planned_us,
      events_us,
      answer: 0,
      ended_us,
      outcome: 'ok',
      output_tokens: 3,
      tokens_from: 'usage',
    }),
  );
}

/** 100 requests in a minute: 30 meet both limits exactly, 40 exceed one by a microsecond, 30 the other. */
const SAMPLES = Array.from({ length: 100 }, (_, i) =>
  request(i, i >= 60 ? 200.001 : 200, i >= 30 && i < 60 ? 100.001 : 100),
);

async function summaryOf(gates: readonly string[]): Promise<Summary> {
  const slo = parseSlo('ttft<=200ms, tpot<=0.1s');
  if (!slo.ok) throw new Error('unreadable SLO');
  const { report, values } = await analyze(HEADER, 'reports/textbook', SAMPLES, slo.value);
  const declared = gates.map((text) => {
    const gate = parseGate(text);
    if (!gate.ok) throw new Error(`unreadable gate ${text}`);
    return gate.value;
  });
  const audited = audit(report, values);
  return toSummary(report, audited, judge(report, values, audited, declared, { strict: true }));
}

test('100 requests per minute, of which 30 meet both limits, are a goodput of 30 per minute', async () => {
  const {
    verdict,
    rates,
    slo,
    audit: audited,
  } = await summaryOf(['goodput_rpm >= 30', 'goodput_rps >= 30/min', 'attainment >= 30%', 'error_rate <= 0']);
  expect(audited).toMatchObject({ status: 'valid', reasons: [] });
  expect(rates).toMatchObject({
    rpm: 100,
    goodput_rpm: 30,
    goodput_rps: 0.5,
    attainment: 0.3,
    error_rate: 0,
  });
  expect(slo!.limits).toEqual({ ttft: 200, tpot: 100 });
  expect(slo!.each).toMatchObject({ ttft: { met: 60, missed: 40 }, tpot: { met: 70, missed: 30 } });
  expect(verdict).toMatchObject({ status: 'pass', exitCode: 0 });
  expect(verdict.gates.map((gate) => gate.value)).toEqual([30, 0.5, 0.3, 0]);
});

test('a microsecond, a request or a missing metric beyond the limit fails', async () => {
  const { verdict } = await summaryOf([
    'ttft p60 <= 200ms',
    'ttft p61 <= 200ms',
    'ttft max <= 200.001ms',
    'goodput_rpm >= 30.0001',
    'attainment >= 30.0001%',
    'queue_wait max <= 1h',
    'tpot p99.9 <= 100.001ms',
  ]);
  expect(verdict).toMatchObject({ status: 'fail', exitCode: 99 });
  expect(verdict.gates.map(({ pass, uncertain }) => [pass, uncertain ?? false])).toEqual([
    [true, false],
    [false, false],
    [true, false],
    [false, false],
    [false, false],
    [false, false],
    [true, true],
  ]);
});

test('any metric of the registry can be gated, and the summary document has it', async () => {
  const gates = METRICS.map(({ name, kind, better, unit }) => {
    const limit = unit === 'ms' ? '0ms' : '0';
    return `${name} ${kind === 'run' ? '' : 'p50'} ${better === 'higher' ? '>=' : '<='} ${limit}`;
  });
  const { verdict, metrics, rates } = await summaryOf(gates);
  const missing = verdict.gates.filter((gate) => gate.value === null).map((gate) => gate.gate.split(' ')[0]);
  const stated = METRICS.filter(({ needsStated }) => needsStated !== null).map(({ name }) => name);
  expect(missing).toEqual(['queue_wait', 'connect', 'input_tps', 'total_tps', ...stated]);
  for (const { name } of METRICS) expect({ ...metrics, ...rates }).toHaveProperty(name);
});
