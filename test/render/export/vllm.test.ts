import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { renderVllm } from '../../../src/render/export/vllm.ts';
import type { Sample } from '../../../src/sample.ts';
import { headerOf, seconds } from '../../analysis/headers.ts';
import { failed, requests } from '../../analysis/run.ts';
import { sampleOf } from '../../metrics/samples.ts';
import { scoredRun } from './runs.ts';

type Result = Record<string, number | string | null>;

const resultOf = async (...args: Parameters<typeof scoredRun>): Promise<Result> =>
  JSON.parse(await renderVllm([await scoredRun(...args)])) as Result;

/** Result of `vllm bench serve --save-result --save-detailed --metric-percentiles 50,99`, rounded to microseconds by 'rounded'. */
interface Recorded extends Record<string, unknown> {
  duration: number;
  start_times: number[];
  ttfts: number[];
  itls: number[][];
  input_lens: number[];
  output_lens: number[];
}

const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'peers', 'vllm.json'), 'utf8'),
) as Recorded;

/** The requests of a result of vLLM, as goodput would have recorded them. */
function samplesOf({ start_times, ttfts, itls, input_lens, output_lens }: Recorded): Sample[] {
  const first = Math.min(...start_times);
  const us = (s: number): number => Math.round(s * 1e6);
  return start_times.map((start, i) => {
    const sent_us = us(start - first);
    const events_us = [sent_us + us(ttfts[i]!), ...itls[i]!.map(us)];
    const ended_us = events_us.reduce((sum, step) => sum + step, 0);
    return sampleOf({
      i,
      planned_us: sent_us,
      sent_us,
      ended_us,
      events_us,
      tokens_from: 'usage',
      input_tokens: input_lens[i],
      output_tokens: output_lens[i],
    });
  });
}

describe('the result of vLLM', () => {
  test('has the keys and figures that vLLM itself wrote for the same requests', async () => {
    const header = headerOf({
      endpoint: { url: 'http://127.0.0.1/v1', api: 'chat', model: 'truth', simulated: false, said: {} },
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
    const result = await resultOf(samplesOf(recorded), { header });
    // Per request, only with --save-detailed; the time of the run and the tokenizer are the tool's own.
    const others = [
      'input_lens',
      'output_lens',
      'ttfts',
      'itls',
      'latencies',
      'start_times',
      'queue_times',
    ].concat(['generated_texts', 'errors', 'date', 'tokenizer_id', 'label']);
    const keys = Object.keys(recorded).filter((key) => !others.includes(key));
    expect(keys.length).toBeGreaterThan(35);
    const far = keys.flatMap((key) => {
      const [theirs, ours] = [recorded[key], result[key]];
      if (typeof theirs !== 'number' || typeof ours !== 'number')
        return theirs === ours ? [] : [[key, theirs, ours]];
      // Instants are rounded to microseconds, and vLLM's clock starts 0.3 ms before the first request.
      return Math.abs(ours - theirs) <= 1e-4 * Math.abs(theirs) ? [] : [[key, theirs, ours]];
    });
    expect(far).toEqual([]);
    for (const key of ['date', 'tokenizer_id', 'label']) expect(result).toHaveProperty(key);
  });

  test('measures from the send, over the successes of the cohort', async () => {
    // TTFT 50 ms from the plan; half are sent 10 ms late. The warm-up, a failure and a request that goodput cut off do not count.
    const samples = requests(6, (i) => {
      if (i === 4) return failed('http_error', { status: 500 });
      if (i === 5) return failed('aborted');
      return i % 2 === 0 ? { sent_us: i * 100_000 + 10_000 } : {};
    });
    const result = await resultOf(samples, { header: headerOf({ window: seconds(0.1, 60) }) });
    expect(result).toMatchObject({
      num_prompts: 4,
      completed: 3,
      failed: 1,
      total_input_tokens: 30,
      total_output_tokens: 6,
      request_rate: 5,
      burstiness: 1,
      max_concurrency: null,
      // From the start of W to the end of the failure at 0.47 s.
      duration: 0.37,
      mean_tpot_ms: 20,
      std_itl_ms: 0,
      median_ttft_ms: 50,
      p99_e2el_ms: 70,
    });
    expect(result['mean_ttft_ms']).toBeCloseTo((50 + 40 + 50) / 3, 9);
    expect(result['std_ttft_ms']).toBeCloseTo(Math.sqrt(200 / 9), 9);
    expect(result['request_throughput']).toBeCloseTo(3 / 0.37, 9);
  });

  test.each([
    [{ ttft: 45 }, 1 / 0.47],
    [{ ttft: 60, tpot: 20, e2e: 65 }, 1 / 0.47],
    [{ ttft: 60, max_gap: 1 }, null],
    [{}, null],
  ])(
    'goodput by %j is by its own definitions, or null for a limit that it does not have',
    async (limits, expected) => {
      const samples = requests(5, (i) => (i === 2 ? { sent_us: i * 100_000 + 10_000 } : {}));
      const result = await resultOf(samples, { limits });
      expect(result['duration']).toBeCloseTo(0.47, 9);
      if (expected === null) expect(result['request_goodput']).toBeNull();
      else expect(result['request_goodput']).toBeCloseTo(expected, 9);
    },
  );

  test('without a success, figures are null instead of 0 ms', async () => {
    const result = await resultOf(requests(2, () => failed('timeout')));
    expect(result).toMatchObject({
      completed: 0,
      failed: 2,
      request_throughput: 0,
      mean_ttft_ms: null,
      p99_itl_ms: null,
    });
    expect(await resultOf([])).toMatchObject({ num_prompts: 0, duration: 0, request_throughput: null });
  });

  test('unknown token counts make no throughput', async () => {
    const result = await resultOf(
      requests(2, () => ({ tokens_from: 'events', words: 10, output_tokens: null, input_tokens: null })),
    );
    expect(result).toMatchObject({ total_input_tokens: null, output_throughput: null, mean_tpot_ms: null });
    expect(result['mean_itl_ms']).toBe(20);
  });

  test('several runs are lines, and a simulated one says so first', async () => {
    const simulated = headerOf({
      endpoint: { url: 'simulated', api: 'responses', model: null, simulated: true, said: {} },
    });
    const text = await renderVllm([await scoredRun(requests(1), { header: simulated }), await scoredRun([])]);
    expect(text).toMatch(/^\{"simulated":true,.*\}\n\{"goodput_version":.*\}\n$/);
    expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({ backend: 'responses', run_id: 'id' });
  });
});
