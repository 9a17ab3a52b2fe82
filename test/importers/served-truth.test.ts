import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { importFiles, samplesIn, removeScratch } from './importing.ts';
import { FIXTURES, mean, nearestRank } from './truth.ts';

removeScratch();

/** A request in the log of `goodput serve`. */
interface Served {
  arrived_us: number;
  written_us?: number[];
  tokens?: number[];
  status: number;
  end: string;
  output: number;
  prompt: number;
}

const served = (tool: string): Served[] =>
  readFileSync(join(FIXTURES, tool, 'truth.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Served & { api?: string })
    .filter(({ api }) => api === 'chat')
    .toSorted((a, b) => a.arrived_us - b.arrived_us);

const instants = ({ written_us = [] }: Served): number[] => {
  let at = 0;
  return written_us.map((step) => (at += step));
};
const ttft = (each: Served): number => (instants(each)[0]! - each.arrived_us) / 1000;
const e2e = (each: Served): number => (instants(each).at(-1)! - each.arrived_us) / 1000;

/** The client adds at most this to a latency, in ms: these files were recorded on a busy machine. */
const CLIENT_MS = { ttft: 80, e2e: 80 };

test('SGLang: successes, refusals and a broken stream agree with the log of the server', async () => {
  const score = await importFiles('sglang', [join(FIXTURES, 'sglang', 'result.jsonl')]);
  const { report } = score;
  const all = served('sglang');
  const complete = all.filter(({ end }) => end === 'complete');
  expect(report.counts).toMatchObject({
    cohort: all.length,
    ok: complete.length,
    failed: all.length - complete.length,
    outcomes: {
      ok: complete.length,
      rate_limited: all.filter(({ status }) => status === 429).length,
      stream_truncated: all.filter(({ status, end }) => status === 200 && end !== 'complete').length,
    },
  });
  expect(report.rates.error_rate).toBeCloseTo((all.length - complete.length) / all.length, 12);
  expect(report.tokens.output.actual_mean).toBe(mean(complete.map(({ output }) => output)));
  expect(report.tokens.input.actual_mean).toBe(mean(all.map(({ prompt }) => prompt)));
  // 3 of 24 requests failed, so percentiles above 87.5 % have no value.
  expect(report.metrics['e2e']!.why.p90).toBe('failures');
  for (const percentile of ['p50', 'p75'] as const) {
    const p = Number(percentile.slice(1));
    const above = report.metrics['e2e']![percentile]! - nearestRank(complete.map(e2e), p);
    expect(above).toBeGreaterThan(0);
    expect(above).toBeLessThan(CLIENT_MS.e2e);
  }
  // The stream that broke had a first event too.
  const answered = all.filter((each) => instants(each).length > 0);
  expect(report.metrics['ttft']!.count).toBe(answered.length);
  expect(report.metrics['ttft']!.mean! - mean(answered.map(ttft))).toBeGreaterThan(0);
  expect(report.metrics['ttft']!.mean! - mean(answered.map(ttft))).toBeLessThan(CLIENT_MS.ttft);
  // Every chunk is an event; the tokens of the broken stream are unknown, and make no figure.
  const samples = await samplesIn(score);
  expect(samples.map(({ events_us }) => events_us.length).toSorted((a, b) => a - b)).toEqual(
    all.map((each) => instants(each).length).toSorted((a, b) => a - b),
  );
  expect(report.metrics['tpot']!.count).toBe(complete.length);
  expect(report.rates.rps).toBeNull();
  expect(report.imported!.lacks).toEqual(['planned', 'starts', 'ends', 'answer', 'connections']);
});

test('llmperf: latencies and tokens agree with the log of the server; failures are missing, and so is attainment', async () => {
  const file = join(FIXTURES, 'llmperf', 'truth_60_40_individual_responses.json');
  const { report, verdict } = await importFiles('llmperf', [file], {
    slo: 'ttft<=1s',
    gates: ['attainment >= 1%', 'error_rate <= 50%'],
  });
  const complete = served('llmperf').filter(({ status }) => status === 200);
  expect(served('llmperf').length).toBeGreaterThan(complete.length);
  expect(report.counts).toMatchObject({ cohort: complete.length, ok: complete.length, failed: 0 });
  expect(report.load).toMatchObject({ loop: 'closed', concurrency: 2 });
  for (const [name, truth] of [
    ['ttft', complete.map(ttft)],
    ['e2e', complete.map(e2e)],
  ] as const)
    for (const percentile of ['p50', 'p75', 'p90'] as const) {
      const above = report.metrics[name]![percentile]! - nearestRank(truth, Number(percentile.slice(1)));
      expect(above).toBeGreaterThan(0);
      expect(above).toBeLessThan(CLIENT_MS[name]);
    }
  expect(report.tokens.output.actual_mean).toBe(mean(complete.map(({ output }) => output)));
  expect(report.imported!.lacks).toContain('failures');
  expect(report.rates).toMatchObject({ attainment: null, error_rate: null });
  expect(report.slo!.attainment.value).toBeNull();
  expect(verdict.status).toBe('fail');
  expect(verdict.gates.map(({ value, pass }) => [value, pass])).toEqual([
    [null, false],
    [null, false],
  ]);
});
