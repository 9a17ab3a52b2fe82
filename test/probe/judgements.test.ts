import { describe, expect, test } from 'vitest';
import type { Exchange } from '../../src/client/client.ts';
import type { RequestProfile } from '../../src/client/api/request-profile.ts';
import { clockOffset } from '../../src/probe/clock-offset.ts';
import { recognise, type Marks } from '../../src/probe/recognise-server.ts';
import { disproved, limitEffect, limitIn } from '../../src/probe/limit-effect.ts';
import type { LimitEffect } from '../../src/probe/endpoint-profile.ts';
import { prefixCache } from '../../src/probe/prefix-cache.ts';
import { streamingOf, tokensPerEvent } from '../../src/probe/streaming.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');
const dateAt = (ms: number): string => new Date(ms).toUTCString();

describe('a clock, by hand', () => {
  test('one date: from its second to two seconds later', () => {
    // Sent 200 ms past noon, back 500 ms past; the server says noon: it is between 0.5 s behind and 1.8 s ahead.
    const seen = { date: dateAt(NOON), sent_ms: NOON + 200, came_ms: NOON + 500 };
    expect(clockOffset([seen])).toEqual({ low_ms: -500, high_ms: 1800, headers: 1 });
  });

  test('several dates narrow the bounds; contradictory ones widen them', () => {
    const early = { date: dateAt(NOON), sent_ms: NOON + 900, came_ms: NOON + 950 };
    const late = { date: dateAt(NOON + 1000), sent_ms: NOON + 1010, came_ms: NOON + 1020 };
    expect(clockOffset([early, late])).toEqual({ low_ms: -20, high_ms: 1100, headers: 2 });
    const odd = { date: dateAt(NOON + 60_000), sent_ms: NOON, came_ms: NOON + 10 };
    expect(clockOffset([early, odd])).toEqual({ low_ms: -950, high_ms: 62_000, headers: 2 });
  });

  test('no date, or an invalid one', () => {
    expect(clockOffset([])).toBeNull();
    expect(clockOffset([{ date: 'yesterday', sent_ms: 0, came_ms: 1 }])).toBeNull();
  });
});

/** First event 100 ms after the send, the others after these gaps (µs). */
const exchange = (gaps: number[], more: Partial<Exchange> = {}): Exchange =>
  ({
    outcome: 'ok',
    sent_us: 1_000_000,
    events_us: Int32Array.from([1_100_000, ...gaps]),
    n: null,
    output_tokens: gaps.length + 1,
    hidden_tokens: null,
    cached_tokens: null,
    tokens_from: 'usage',
    ...more,
  }) as unknown as Exchange;

describe('how a stream arrives, by hand', () => {
  test.each<[string, number[], string, number]>([
    ['every 10 ms', Array(9).fill(10_000), 'streams', 10],
    ['four at a time', [0, 0, 0, 40_000, 10, 10, 10, 40_000, 0, 0, 0], 'bursts', 3],
    ['all within 1.8 ms', Array(9).fill(200), 'once', 1],
    ['all within a fiftieth of the time', [0, 2030, 0, 0, 0], 'once', 2],
    ['the first alone, then four at a time', [40_000, 0, 0, 0, 40_000, 0, 0, 0], 'streams', 3],
    ['two events', [10_000], 'unknown', 2],
    ['two at a time', [0, 20_000, 0, 20_000, 0], 'streams', 3],
  ])('%s', (_, gaps, verdict, arrivals) => {
    expect(streamingOf(exchange(gaps))).toMatchObject({
      verdict,
      arrivals,
      events: gaps.length + 1,
      first_ms: 100,
    });
  });

  test('one event with all tokens arrives at once; without events there is no verdict', () => {
    expect(streamingOf(exchange([], { output_tokens: 64 }))).toMatchObject({ verdict: 'once', events: 1 });
    expect(streamingOf(exchange([], { events_us: [] }))).toBeNull();
  });

  test('tokens per event: exact, mean without the hidden ones, or unknown', () => {
    expect(tokensPerEvent(exchange([1, 1], { n: [2, 3, 1], output_tokens: 7 }))).toEqual({
      output: 7,
      choices: 1,
      from: 'usage',
      mean: 2,
      most: 3,
      exact: true,
    });
    expect(tokensPerEvent(exchange([1], { choices: 3 }))).toMatchObject({ choices: 3 });
    expect(tokensPerEvent(exchange([1], { output_tokens: 10, hidden_tokens: 4 }))).toMatchObject({
      mean: 3,
      exact: false,
    });
    expect(tokensPerEvent(exchange([1], { tokens_from: 'events', output_tokens: 2 }))).toMatchObject({
      mean: null,
    });
  });
});

describe('whether the limit is obeyed, by hand', () => {
  const plain = { optionalFields: [], limit: 'max_tokens' } as const;
  const forced = { ...plain, optionalFields: ['ignore_eos', 'min_tokens'] } as const;
  /** A response with this many tokens. */
  const limited = (
    asked: number,
    came: number,
    more: Partial<Exchange> = {},
    profile: RequestProfile = plain,
  ) => ({
    name: 'max_tokens',
    asked,
    profile,
    exchange: exchange([], { output_tokens: came, finish: 'stop', reasoning_tokens: null, ...more }),
  });

  test.each<[string, ReturnType<typeof limited>[], LimitEffect['state'] | null, number]>([
    ['all at the limit', [limited(1, 1), limited(16, 16)], 'obeyed', 16],
    ['one at the limit, others shorter', [limited(16, 16), limited(64, 20)], 'obeyed', 16],
    ['cut by length below the limit, as by a context', [limited(64, 60, { finish: 'length' })], 'obeyed', 60],
    ['all shorter', [limited(16, 9), limited(64, 9)], 'unknown', 9],
    ['one longer, others at the limit', [limited(16, 16), limited(16, 17)], 'ignored', 17],
    ['the one that is longest against its limit', [limited(1, 40), limited(16, 41)], 'ignored', 40],
    ['a small limit raised to 16', [limited(1, 16), limited(16, 16), limited(64, 64)], 'partly', 16],
    [
      'the same, with the finish reason of a limit',
      [limited(1, 16, { finish: 'length' }), limited(64, 64, { finish: 'length' })],
      'partly',
      16,
    ],
    [
      'always longer, with the finish reason of a limit',
      [limited(8, 40, { finish: 'length' })],
      'ignored',
      40,
    ],
    ['reasoning alone above the limit', [limited(16, 40, { reasoning_tokens: 30 })], 'unknown', 40],
    ['two choices, each at the limit', [limited(16, 32, { choices: 2 })], 'obeyed', 16],
    ['events are no tokens', [limited(16, 40, { tokens_from: 'events' })], null, 0],
    ['failures show nothing', [limited(16, 40, { outcome: 'timeout' })], null, 0],
  ])('%s', (_, all, state, came) => {
    const found = limitEffect(all);
    expect(found?.state ?? null).toBe(state);
    expect(found?.came ?? 0).toBe(came);
  });

  test('the largest obeyed limit is reported', () => {
    expect(limitEffect([limited(1, 16), limited(64, 64), limited(16, 16)])).toEqual({
      name: 'max_tokens',
      state: 'partly',
      asked: 1,
      came: 16,
      obeyed: 64,
    });
    expect(limitEffect([limited(16, 40)])).toMatchObject({ state: 'ignored', obeyed: null });
  });

  test('the limit is read from the body that was sent', () => {
    expect(limitIn({ model: 'm', max_completion_tokens: 8 })).toEqual({
      name: 'max_completion_tokens',
      asked: 8,
    });
    expect(limitIn({ model: 'm', max_tokens: null })).toBeNull();
  });

  test('an early end disproves fields that forbid it', () => {
    expect(disproved([limited(16, 9, {}, forced)])).toEqual(new Set(['ignore_eos', 'min_tokens']));
    expect(disproved([limited(16, 9), limited(16, 16, {}, forced)])).toEqual(new Set());
    expect(disproved([limited(16, 9, { finish: 'length' }, forced)])).toEqual(new Set());
  });
});

describe('a prefix cache', () => {
  const after = (ms: number, more: Partial<Exchange> = {}): Exchange =>
    exchange([], { events_us: [1_000_000 + ms * 1000], ...more });
  const pairs = (...times: [number, number][]) =>
    times.map(([first, again]) => ({ first: after(first), again: after(again) }));

  test('every repeated prompt is faster than every first one, and by a tenth in the median', () => {
    expect(prefixCache(9, pairs([100, 50], [110, 60], [120, 55]))).toMatchObject({
      faster: true,
      first_ms: [100, 110, 120],
      again_ms: [50, 60, 55],
      cached_tokens: null,
    });
    expect(prefixCache(9, pairs([100, 50], [110, 101], [120, 55]))).toMatchObject({ faster: false });
    expect(prefixCache(9, pairs([100, 95], [101, 96], [102, 97]))).toMatchObject({ faster: false });
  });

  test('cached tokens from usage; a failed request makes it unknown', () => {
    const cached = [0, 640, 640].map((cached_tokens) => ({
      first: after(9),
      again: after(9, { cached_tokens }),
    }));
    expect(prefixCache(9, cached)).toMatchObject({ cached_tokens: 640 });
    expect(prefixCache(9, [{ first: after(9), again: after(9, { outcome: 'timeout' }) }])).toBeNull();
  });
});

describe('which server it is', () => {
  const marks = (more: Partial<Marks>): Marks => ({
    host: '127.0.0.1',
    owners: [],
    headers: {},
    seen: {},
    choice: {},
    ...more,
  });

  test.each<[string, Partial<Marks>]>([
    ['vLLM', { owners: ['vllm'] }],
    ['SGLang', { owners: ['sglang'] }],
    ['SGLang', { owners: ['org'], choice: { matched_stop: null } }],
    ['LMDeploy', { owners: ['lmdeploy'] }],
    ['llama.cpp', { owners: ['llamacpp'] }],
    ['llama.cpp', { seen: { timings: { prompt_ms: 1 } } }],
    ['Ollama', { owners: ['library'], seen: { system_fingerprint: 'fp_ollama' } }],
    ['TGI', { headers: { 'x-compute-type': 'gpu' } }],
    ['TensorRT-LLM', { owners: ['tensorrt_llm'] }],
    ['Azure OpenAI', { seen: { prompt_filter_results: [] }, headers: { 'openai-processing-ms': '9' } }],
    ['OpenAI', { headers: { 'openai-processing-ms': '9' } }],
    ['Groq', { seen: { x_groq: { id: 'r' } } }],
    ['Fireworks', { headers: { 'fireworks-prompt-tokens': '9' } }],
    // The server behind a gateway is visible.
    ['LiteLLM', { headers: { 'x-litellm-call-id': 'c' }, owners: ['vllm'] }],
    ['DeepSeek', { host: 'api.deepseek.com', owners: ['vllm'] }],
    ['Azure OpenAI', { host: 'mine.openai.azure.com' }],
    ['Together', { host: 'api.together.xyz' }],
  ])('%s by %j', (name, seen) => {
    const found = recognise(marks(seen));
    expect(found.name).toBe(name);
    expect(found.because.length).toBeGreaterThan(0);
  });

  test('a host with a similar name, and no marks at all', () => {
    expect(recognise(marks({ host: 'openai.com.example.org' })).name).toBeNull();
    expect(recognise(marks({ headers: { server: 'uvicorn' } }))).toEqual({
      name: null,
      because: [],
      header: 'uvicorn',
    });
  });
});
