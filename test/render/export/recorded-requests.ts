import type { Sample } from '../../../src/sample.ts';
import { failed, requests } from '../../analysis/run.ts';
import { sampleOf } from '../../metrics/samples.ts';

/** A sample with every key, and with texts that a careless writer would break. */
export const FULL = sampleOf({
  i: 2 ** 40,
  session: 2 ** 39,
  turn: 7,
  turns: 9,
  tags: { source: 'a"b', language: 'en' },
  worker: 3,
  phase: 'measure',
  planned_us: 9_007_199_254_000,
  released_us: 9_007_199_254_001,
  sent_us: 9_007_199_254_002,
  headers_us: 9_007_199_254_003,
  ended_us: 9_007_199_254_740,
  events_us: [9_007_199_254_100, 100, 0, 200],
  n: [1, 2, 0, 1],
  answer: 1,
  outcome: 'stream_error',
  status: 200,
  finish: '\u0000"\n,;\'',
  error: { message: '😀 \\ é', code: '529', kind: 'idle', retry_after_ms: 0.5 },
  input_tokens: 7,
  cached_tokens: 0,
  output_tokens: 4,
  reasoning_tokens: 1,
  hidden_tokens: 0,
  tokens_from: 'token_ids',
  usage_problem: 'completion_tokens is -1',
  words: 2.5,
  planned_input: 7,
  planned_output: 4,
  planned_reusable: 3,
  reused: false,
  connect_us: 1,
  set_up: { dns_us: 1, tcp_us: 2, proxy_us: 3, tls_us: 4 },
  server_timing: { ttft_ms: 1.5, queue_ms: 0, prefill_ms: 2, decode_ms: 0.25 },
  replica: 1,
  http: '2',
  choices: 2,
  bytes_in: 2 ** 33,
  headers: { server: 'x"y' },
  text: 'a'.repeat(5000),
  reasoning_text: '',
  tool_calls: [{ name: 'f', arguments: null }],
  usage: { prompt_tokens: 7, details: { a: [1] } },
});

/** Returns the keys of a sample as the columns of the file have them. */
export function columnsOf(sample: Sample): Record<string, unknown> {
  const {
    error,
    set_up,
    server_timing,
    events_us,
    n: _,
    tags,
    headers,
    tool_calls,
    usage,
    ...plain
  } = sample;
  const whole = (value: unknown): unknown => (Number.isInteger(value) ? BigInt(Number(value)) : value);
  const parts = (prefix: string, value: object | null | undefined): [string, unknown][] =>
    Object.entries(value ?? {}).map(([name, part]) => [`${prefix}_${name}`, whole(part)]);
  return {
    ...Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, whole(value)])),
    ...Object.fromEntries([...parts('error', error), ...parts('set_up', set_up)]),
    ...Object.fromEntries(Object.entries(server_timing ?? {}).map(([key, ms]) => [`server_${key}`, ms])),
    session: BigInt(sample.session ?? sample.i),
    turn: BigInt(sample.turn ?? 0),
    ...(tags === undefined ? {} : { tags: JSON.stringify(tags) }),
    events: BigInt(events_us.length),
    headers: JSON.stringify(headers),
    ...(tool_calls === undefined ? {} : { tool_calls: JSON.stringify(tool_calls) }),
    ...(usage === undefined ? {} : { usage: JSON.stringify(usage) }),
    // Keys whose values need not be whole.
    ...(sample.words === undefined ? {} : { words: sample.words }),
    ...(sample.choices === undefined ? {} : { choices: sample.choices }),
    planned_input: sample.planned_input,
    planned_output: sample.planned_output,
  };
}

/** Successes, failures, and requests that were cut off. */
export const MIXED = [
  FULL,
  ...requests(30, (i) => {
    if (i % 7 === 3) return failed('http_error', { status: 500, error: { message: 'no', code: null } });
    // Cut off before and after their limit.
    if (i % 7 === 5) return { ...failed('not_sent'), sent_us: null };
    if (i % 7 === 6) return { ...failed('not_sent'), sent_us: null, ended_us: i * 100_000 + 10_000 };
    return i % 2 === 0 ? { planned_us: i * 100_000 + 20_000, sent_us: i * 100_000 + 20_500 } : {};
  }),
];
