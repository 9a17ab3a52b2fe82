import { expect, test } from 'vitest';
import { apiNamed } from '../../src/client/api/apis.ts';

const chunk = (rest: object) => ({
  choices: [{ index: 0, delta: { content: 'a' }, finish_reason: null }],
  ...rest,
});
const last = (rest: object) => ({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...rest });

function timingOf(payloads: readonly object[]) {
  const reader = apiNamed('chat').reader(false);
  for (const payload of payloads) reader.read(payload as Record<string, unknown>);
  return reader.answer().server_timing;
}

test('the times of llama.cpp are in its last event', () => {
  const timings = { cache_n: 60, prompt_n: 8, prompt_ms: 43.237, predicted_n: 25, predicted_ms: 238.74 };
  expect(timingOf([chunk({}), last({ timings })])).toEqual({ prefill_ms: 43.237, decode_ms: 238.74 });
});

test('those of vLLM are metrics', () => {
  const metrics = { time_to_first_token_ms: 12.5, queue_time_ms: 0, generation_time_ms: 9 };
  expect(timingOf([chunk({}), last({}), { choices: [], metrics }])).toEqual({ ttft_ms: 12.5, queue_ms: 0 });
});

test.each([
  [{ timings: { prompt_ms: 'x', predicted_ms: -1 } }],
  [{ timings: null, metrics: [1] }],
  [{ metrics: { time_to_first_token_ms: 1e300 } }],
  [{}],
])('%j has none', (rest) => expect(timingOf([chunk(rest), last({})])).toBeNull());
