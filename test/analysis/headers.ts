import type { RequestSlo } from '../../src/slo/grammar.ts';
import { metricNamed } from '../../src/metrics/registry.ts';
import type { RunHeader, Window } from '../../src/record/header.ts';

type Load = Partial<RunHeader['load']>;

/** A complete open-loop run of 60 s; what a test is about is given. */
export function headerOf(given: Partial<Omit<RunHeader, 'load'>> & { load?: Load } = {}): RunHeader {
  const { load, ...rest } = given;
  return {
    schemaVersion: 1,
    version: '0.0.0',
    id: 'id',
    name: 'a run',
    started: '2026-01-01T00:00:00.000Z',
    origin: { epoch_ms: 0, monotonic_ns: '0' },
    scenario: {},
    seed: 1,
    environment: { node: '', os: '', cpu: '', cores: 1, memory_bytes: 0 },
    endpoint: { url: 'http://127.0.0.1/v1', api: 'chat', model: null, simulated: false, said: {} },
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
      ...load,
    },
    window: { start_us: 0, end_us: 60_000_000 },
    phases: [],
    planned: null,
    workers: [],
    main: null,
    process: null,
    host: null,
    probe: null,
    notes: [],
    status: 'complete',
    reason: null,
    ...rest,
  };
}

export const seconds = (from: number, to: number): Window => ({ start_us: from * 1e6, end_us: to * 1e6 });

/** SLOs by metric and limit, compared in the metric's better direction. */
export function slosOf(limits: Record<string, number | undefined>): RequestSlo[] {
  return Object.entries(limits).flatMap(([metric, value]) => {
    if (value === undefined) return [];
    const { better, unit } = metricNamed(metric)!;
    const op = better === 'higher' ? '>=' : '<=';
    return [{ metric, op, value, unit, text: `${metric} ${op} ${value}` }];
  });
}
