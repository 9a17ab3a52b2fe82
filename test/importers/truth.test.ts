import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/analysis/report.ts';
import { metricNamed, METRICS } from '../../src/metrics/registry.ts';
import {
  importFiles,
  recordedFile,
  recordedJson,
  type RecordedTool,
  samplesIn,
  removeScratch,
} from './importing.ts';
import { closedLoopRates, mean, nearestRank, servedRequests, spread, tokenGaps } from './truth.ts';

removeScratch();

/**
 * The most that a figure of the client is above that of the server, in ms: the time from the call of the HTTP client to the arrival of the
 * request, and from a write to its timestamp. They are differences between the tool's file and the server's log, which no importer can
 * change; the machine was busy when the files were recorded.
 */
const CLIENT_MS: Readonly<Record<RecordedTool, { ttft: number; e2e: number; tpot: number }>> = {
  vllm: { ttft: 40, e2e: 25, tpot: 0.25 },
  aiperf: { ttft: 32, e2e: 20, tpot: 0.45 },
  guidellm: { ttft: 195, e2e: 185, tpot: 0.2 },
  'inference-perf': { ttft: 10, e2e: 9, tpot: 0.05 },
  'genai-bench': { ttft: 95, e2e: 75, tpot: 0.3 },
};

const TOOLS = Object.keys(CLIENT_MS) as RecordedTool[];

const served = {
  ttft: (tool: RecordedTool) => servedRequests(tool).map(({ arrived, writes }) => writes[0]! - arrived),
  e2e: (tool: RecordedTool) => servedRequests(tool).map(({ arrived, writes }) => writes.at(-1)! - arrived),
  // 79 tokens follow the first.
  tpot: (tool: RecordedTool) => servedRequests(tool).map(({ writes }) => (writes.at(-1)! - writes[0]!) / 79),
};

const reports = new Map<RecordedTool, Report>();
for (const tool of TOOLS) reports.set(tool, (await importFiles(tool, [recordedFile(tool)])).report);

describe.each(TOOLS)('a file of %s agrees with the log of the server', (tool) => {
  const report = reports.get(tool)!;

  test('counts of requests and tokens', () => {
    expect(report.counts).toMatchObject({ cohort: 20, judged: 20, ok: 20, failed: 0, lost: 0 });
    expect(report.tokens.input.actual_mean).toBe(5);
    expect(report.tokens.output.actual_mean).toBe(80);
  });

  test.each(['ttft', 'e2e'] as const)(
    '%s: every percentile is above that of the server by the client',
    (name) => {
      const found = report.metrics[name]!;
      const truth = served[name](tool);
      expect(found.count).toBe(20);
      for (const percentile of ['p50', 'p75', 'p90', 'p95'] as const) {
        const above = found[percentile]! - nearestRank(truth, Number(percentile.slice(1)));
        expect(above).toBeGreaterThan(0);
        expect(above).toBeLessThan(CLIENT_MS[tool][name]);
      }
      expect(found.mean! - mean(truth)).toBeGreaterThan(0);
      expect(found.mean! - mean(truth)).toBeLessThan(CLIENT_MS[tool][name]);
    },
  );

  test('tpot: every percentile', () => {
    const found = report.metrics['tpot']!;
    const truth = served.tpot(tool);
    for (const percentile of ['p50', 'p75', 'p90', 'p95'] as const)
      expect(Math.abs(found[percentile]! - nearestRank(truth, Number(percentile.slice(1))))).toBeLessThan(
        CLIENT_MS[tool].tpot,
      );
  });

  test.runIf(report.metrics['itl']!.count > 0)('itl: count and mean', () => {
    const truth = tokenGaps(servedRequests(tool), spread);
    const found = report.metrics['itl']!;
    expect(found.count).toBe(truth.length);
    expect(Math.abs(found.mean! - mean(truth))).toBeLessThan(CLIENT_MS[tool].tpot);
  });

  test.runIf(report.rates.rps !== null)('rates over the window of a closed loop', () => {
    const truth = closedLoopRates(servedRequests(tool), 2);
    // The shares of the tokens of a chunk are estimated: at most 4 of 1,600 tokens per request in flight at the end.
    expect(report.rates.rps! / truth.rps).toBeCloseTo(1, 2);
    expect(Math.abs(report.rates.output_tps! / truth.output_tps - 1)).toBeLessThan(0.01);
    expect(Math.abs(report.rates.concurrency! / truth.concurrency - 1)).toBeLessThan(0.012);
    expect(report.rates.max_concurrency).toBe(2);
    expect(report.load).toMatchObject({ loop: 'closed', concurrency: 2, requests: 20 });
    expect(Math.abs(report.load.window_s / truth.window_s - 1)).toBeLessThan(0.005);
  });
});

/** Facts that the files do not hold, by the documentation of each tool. */
const LACKING: Readonly<Record<RecordedTool, readonly string[]>> = {
  vllm: ['planned', 'answer', 'connections'],
  aiperf: ['planned'],
  guidellm: ['planned', 'gaps', 'connections'],
  'inference-perf': ['planned', 'answer', 'connections'],
  'genai-bench': ['planned', 'starts', 'gaps', 'answer', 'connections'],
};

describe.each(TOOLS)('what a file of %s does not hold', (tool) => {
  const report = reports.get(tool)!;
  const lacks = LACKING[tool];
  const lacking = METRICS.filter(({ needsFacts }) => needsFacts.some((fact) => lacks.includes(fact)));

  test('is listed in run.json and in the notes', () => {
    expect(report.imported).toMatchObject({ tool, lacks });
    const note = report.notes.find(({ code }) => code === 'imported');
    for (const { name } of lacking) expect(note!.text).toContain(name);
  });

  test('is never made up: a figure that needs it has no value, and the reason "imported"', () => {
    expect(lacking.length).toBeGreaterThan(0);
    for (const { name, kind } of lacking) {
      if (kind === 'run') expect([name, report.rates[name as keyof Report['rates']]]).toEqual([name, null]);
      else
        expect(report.metrics[name]).toMatchObject({
          count: 0,
          mean: null,
          p50: null,
          why: { p50: 'imported' },
        });
    }
  });

  test('every other figure has a value', () => {
    for (const { name, kind, needsLimits, needsStated } of METRICS) {
      if (lacking.includes(metricNamed(name)!) || needsLimits.length > 0 || needsStated !== null) continue;
      // Two requests of the file of AIPerf opened a connection.
      if (kind === 'run')
        expect([name, report.rates[name as keyof Report['rates']]]).not.toEqual([name, null]);
      else expect([name, report.metrics[name]!.mean]).not.toEqual([name, null]);
    }
  });
});

test.each(['vllm', 'inference-perf'] as const)(
  'the instants of %s are of the clock of the server: no event before its write, none of another request',
  async (tool) => {
    const score = await importFiles(tool, [recordedFile(tool)]);
    const origin_ms = Number(BigInt(score.header.origin.monotonic_ns) / 1000n) / 1000;
    const samples = await samplesIn(score);
    for (const [k, { arrived, writes }] of servedRequests(tool).entries()) {
      const { sent_us, events_us } = samples[k]!;
      let at = origin_ms;
      const events = Array.from(events_us, (step) => (at += step / 1000));
      expect(events).toHaveLength(writes.length);
      expect(arrived - (origin_ms + sent_us! / 1000)).toBeGreaterThan(0);
      for (const [j, write] of writes.entries()) expect(events[j]! - write).toBeGreaterThan(0);
    }
  },
);

describe('the totals that the tool itself wrote', () => {
  const field = (value: unknown, ...path: string[]): number =>
    path.reduce<unknown>((from, key) => Reflect.get(from as object, key), value) as number;
  /** Times are recorded in whole microseconds. */
  const rounding_ms = 0.001;

  test('vLLM: means and standard deviations', async () => {
    const totals = await recordedJson('vllm');
    const { metrics } = reports.get('vllm')!;
    for (const [ours, theirs] of [
      ['ttft', 'ttft'],
      ['tpot', 'tpot'],
      ['e2e', 'e2el'],
    ] as const) {
      expect(Math.abs(metrics[ours]!.mean! - field(totals, `mean_${theirs}_ms`))).toBeLessThan(rounding_ms);
      expect(Math.abs(metrics[ours]!.stddev! - field(totals, `std_${theirs}_ms`))).toBeLessThan(rounding_ms);
    }
    // Its "ITL" is the gap between chunks.
    expect(Math.abs(metrics['chunk_gap']!.mean! - field(totals, 'mean_itl_ms'))).toBeLessThan(rounding_ms);
  });

  test('GuideLLM: means of TTFT and of the time per token after the first', async () => {
    const totals = field(await recordedJson('guidellm'), 'benchmarks', '0', 'metrics');
    const { metrics } = reports.get('guidellm')!;
    expect(metrics['ttft']!.mean).toBeCloseTo(
      field(totals, 'time_to_first_token_ms', 'successful', 'mean'),
      2,
    );
    expect(metrics['tpot']!.mean).toBeCloseTo(
      field(totals, 'inter_token_latency_ms', 'successful', 'mean'),
      2,
    );
  });

  test('AIPerf: TTFT without the time to open the connection, and gaps between chunks', async () => {
    const totals = await recordedJson('aiperf', 'profile_export_aiperf.json');
    const { metrics, rates } = reports.get('aiperf')!;
    const connecting = field(totals, 'http_req_connection_overhead', 'avg');
    expect(metrics['ttft']!.mean).toBeCloseTo(field(totals, 'time_to_first_token', 'avg') - connecting, 2);
    expect(metrics['tpot']!.mean).toBeCloseTo(field(totals, 'inter_token_latency', 'avg'), 2);
    expect(metrics['chunk_gap']!.mean).toBeCloseTo(field(totals, 'inter_chunk_latency', 'avg'), 2);
    expect(metrics['connect']).toMatchObject({ count: 2 });
    expect(rates.rps).toBeCloseTo(field(totals, 'request_throughput', 'avg'), 1);
  });

  test('inference-perf: TTFT and time per token after the first', async () => {
    const totals = field(
      await recordedJson('inference-perf', 'summary_lifecycle_metrics.json'),
      'successes',
      'latency',
    );
    const { metrics } = reports.get('inference-perf')!;
    expect(metrics['ttft']!.mean).toBeCloseTo(1000 * field(totals, 'time_to_first_token', 'mean'), 2);
    expect(metrics['tpot']!.mean).toBeCloseTo(1000 * field(totals, 'time_per_output_token', 'mean'), 2);
  });

  test('genai-bench: means of TTFT, TPOT and latency', async () => {
    const totals = field(await recordedJson('genai-bench'), 'aggregated_metrics', 'stats');
    const { metrics } = reports.get('genai-bench')!;
    expect(metrics['ttft']!.mean).toBeCloseTo(1000 * field(totals, 'ttft', 'mean'), 2);
    expect(metrics['tpot']!.mean).toBeCloseTo(1000 * field(totals, 'tpot', 'mean'), 2);
    expect(metrics['e2e']!.mean).toBeCloseTo(1000 * field(totals, 'e2e_latency', 'mean'), 2);
  });
});
