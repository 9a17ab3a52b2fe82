import type { RunHeader } from '../../src/record/header.ts';
import type { Sample } from '../../src/sample.ts';

export function headerOf(changes: Partial<RunHeader> = {}): RunHeader {
  return {
    schemaVersion: 1,
    version: '0.1.0',
    id: 'r1',
    name: 'chat',
    started: '2025-11-24T09:41:05.000Z',
    origin: { epoch_ms: 1_763_977_265_000, monotonic_ns: '81985529216486895' },
    scenario: { load: { rate: '5/s' } },
    seed: 42,
    environment: { node: 'v24.21.0', os: 'linux', cpu: 'x', cores: 2, memory_bytes: 1024 },
    endpoint: { url: 'http://127.0.0.1:1/v1', api: 'chat', model: 'm', simulated: false, said: {} },
    load: {
      loop: 'open',
      arrivals: 'poisson',
      rate_rps: 5,
      concurrency: null,
      max_concurrency: null,
      clock: 'planned',
      requests: null,
      warmup_s: 0,
      duration_s: 60,
    },
    window: null,
    phases: [],
    planned: null,
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    notes: [],
    status: 'running',
    reason: null,
    ...changes,
  };
}

export function sampleOf(i: number, changes: Partial<Sample> = {}): Sample {
  return {
    i,
    worker: 0,
    phase: 'measure',
    planned_us: i * 1000,
    released_us: null,
    sent_us: i * 1000 + 10,
    headers_us: i * 1000 + 400,
    ended_us: i * 1000 + 900,
    events_us: [i * 1000 + 500, 200, 200],
    n: null,
    answer: 0,
    outcome: 'ok',
    status: 200,
    finish: 'stop',
    error: null,
    input_tokens: 12,
    cached_tokens: null,
    output_tokens: 3,
    reasoning_tokens: null,
    hidden_tokens: null,
    tokens_from: 'usage',
    planned_input: 12,
    planned_output: 3,
    reused: true,
    connect_us: null,
    bytes_in: 300,
    headers: {},
    ...changes,
  };
}

export const samplesOf = (count: number): Sample[] => Array.from({ length: count }, (_, i) => sampleOf(i));
