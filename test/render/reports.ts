import { PERCENTILES, type DistributionSummary, type Report } from '../../src/analysis/report.ts';
import { ratesOf } from '../../src/analysis/report-figures.ts';
import { METRICS, type MetricUnit } from '../../src/metrics/registry.ts';
import type { Judged } from '../../src/render/run/text.ts';
import type { Audit } from '../../src/verdict/audit.ts';
import { SOUND_HEALTH, SOUND_STEADY } from '../health.ts';

/** Consistent reports made by hand. */
type Figures = readonly [mean: number, p50: number, p90: number, p95: number, p99: number, max: number];

export function distribution(unit: MetricUnit, count: number, figures: Figures | null): DistributionSummary {
  if (figures === null) {
    const none = { p50: null, p75: null, p90: null, p95: null, p99: null, 'p99.9': null };
    const why: DistributionSummary['why'] = {};
    for (const name of PERCENTILES) why[name] = 'samples';
    return { unit, count: 0, min: null, mean: null, stddev: null, max: null, ...none, bounds: {}, why };
  }
  const [mean, p50, p90, p95, p99, max] = figures;
  const percentiles = { p50, p75: (p50 + p90) / 2, p90, p95, p99, 'p99.9': null };
  const spread = { min: p50 / 2, mean, stddev: mean / 3, max };
  return { unit, count, ...spread, ...percentiles, bounds: {}, why: { 'p99.9': 'samples' } };
}

const noRates = ratesOf(() => null);

/** Returns every distribution metric, empty except for the given ones. */
function metrics(count: number, given: Record<string, Figures>): Report['metrics'] {
  return Object.fromEntries(
    METRICS.filter((metric) => metric.kind !== 'run').map((metric) => [
      metric.name,
      distribution(metric.unit, count, given[metric.name] ?? null),
    ]),
  );
}

const health = {
  ...SOUND_HEALTH,
  send_lag_p99_ms: 0.213,
  dispatch_lag_p99_ms: 0.82,
  event_loop_delay_max_ms: 12.4,
  event_loop_utilization: 0.21,
};

const healthy: Audit = {
  local_limits: {},
  keep_alive_races: 0,
  status: 'valid',
  reasons: [],
  findings: [],
  ...health,
  sent_share: 1,
  little: 1,
  token_share: { usage: 1 },
  steady: SOUND_STEADY,
};

/** Returns a passing run: open loop, two SLOs, three gates. */
export function passing(): Judged {
  const report: Report = {
    schemaVersion: 1,
    run: {
      id: 'r1',
      name: 'chat-interactive',
      dir: 'reports/chat-interactive-20260301T120000Z',
      startedAt: '2026-03-01T12:00:00.000Z',
      version: '0.1.0',
      seed: 42,
      status: 'complete',
      reason: null,
    },
    endpoint: { url: 'http://127.0.0.1:8000/v1', api: 'chat', model: 'my-model', simulated: false },
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
      ok: 300,
      failed: 0,
      good: 280,
      censored: 0,
      cut_missed: 0,
      lost: 0,
      outcomes: { ok: 300 },
      finish: { length: 291, stop: 9 },
    },
    metrics: metrics(300, {
      ttft: [98.23, 85.41, 140.2, 190.4, 312.1, 1204.1],
      ttft_sent: [98.02, 85.22, 140.1, 190.1, 311.9, 1203.8],
      ttfa: [98.23, 85.41, 140.2, 190.4, 312.1, 1204.1],
      tpot: [24.12, 24.02, 26.2, 27.13, 30.5, 41.7],
      itl: [24.15, 23.9, 27.2, 30.1, 48.3, 212.4],
      chunk_gap: [24.15, 23.9, 27.2, 30.1, 48.3, 212.4],
      e2e: [3121.4, 3082.9, 3480.2, 3660.7, 4020.3, 4622.8],
      e2e_sent: [3121.1, 3082.5, 3480, 3660.2, 4019.8, 4622],
      ntpot: [24.5, 24.3, 27, 28, 32, 45],
      max_gap: [48.2, 40.3, 80.4, 99.5, 180.2, 212.4],
      user_tps: [41.5, 41.63, 44.2, 45.1, 47.3, 50],
      dispatch_lag: [0.2, 0.15, 0.3, 0.5, 0.82, 1.4],
      send_lag: [0.08, 0.07, 0.12, 0.15, 0.213, 0.4],
    }),
    rates: {
      ...noRates,
      offered_rps: 5,
      sent_rps: 5,
      rps: 4.967,
      rpm: 298,
      output_tps: 632.4,
      input_tps: 2541.2,
      total_tps: 3173.6,
      goodput_rps: 4.633,
      goodput_rpm: 278,
      goodput_tps: 589.1,
      error_rate: 0,
      attainment: 280 / 300,
      concurrency: 15.51,
      max_concurrency: 27,
      little: 1.002,
    },
    intervals: {
      confidence: 0.95,
      length: 'short',
      why: null,
      effective: 91.3,
      requests: 300,
      needed: null,
      metrics: {
        ttft: {
          mean: { low: 92.1, high: 105.3 },
          p50: { low: 82.4, high: 88.9 },
          p95: { low: 171.2, high: 233.1 },
          p99: { low: 250.4, high: null },
        },
        tpot: {
          mean: { low: 23.8, high: 24.5 },
          p50: { low: 23.7, high: 24.3 },
          p95: { low: 26.8, high: 28.1 },
          p99: { low: 29.2, high: null },
        },
        e2e: {
          mean: { low: 3080, high: 3166 },
          p50: { low: 3021, high: 3140 },
          p95: { low: 3590, high: 3790 },
          p99: { low: 3855, high: null },
        },
      },
      rates: {
        attainment: { low: 0.894, high: 0.961 },
        error_rate: { low: 0, high: 0.0497 },
        goodput_rps: { low: 4.41, high: 4.92 },
        rps: { low: 4.81, high: 5.19 },
        output_tps: { low: 604, high: 651 },
      },
    },
    slo: {
      limits: { ttft: 200, tpot: 100 },
      attainment: { value: 280 / 300, low: 0.8992, high: 0.9564, kind: 'independent' },
      each: {
        ttft: { met: 280, missed: 20, not_applicable: 0, failed: 0 },
        tpot: { met: 299, missed: 0, not_applicable: 1, failed: 0 },
      },
      over_time: null,
    },
    tokens: {
      from: { usage: 300 },
      input: { planned_mean: 512, actual_mean: 511.3 },
      output: { planned_mean: 128, actual_mean: 127.4 },
      cached: 0,
      reasoning: null,
      hidden: null,
    },
    machine: null,
    cost: null,
    energy: null,
    failures: [],
    notes: [],
    health: {
      ...health,
      send_lag_second_ms: 0.5,
      unsent: 0,
      local_limits: {},
      keep_alive_races: 0,
      released: 300,
      little_applies: true,
      steady: SOUND_STEADY,
    },
  };
  return {
    report,
    audit: { ...healthy },
    verdict: {
      status: 'pass',
      exitCode: 0,
      hint: null,
      gates: [
        { gate: 'attainment >= 90%', value: 280 / 300, unit: 'ratio', pass: true },
        { gate: 'ttft p99 <= 400ms', value: 312.1, unit: 'ms', pass: true },
        { gate: 'error_rate <= 1%', value: 0, unit: 'ratio', pass: true },
      ],
    },
  };
}

/** Returns a failing run: failures that hide percentiles, few samples, a narrowly failed gate, one without a value, reasoning before answers. */
export function failing(): Judged {
  const made = passing();
  const { report } = made;
  report.load.rate_rps = 1;
  report.counts = {
    ...report.counts,
    planned: 60,
    sent: 60,
    cohort: 60,
    judged: 58,
    ok: 52,
    failed: 5,
    good: 50,
    censored: 2,
    cut_missed: 1,
    outcomes: { ok: 52, timeout: 3, http_error: 2, aborted: 3 },
    finish: { stop: 52 },
  };
  report.metrics = metrics(53, {
    ttft: [120.5, 99.3, 180.2, 210.7, 0, 1250],
    ttft_sent: [101.5, 80.1, 160.9, 190.8, 0, 1220],
    ttfa: [880.5, 802.3, 1180.2, 1310.7, 0, 1950],
    tpot: [31.2, 30.9, 34.4, 36.1, 0, 52.3],
    itl: [31.4, 30.1, 38.2, 45.9, 92.1, 640.2],
    e2e: [4120.4, 4002.1, 4821.9, 5010.2, 0, 5902.5],
    max_gap: [95.1, 80.2, 190.4, 402.8, 0, 640.2],
    user_tps: [32, 32.36, 35, 36, 38, 39],
  });
  for (const name of ['ttft', 'ttft_sent', 'ttfa', 'tpot', 'e2e', 'max_gap']) {
    const summary = report.metrics[name]!;
    summary.p99 = null;
    summary.why = { p99: 'samples', 'p99.9': 'failures' };
    summary.bounds = { p95: { low: summary.p95!, high: null } };
  }
  report.metrics['e2e']!.p95 = null;
  report.metrics['e2e']!.why = { p95: 'failures', p99: 'failures', 'p99.9': 'failures' };
  report.metrics['e2e']!.bounds = {};
  report.rates = {
    ...report.rates,
    offered_rps: 1,
    sent_rps: 1,
    output_tps: 113.3,
    input_tps: 482.6,
    total_tps: 595.9,
    goodput_tps: 106.2,
    concurrency: 4.4,
    max_concurrency: 9,
    rps: 0.8667,
    rpm: 52,
    goodput_rps: 0.8333,
    goodput_rpm: 50,
    error_rate: 5 / 58,
  };
  report.slo = {
    limits: { ttft: 250, tpot: 33.5 },
    attainment: { value: 50 / 58, low: 0.7507, high: 0.9284, kind: 'independent' },
    each: {
      ttft: { met: 51, missed: 2, not_applicable: 0, failed: 5 },
      tpot: { met: 50, missed: 1, not_applicable: 2, failed: 5 },
    },
    over_time: null,
  };
  report.tokens = {
    from: { usage: 50, events: 8 },
    input: { planned_mean: 512, actual_mean: 548.4 },
    output: { planned_mean: null, actual_mean: 127.4 },
    cached: 12_800,
    reasoning: 4096,
    hidden: 1024,
  };
  report.failures = [
    { outcome: 'timeout', count: 3, example: 'no output event within 10s of the send', status: null },
    { outcome: 'http_error', count: 2, example: 'The server is overloaded, try again later', status: 503 },
  ];
  report.notes = [
    { code: 'input_length', text: 'Input was 548 tokens on average where 512 were planned (7.1 % more).' },
  ];
  made.audit = {
    ...healthy,
    status: 'suspect',
    reasons: [
      {
        rule: 'token_source',
        level: 'suspect',
        text: 'Output tokens were counted by output events while a token SLO is declared.',
        advice: 'Ask the server for usage in streams, or name a tokenizer.',
      },
    ],
  };
  made.verdict = {
    status: 'fail',
    exitCode: 99,
    hint: null,
    gates: [
      { gate: 'attainment >= 86.21%', value: 50 / 58, unit: 'ratio', pass: false },
      {
        gate: 'ttft p95 <= 400ms',
        value: 210.7,
        unit: 'ms',
        pass: true,
        uncertain: true,
        reason: 'too few samples to be sure of p95: this is its nearest rank, the true value may lie beyond',
      },
      {
        gate: 'e2e p99 <= 6s',
        value: null,
        unit: 'ms',
        pass: false,
        reason: 'too many requests failed for e2e p99 to be known',
      },
    ],
  };
  return made;
}

/** Returns a run without any answer. */
export function dead(): Judged {
  const made = passing();
  const { report } = made;
  report.counts = {
    ...report.counts,
    ok: 0,
    failed: 300,
    good: 0,
    outcomes: { connect: 300 },
    finish: {},
  };
  report.metrics = metrics(0, {});
  report.rates = {
    ...noRates,
    offered_rps: 5,
    sent_rps: 0,
    rps: 0,
    rpm: 0,
    output_tps: 0,
    goodput_rps: 0,
    goodput_rpm: 0,
    goodput_tps: 0,
    error_rate: 1,
    attainment: 0,
    concurrency: 0,
    max_concurrency: 0,
  };
  report.counts.sent = 0;
  report.slo = {
    limits: { ttft: 200 },
    attainment: { value: 0, low: 0, high: 0.01264, kind: 'independent' },
    each: { ttft: { met: 0, missed: 0, not_applicable: 0, failed: 300 } },
    over_time: null,
  };
  report.tokens = {
    from: {},
    input: { planned_mean: 512, actual_mean: null },
    output: { planned_mean: 128, actual_mean: null },
    cached: null,
    reasoning: null,
    hidden: null,
  };
  report.failures = [
    { outcome: 'connect', count: 300, example: 'connect ECONNREFUSED 127.0.0.1:8000', status: null },
  ];
  made.audit = {
    ...healthy,
    status: 'invalid',
    send_lag_p99_ms: null,
    dispatch_lag_p99_ms: null,
    reasons: [
      {
        rule: 'successes',
        level: 'invalid',
        text: 'None of the 300 requests succeeded; most often connect: connect ECONNREFUSED 127.0.0.1:8000.',
        advice:
          'Send one request by hand: the URL, the model, the key and the time limits decide whether it can succeed.',
      },
    ],
  };
  made.verdict = {
    status: 'invalid',
    exitCode: 98,
    hint: null,
    gates: [{ gate: 'attainment >= 90%', value: 0, unit: 'ratio', pass: false }],
  };
  return made;
}

/** Returns a run stopped by the user, with lost requests. */
export function interrupted(): Judged {
  const made = passing();
  const { report } = made;
  report.run = { ...report.run, status: 'interrupted', reason: 'Ctrl-C' };
  report.load = {
    ...report.load,
    loop: 'closed',
    arrivals: null,
    rate_rps: null,
    concurrency: 16,
    requests: 500,
    warmup_s: 0,
    window_s: 23.42,
  };
  report.counts = { ...report.counts, lost: 12 };
  report.rates = { ...report.rates, offered_rps: null };
  report.slo!.attainment = { value: 280 / 300, low: 280 / 312, high: 292 / 312, kind: 'lost' };
  made.verdict = { ...made.verdict, status: 'interrupted', exitCode: 105 };
  return made;
}

/** Returns a run of the embedded endpoint, without SLOs and gates. */
export function simulated(): Judged {
  const made = passing();
  const { report } = made;
  report.endpoint = { url: 'http://127.0.0.1:40123/v1', api: 'chat', model: 'simulated', simulated: true };
  report.slo = null;
  report.rates = { ...report.rates, attainment: null };
  made.verdict = { status: 'none', exitCode: 0, gates: [], hint: null };
  return made;
}
