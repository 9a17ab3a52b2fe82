import { describe, expect, test } from 'vitest';
import { randomStream } from '../../src/random.ts';
import {
  importFiles,
  importValues,
  recordedFile,
  recordedJson,
  samplesIn,
  removeScratch,
} from './importing.ts';

removeScratch();

/** A result of vLLM with these requests. */
const vllm = (
  requests: readonly { ttft: number; itl: number[]; start?: number; error?: string; tokens?: number }[],
  more: object = {},
): object => ({
  date: '20260101-120000',
  backend: 'openai-chat',
  model_id: 'm',
  num_prompts: requests.length,
  request_rate: 'inf',
  max_concurrency: 2,
  request_throughput: 1,
  ttfts: requests.map(({ ttft }) => ttft),
  itls: requests.map(({ itl }) => itl),
  input_lens: requests.map(() => 7),
  output_lens: requests.map(({ itl, tokens }) => tokens ?? itl.length + 1),
  errors: requests.map(({ error }) => error ?? ''),
  ...(requests[0]?.start === undefined ? {} : { start_times: requests.map(({ start }) => start) }),
  ...more,
});

describe('vLLM', () => {
  test('instants of a request by hand', async () => {
    const score = await importValues('vllm', [
      vllm([
        { start: 100.5, ttft: 0.25, itl: [0.03, 0.05] },
        { start: 100, ttft: 0.1, itl: [] },
      ]),
    ]);
    const samples = await samplesIn(score);
    expect(samples).toMatchObject([
      { i: 0, sent_us: 0, ended_us: 100_000, events_us: [100_000], output_tokens: 1, outcome: 'ok' },
      { i: 1, sent_us: 500_000, ended_us: 830_000, events_us: [750_000, 30_000, 50_000], output_tokens: 3 },
    ]);
    expect(score.header.origin.monotonic_ns).toBe('100000000000');
    // Both slots were used once: the window is the only wave.
    expect(score.header.window).toEqual({ start_us: 0, end_us: 830_000 });
    expect(score.report.metrics['tpot']).toMatchObject({ count: 1, mean: 40 });
  });

  test('without start times: latencies, and no rate', async () => {
    const { report } = await importValues(
      'vllm',
      [
        vllm([
          { ttft: 0.1, itl: [0.02] },
          { ttft: 0.3, itl: [0.02] },
        ]),
      ],
      {
        slo: 'ttft<=200ms',
      },
    );
    expect(report.metrics['ttft']).toMatchObject({ count: 2, min: 100, max: 300 });
    expect(report.rates).toMatchObject({ rps: null, concurrency: null, attainment: 0.5, error_rate: 0 });
    expect(report.intervals).toMatchObject({ why: 'imported', metrics: {}, rates: {} });
  });

  test('failures by what the error says, and percentiles that they hide', async () => {
    const failed = (error: string) => ({ start: 0, ttft: 0, itl: [], error, tokens: 0 });
    const { report } = await importValues('vllm', [
      vllm([
        { start: 0, ttft: 0.1, itl: [0.02] },
        failed('Too Many Requests'),
        failed('Internal Server Error'),
        failed(
          'Traceback (most recent call last):\n  File "x"\naiohttp.client_exceptions.ClientConnectorError: Cannot connect to host',
        ),
        failed('Traceback (most recent call last):\n  File "x"\nasyncio.exceptions.TimeoutError'),
        { start: 0, ttft: 0.1, itl: [0.01], error: 'ClientPayloadError: Response payload is not completed' },
      ]),
    ]);
    expect(report.counts.outcomes).toEqual({
      ok: 1,
      rate_limited: 1,
      http_error: 1,
      connect: 1,
      timeout: 1,
      stream_truncated: 1,
    });
    expect(report.failures.flatMap(({ status }) => status ?? []).toSorted((a, b) => a - b)).toEqual([
      429, 500,
    ]);
    expect(report.failures.find(({ outcome }) => outcome === 'timeout')!.example).toBe(
      'asyncio.exceptions.TimeoutError',
    );
    expect(report.metrics['e2e']!.why.p50).toBe('failures');
    // No failed request has an end.
    expect(report.rates).toMatchObject({ concurrency: null, error_rate: 5 / 6 });
    expect(report.rates.rps).not.toBeNull();
  });

  test('a rate is open loop, up to the last start; with burstiness it is gamma', async () => {
    const requests = [0, 1, 3].map((start) => ({ start, ttft: 0.1, itl: [0.1] }));
    const { header, report } = await importValues('vllm', [
      vllm(requests, { request_rate: 1.5, burstiness: 0.5, max_concurrency: null }),
    ]);
    expect(header.load).toMatchObject({
      loop: 'open',
      arrivals: 'gamma',
      burstiness: 0.5,
      rate_rps: 1.5,
      clock: 'sent',
    });
    expect(header.window).toEqual({ start_us: 0, end_us: 3_000_000 });
    expect(report.rates).toMatchObject({ offered_rps: null, sent_rps: 2 / 3, rps: 2 / 3 });
  });

  test('the order of the lists does not matter where there are start times', async () => {
    const random = randomStream(5, 'order');
    const recorded = (await recordedJson('vllm')) as Record<string, unknown>;
    const lists = ['ttfts', 'itls', 'input_lens', 'output_lens', 'errors', 'start_times'];
    const order = Array.from({ length: 20 }, (_, k) => ({ k, by: random.uniform() })).toSorted(
      (a, b) => a.by - b.by,
    );
    const shuffled = { ...recorded };
    for (const name of lists) shuffled[name] = order.map(({ k }) => (recorded[name] as unknown[])[k]);
    const [one, other] = [await importValues('vllm', [recorded]), await importValues('vllm', [shuffled])];
    expect(await samplesIn(other)).toEqual(await samplesIn(one));
    expect(other.report.metrics).toEqual(one.report.metrics);
    expect(other.report.rates).toEqual(one.report.rates);
  });
});

describe('SGLang', () => {
  const sglang = (more: object): string =>
    `${JSON.stringify({ backend: 'sglang', request_throughput: 1, sharegpt_output_len: null, max_concurrency: 1, ...more }).replace('"INF"', 'Infinity')}\n`;

  test('its own API: gaps per token are put together to the chunks that they were', async () => {
    const score = await importValues('sglang', [
      sglang({
        request_rate: 'INF',
        // Chunks of 2, 3 and 1 tokens after a first one of 4.
        ttfts: [0.2],
        itls: [[0.03, 0.03, 0.01, 0.01, 0.01, 0.05]],
        input_lens: [5],
        output_lens: [10],
        errors: [''],
      }),
    ]);
    const [sample] = await samplesIn(score);
    expect(sample).toMatchObject({ n: [4, 2, 3, 1], events_us: [200_000, 60_000, 30_000, 50_000] });
    // 6 tokens follow the first event, in 140 ms.
    expect(score.report.metrics['tpot']!.mean).toBeCloseTo(140 / 6, 9);
    expect(score.report.metrics['chunk_gap']).toMatchObject({ count: 3, max: 60 });
    expect(score.report.metrics['itl']).toMatchObject({ count: 6, min: 10, max: 50 });
  });

  test('several lines of one load are pooled; other loads are refused', async () => {
    const line = (concurrency: number): string =>
      sglang({
        request_rate: 'INF',
        max_concurrency: concurrency,
        ttfts: [0.2],
        itls: [[0.1]],
        input_lens: [5],
        output_lens: [2],
        errors: [''],
      });
    const { report } = await importValues('sglang', [line(2) + line(2)], { extension: 'jsonl' });
    expect(report.counts.cohort).toBe(2);
    await expect(importValues('sglang', [line(2) + line(4)], { extension: 'jsonl' })).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/2 in flight[^]*4 in flight/),
    });
  });
});

describe('AIPerf', () => {
  const value = (number: unknown, unit = 'ms') => ({ value: number, unit });
  const record = (metadata: object, metrics: object, error: object | null = null): string =>
    `${JSON.stringify({
      metadata: {
        request_start_ns: 1_700_000_000_000_000_000,
        request_end_ns: 1_700_000_001_000_000_000,
        benchmark_phase: 'profiling',
        was_cancelled: false,
        ...metadata,
      },
      metrics,
      ...(error === null ? {} : { error }),
    })}\n`;
  const streamed = {
    request_latency: value(300),
    time_to_first_token: value(100),
    inter_chunk_latency: value([150, 50]),
    output_sequence_length: value(3, 'tokens'),
  };

  test('warm-up, errors, a cancelled request, and a response that was not streamed', async () => {
    const score = await importValues(
      'aiperf',
      [
        record(
          {
            benchmark_phase: 'warmup',
            request_start_ns: 1_699_999_990_000_000_000,
            request_end_ns: 1_699_999_990_300_000_000,
          },
          streamed,
        ) +
          record({}, streamed) +
          record({}, { request_latency: value(400), output_sequence_length: value(9, 'tokens') }) +
          record({}, {}, { code: 503, type: 'X', message: 'overloaded' }) +
          record(
            { was_cancelled: true },
            {},
            { code: 499, type: 'RequestCancellationError', message: 'cancelled' },
          ),
      ],
      { extension: 'jsonl' },
    );
    const { report } = score;
    expect(report.counts).toMatchObject({ cohort: 4, ok: 2, failed: 1, overload: 1, censored: 1 });
    expect(report.counts.outcomes).toEqual({ ok: 2, http_error: 1, aborted: 1 });
    expect(report.load.warmup_s).toBeCloseTo(10, 6);
    const samples = await samplesIn(score);
    expect(samples[0]).toMatchObject({ phase: 'warmup', output_tokens: 3, tokens_from: 'tokenizer' });
    // One event, at the end: it has a TTFT and no TPOT.
    expect(report.metrics['ttft']).toMatchObject({ count: 2, min: 100, max: 400 });
    expect(report.metrics['tpot']).toMatchObject({ count: 1, mean: 100 });
    expect(report.metrics['chunk_gap']).toMatchObject({ count: 2, max: 150 });
  });

  test('a stream without gaps lacks them, and tokens are spread evenly', async () => {
    const { report } = await importValues(
      'aiperf',
      [
        record(
          {},
          {
            request_latency: value(300),
            time_to_first_token: value(100),
            usage_completion_tokens: value(11, 'tokens'),
          },
        ),
      ],
      { extension: 'jsonl' },
    );
    expect(report.imported!.lacks).toContain('gaps');
    expect(report.metrics['max_gap']).toMatchObject({ count: 0, why: { p50: 'imported' } });
    expect(report.metrics['tpot']!.mean).toBeCloseTo(20, 9);
  });
});

describe('GuideLLM', () => {
  const request = (start: number, timings: object, more: object = {}): object => ({
    info: { timings: { request_start: start, ...timings }, error: null },
    output_tokens: 11,
    prompt_tokens: 4,
    ...more,
  });
  const report = (requests: object, strategy: object, more: object = {}): object => ({
    metadata: { guidellm_version: '0.8.1' },
    benchmarks: [
      {
        config: {
          strategy,
          backend: { target: 'http://user:secret@host:1/v1?key=secret', model: 'm', api_key: 'secret-key' },
        },
        requests,
        ...more,
      },
    ],
  });
  const ok = (start: number): object =>
    request(start, {
      targeted_start: start - 0.01,
      first_token_iteration: start + 0.1,
      first_output_token_iteration: start + 0.2,
      last_token_iteration: start + 1.1,
      request_end: start + 1.2,
    });

  test('planned instants, reasoning before the answer, failures and requests that were cut off', async () => {
    const score = await importValues('guidellm', [
      report(
        {
          successful: [ok(1000), ok(1001)],
          errored: [
            request(
              1002,
              { request_end: 1002.5 },
              {
                info: {
                  timings: { request_start: 1002, request_end: 1002.5, targeted_start: 1002 },
                  error: '500 Internal Server Error',
                },
              },
            ),
          ],
          incomplete: [
            request(1003, { targeted_start: 1003, request_end: 1003.2 }),
            { info: { timings: { request_start: null } } },
          ],
        },
        { type_: 'constant', rate: 1 },
      ),
    ]);
    const { report: found, header } = score;
    expect(header.load).toMatchObject({ loop: 'open', arrivals: 'constant', rate_rps: 1 });
    expect(found.counts).toMatchObject({ cohort: 4, ok: 2, failed: 1, censored: 1, lost: 0 });
    expect(found.metrics['ttft']!.mean).toBeCloseTo(100, 3);
    expect(found.metrics['ttfa']!.mean).toBeCloseTo(200, 3);
    expect(found.metrics['tpot']!.mean).toBeCloseTo(100, 3);
    expect(found.metrics['dispatch_lag']!.max).toBeCloseTo(10, 2);
    expect(found.metrics['itl']!.why.p50).toBe('imported');
    expect(found.imported!.lacks).not.toContain('planned');
  });

  test('no secret of the file is copied', async () => {
    const { header, summary } = await importValues('guidellm', [
      report({ successful: [ok(1000)] }, { type_: 'synchronous' }),
    ]);
    expect(header.endpoint.url).toBe('http://host:1/v1');
    expect(JSON.stringify([header, summary])).not.toContain('secret');
  });

  test('requests that it counts and does not list are lost: attainment is a range', async () => {
    const { report: found } = await importValues(
      'guidellm',
      [
        report(
          { successful: [ok(1000), ok(1002)] },
          { type_: 'synchronous' },
          { metrics: { request_totals: { successful: 8, errored: 0, incomplete: 0, total: 8 } } },
        ),
      ],
      { slo: 'ttft<=1s' },
    );
    expect(found.counts).toMatchObject({ cohort: 2, lost: 6 });
    expect(found.slo!.attainment).toMatchObject({ kind: 'lost', low: 0.25, high: 1 });
  });
});

test('inference-perf: unknown load, errors, and a response that was not streamed', async () => {
  const entry = (
    start: number,
    end: number,
    metrics: object | null,
    error: object | null = null,
  ): object => ({
    start_time: start,
    end_time: end,
    request: '{"model":"m","messages":[]}',
    info: { request_metrics: { text: { input_tokens: 6 } }, response_metrics: metrics },
    error,
  });
  const score = await importValues('inference-perf', [
    [
      entry(10, 11, { output_tokens: 4, chunk_times: [10.25, 10.5] }),
      entry(20, 20.75, { output_tokens: 3, server_usage: { completion_tokens: 5, prompt_tokens: 9 } }),
      entry(30, 31, null, {
        error_type: 'ClientResponseError',
        error_msg: "429, message='Too Many Requests'",
      }),
    ],
  ]);
  const { report, header } = score;
  expect(header.endpoint).toMatchObject({ api: 'chat', model: 'm' });
  expect(header.load).toMatchObject({ loop: 'open', rate_rps: null, concurrency: null });
  expect(report.counts).toMatchObject({ ok: 2, failed: 1 });
  expect(report.metrics['ttft']).toMatchObject({ min: 250, max: 750 });
  expect(
    (await samplesIn(score)).map(({ output_tokens, tokens_from }) => [output_tokens, tokens_from]),
  ).toEqual([
    [4, 'tokenizer'],
    [5, 'usage'],
    [null, 'events'],
  ]);
  // The connection of the failed request lasted until its end, which the file holds.
  expect(report.imported!.lacks).not.toContain('ends');
});

test('genai-bench: milliseconds, errors with a status, and counted requests that are not listed', async () => {
  const ok = { ttft: 100, e2e_latency: 1100, num_input_tokens: 3, num_output_tokens: 11, error_code: null };
  const { report } = await importValues('genai-bench', [
    {
      aggregated_metrics: { num_concurrency: 4, num_requests: 4, iteration_type: 'num_concurrency' },
      individual_request_metrics: [ok, ok, { ttft: null, error_code: 429, error_message: 'busy' }],
      _time_unit: 'ms',
    },
  ]);
  expect(report.metrics['ttft']).toMatchObject({ count: 2, mean: 100 });
  expect(report.metrics['tpot']).toMatchObject({ count: 2, mean: 100 });
  expect(report.counts).toMatchObject({ cohort: 3, ok: 2, failed: 1, overload: 1, lost: 1 });
  expect(report.load.concurrency).toBe(4);
});

test('files that were measured at the same time add up; the same file twice is pooled without rates', async () => {
  const shard = (offset: number): object =>
    vllm(
      [0, 1, 2, 3].map((k) => ({ start: 50 + offset + k, ttft: 0.5, itl: [0.5] })),
      { max_concurrency: 1 },
    );
  const together = await importValues('vllm', [shard(0), shard(0.25)]);
  expect(together.report.load.concurrency).toBe(2);
  // W is 4 s: from the first start to the first idle slot, a quarter of a second before the last end.
  expect(together.report.rates.rps).toBeCloseTo(7.75 / 4, 9);
  const apart = await importValues('vllm', [shard(0), shard(100)]);
  expect(apart.report.counts.cohort).toBe(8);
  expect(apart.report.rates.rps).toBeNull();
  expect(apart.report.imported!.lacks).toContain('starts');
});

test('an SLO on a metric that the file lacks: nobody knows which requests are good', async () => {
  const { report, verdict } = await importFiles('guidellm', [recordedFile('guidellm')], {
    slo: 'max_gap<=1h',
    gates: ['attainment >= 1%'],
  });
  expect(report.slo!.each['max_gap']).toMatchObject({ met: 0, missed: 0, not_applicable: 20 });
  expect(report.rates).toMatchObject({ attainment: null, goodput_rps: null, goodput_tps: null });
  expect(report.rates.rps).not.toBeNull();
  expect(verdict).toMatchObject({ status: 'fail', gates: [{ value: null, pass: false }] });
});
