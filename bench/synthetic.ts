import { SCHEMA_VERSION } from '../src/record/run-json.ts';
import type { RunHeader } from '../src/record/header.ts';
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

/** Returns the `run.json` of a made-up run of 100 requests per second. */
export function syntheticHeader(requests: number): RunHeader {
  const end_us = requests * 10_000;
  return {
    schemaVersion: SCHEMA_VERSION,
    version: 'bench',
    id: 'bench',
    name: 'bench',
    started: '2026-01-01T00:00:00.000Z',
    origin: { epoch_ms: 1_767_225_600_000, monotonic_ns: '0' },
    scenario: {},
    seed: 1,
    environment: { node: '', os: '', cpu: '', cores: 1, memory_bytes: 0 },
    endpoint: { url: 'http://127.0.0.1/v1', api: 'chat', model: 'bench', simulated: false, said: {} },
    load: {
      loop: 'open',
      arrivals: 'constant',
      rate_rps: 100,
      concurrency: null,
      max_concurrency: null,
      clock: 'planned',
      requests: null,
      warmup_s: 0,
      duration_s: end_us / 1e6,
    },
    window: { start_us: 0, end_us },
    phases: [],
    planned: requests,
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    notes: [],
    status: 'complete',
    reason: null,
  };
}
