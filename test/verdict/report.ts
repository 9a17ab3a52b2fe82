import type { Bounds } from '../../src/analysis/bounds.ts';
import {
  type DistributionSummary,
  type GateValue,
  type Report,
  type ReportValues,
} from '../../src/analysis/report.ts';
import { ratesOf } from '../../src/analysis/report-figures.ts';
import { METRICS } from '../../src/metrics/registry.ts';
import type { MetricUnit } from '../../src/metrics/registry.ts';
import { SOUND_HEALTH, SOUND_STEADY } from '../health.ts';

type Sections = {
  [Key in keyof Report]?: Report[Key] extends object | null ? Partial<Report[Key]> | null : Report[Key];
};

const NOTHING = { p50: null, p75: null, p90: null, p95: null, p99: null, 'p99.9': null };

const emptyDistribution = (unit: MetricUnit): DistributionSummary => ({
  unit,
  count: 0,
  min: null,
  mean: null,
  stddev: null,
  max: null,
  ...NOTHING,
  bounds: {},
  why: {},
});

const SOUND: Report = {
  schemaVersion: 1,
  run: {
    id: '01',
    name: 'chat',
    dir: 'reports/chat',
    startedAt: '2026-01-02T03:04:05.000Z',
    version: '0.1.0',
    seed: 42,
    status: 'complete',
    reason: null,
  },
  endpoint: { url: 'http://127.0.0.1:8000/v1', api: 'chat', model: 'tiny', simulated: false },
  load: {
    loop: 'open',
    arrivals: 'poisson',
    rate_rps: 5,
    concurrency: null,
    max_concurrency: null,
    clock: 'planned',
    requests: null,
    warmup_s: 10,
    window_s: 60,
  },
  counts: {
    planned: 300,
    sent: 300,
    cohort: 300,
    judged: 300,
    ok: 298,
    failed: 2,
    good: 280,
    censored: 0,
    cut_missed: 0,
    lost: 0,
    outcomes: { ok: 298, timeout: 2 },
    finish: { stop: 298 },
  },
  metrics: Object.fromEntries(
    METRICS.filter((metric) => metric.kind !== 'run').map((metric) => [
      metric.name,
      emptyDistribution(metric.unit),
    ]),
  ),
  rates: {
    ...ratesOf(() => null),
    offered_rps: 5,
    sent_rps: 5,
    rps: 298 / 60,
    rpm: 298,
    output_tps: 600,
    input_tps: 2500,
    total_tps: 3100,
    goodput_rps: 280 / 60,
    goodput_rpm: 280,
    goodput_tps: 560,
    error_rate: 2 / 300,
    attainment: 280 / 300,
    concurrency: 3.2,
    max_concurrency: 9,
    little: 1,
  },
  intervals: {
    confidence: 0.95,
    length: 'inconclusive',
    why: null,
    effective: 12,
    requests: 300,
    needed: 750,
    metrics: {},
    rates: {},
  },
  slo: {
    limits: { ttft: 200, tpot: 100 },
    attainment: { value: 280 / 300, low: 0.899, high: 0.956, kind: 'independent' },
    each: {
      ttft: { met: 290, missed: 8, not_applicable: 0, failed: 2 },
      tpot: { met: 285, missed: 13, not_applicable: 0, failed: 2 },
    },
    over_time: null,
  },
  tokens: {
    from: { usage: 298 },
    input: { planned_mean: 512, actual_mean: 510 },
    output: { planned_mean: 128, actual_mean: 127 },
    cached: null,
    reasoning: null,
    hidden: null,
  },
  machine: null,
  cost: null,
  energy: null,
  failures: [{ outcome: 'timeout', count: 2, example: 'no first token within 10 s', status: 200 }],
  notes: [],
  health: {
    ...SOUND_HEALTH,
    send_lag_second_ms: 0.5,
    unsent: 0,
    local_limits: {},
    keep_alive_races: 0,
    released: 300,
    little_applies: true,
    steady: SOUND_STEADY,
  },
};

/** Returns the report of a run without problems, with some of its sections changed. */
export function reportWith(sections: Sections = {}): Report {
  const report: Report = { ...SOUND };
  const bases = new Map<string, unknown>(Object.entries(SOUND));
  for (const [key, section] of Object.entries(sections)) {
    const base = bases.get(key);
    const merges = typeof base === 'object' && !Array.isArray(base) && section !== null;
    Object.assign(report, { [key]: merges ? Object.assign({}, base, section) : section });
  }
  return report;
}

/** Returns figures for gates: by `metric aggregation`, and run metrics from the rates of the report. */
export function valuesOf(
  report: Report,
  figures: Record<string, number | GateValue> = {},
  bounds: Record<string, Bounds> = {},
): ReportValues {
  const rates = new Map<string, number | null>(Object.entries(report.rates));
  return {
    value(metric, aggregation) {
      const figure = figures[`${metric} ${aggregation}`] ?? rates.get(metric) ?? null;
      if (typeof figure === 'object' && figure !== null) return figure;
      return { value: figure, uncertain: false, why: figure === null ? 'none' : null };
    },
    bounds: (metric, aggregation, confidence) => bounds[`${metric} ${aggregation} ${confidence}`] ?? null,
  };
}
