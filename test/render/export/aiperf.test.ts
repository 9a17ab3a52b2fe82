import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderAiperf } from '../../../src/render/export/aiperf.ts';
import type { Sample } from '../../../src/sample.ts';
import { headerOf, seconds } from '../../analysis/headers.ts';
import { failed, requests } from '../../analysis/run.ts';
import { sampleOf } from '../../metrics/samples.ts';
import { scoredRun } from './runs.ts';

type Metric = Record<string, number | string>;
type Document = Record<string, Metric | undefined>;

const documentOf = async (...args: Parameters<typeof scoredRun>): Promise<Document> =>
  JSON.parse(await renderAiperf([await scoredRun(...args)])) as Document;

/** `profile_export_aiperf.json` of AIPerf 0.13.0, and from its `profile_export.jsonl` the facts about each request. */
const peer = JSON.parse(readFileSync(join(import.meta.dirname, 'peers', 'aiperf.json'), 'utf8')) as {
  export: Document & { start_time: string; end_time: string };
  requests: { start_ns: string; ttft_ms: number; gaps_ms: number[]; input: number; output: number }[];
};

/** The start of the file's observation, in milliseconds since 1970; its times are in UTC. */
const START_MS = Date.parse(`${peer.export.start_time.slice(0, 23)}Z`);
const usOf = (iso: string): number => (Date.parse(`${iso.slice(0, 23)}Z`) - START_MS) * 1000;

function samples(): Sample[] {
  const made = peer.requests.map(({ start_ns, ttft_ms, gaps_ms, input, output }, i) => {
    const sent_us = Math.round(Number(BigInt(start_ns) - BigInt(START_MS) * 1_000_000n) / 1000);
    const events_us = [sent_us + Math.round(ttft_ms * 1000), ...gaps_ms.map((ms) => Math.round(ms * 1000))];
    const ended_us = events_us.reduce((sum, step) => sum + step, 0);
    return sampleOf({
      i,
      planned_us: sent_us,
      sent_us,
      ended_us,
      events_us,
      answer: 0,
      tokens_from: 'usage',
      input_tokens: input,
      output_tokens: output,
    });
  });
  // AIPerf observes until its last worker has finished.
  const last = made.toSorted((a, b) => a.ended_us - b.ended_us).at(-1)!;
  last.ended_us = usOf(peer.export.end_time);
  return made;
}

/** Keys that need what goodput does not record: HTTP phases, series over time, tokens by a tokenizer of its own, its settings. */
const OTHERS =
  /^(http_req_|effective_|active_|tokens_in_flight|credit_|usage_|total_usage_|osl_mismatch_|aiperf_version|run_info|input_config|benchmark_id|start_time|end_time|telemetry_data)/;

describe('the export of AIPerf', () => {
  test('has the keys and figures that AIPerf itself wrote for the same requests', async () => {
    const header = headerOf({
      origin: { epoch_ms: START_MS, monotonic_ns: '0' },
      load: {
        loop: 'closed',
        arrivals: null,
        rate_rps: null,
        concurrency: 2,
        requests: 20,
        duration_s: null,
      },
      window: seconds(0, 20),
    });
    const document = await documentOf(samples(), { header });
    const keys = Object.keys(peer.export).filter((key) => !OTHERS.test(key));
    expect(keys.length).toBeGreaterThan(25);
    const far: unknown[] = [];
    for (const key of keys) {
      const [theirs, ours] = [peer.export[key]!, document[key]];
      if (typeof theirs !== 'object') {
        if (theirs !== ours) far.push([key, theirs, ours]);
        continue;
      }
      for (const [figure, value] of Object.entries(theirs)) {
        const found = ours?.[figure];
        // Instants are rounded to microseconds.
        const isNear =
          typeof value === 'number' && typeof found === 'number'
            ? Math.abs(found - value) <= 1e-3 + 5e-5 * Math.abs(value)
            : value === found;
        if (!isNear) far.push([key, figure, value, found]);
      }
    }
    expect(far).toEqual([]);
    expect(document['start_time']).toBe(new Date(START_MS).toISOString());
  });

  test('figures are over the successes, error rate and goodput over all requests that ended', async () => {
    const run = requests(6, (i) => {
      if (i === 4) return failed('http_error', { status: 500, error: { message: 'no' } });
      if (i === 5) return failed('aborted');
      return i === 0 ? { reasoning_tokens: 1, events_us: [50_000, 40_000], ended_us: 90_000 } : {};
    });
    const document = await documentOf(run, { limits: { ttft: 50, tpot: 30 } });
    expect(document).toMatchObject({
      request_count: { avg: 4 },
      completed_request_count: { avg: 5 },
      error_request_count: { avg: 1 },
      request_error_rate: { unit: '%', avg: 20 },
      good_request_count: { avg: 3 },
      good_request_fraction: { avg: 0.6 },
      inter_token_latency: { count: 4, min: 20, max: 40, avg: 25, sum: 100 },
      output_token_count: { sum: 7 },
      reasoning_token_count: { count: 1 },
      total_osl: { avg: 8 },
      // From the first send at 0 to the last event at 0.37 s.
      benchmark_duration: { unit: 'sec', avg: 0.37 },
      error_summary: [{ error_details: { code: 500, type: 'http_error', message: 'no' }, count: 1 }],
      was_cancelled: false,
      is_complete: true,
    });
    // From 0 to the end of the failure at 0.47 s.
    expect(document['request_throughput']!['avg']).toBeCloseTo(4 / 0.47, 9);
    expect(document['goodput']!['avg']).toBeCloseTo(3 / 0.47, 9);
  });

  test('a figure without a value is absent', async () => {
    const document = await documentOf(
      requests(2, (i) => (i === 0 ? {} : { tokens_from: 'events', words: 10, output_tokens: null })),
      { limits: { max_gap: 1 } },
    );
    // One request has no token count, so that no total is known; AIPerf has no limit on stalls.
    for (const key of ['total_osl', 'output_token_throughput', 'total_token_throughput', 'goodput'])
      expect(document).not.toHaveProperty(key);
    expect(document).toMatchObject({ output_sequence_length: { count: 1 }, total_isl: { avg: 20 } });
    const none = await documentOf([]);
    expect(none).toMatchObject({ request_count: { avg: 0 }, completed_request_count: { avg: 0 } });
    for (const key of ['request_throughput', 'request_error_rate', 'start_time', 'time_to_first_token'])
      expect(none).not.toHaveProperty(key);
  });

  test('several runs are a list, and a simulated one says so first', async () => {
    const header = headerOf({
      endpoint: { url: 'simulated', api: 'chat', model: null, simulated: true, said: {} },
    });
    const simulated = await scoredRun(requests(1), { header });
    expect(await renderAiperf([simulated])).toMatch(/^\{\n {2}"simulated": true,/);
    const both = JSON.parse(await renderAiperf([simulated, await scoredRun([])])) as Document[];
    expect(both.map((each) => 'simulated' in each)).toEqual([true, false]);
  });
});
