import type { Sample } from '../src/sample.ts';

/** Returns a request of a synthetic run: 100 per second, TTFT about 200 ms, one token every 5 to 36 ms. */
export function syntheticSample(i: number, events: number): Sample {
  const planned_us = i * 10_000;
  const sent_us = planned_us + 80 + (i % 50);
  const events_us = Array.from({ length: events }, (_, k) =>
    k === 0 ? sent_us + 150_000 + ((i * 7919) % 100_000) : 5000 + ((i * 31 + k * 7907) % 31_000),
  );
  const last_us = events_us.reduce((sum, gap) => sum + gap, 0);
  return {
    i,
    worker: 0,
    phase: 'measure',
    planned_us,
    released_us: null,
    sent_us,
    headers_us: sent_us + 100_000,
    ended_us: last_us + 50,
    events_us,
    n: null,
    answer: 0,
    outcome: 'ok',
    status: 200,
    finish: 'length',
    error: null,
    input_tokens: 512,
    cached_tokens: 0,
    output_tokens: events,
    reasoning_tokens: null,
    hidden_tokens: null,
    tokens_from: 'usage',
    planned_input: 512,
    planned_output: events,
    reused: true,
    connect_us: null,
    bytes_in: events * 220,
    headers: {},
  };
}
