import { PERCENTILES, type DistributionSummary, type Report } from '../../src/analysis/report.ts';
import { METRICS, metricNamed, type MetricUnit } from '../../src/metrics/registry.ts';
import { randomStream, type Random } from '../../src/random.ts';
import type { Judged } from '../../src/render/run/text.ts';
import { OUTCOMES, TOKEN_SOURCES } from '../../src/sample.ts';
import type { Interval } from '../../src/statistics/interval.ts';
import { distribution, passing } from './reports.ts';

const HOSTILE = [
  '\x1b[2J',
  '\x1b]0;owned\x07',
  '\x1b]52;c;b3duZWQ=\x07',
  '\u009b31m',
  '\r',
  '\n',
  '\u202e',
  '\u2066',
  '\b',
  '\t',
  '\ud83d',
  '\u2028',
];
const PIECES = [
  'model',
  'https://',
  'overloaded',
  ' ',
  ' ',
  '/v1/',
  '模型',
  "'quoted'",
  '%2F',
  '$(x)',
  'Запрос',
];

/** Returns a report with long and hostile texts and numbers of any size, in which any value may be missing. */
export function randomJudged(seed: number): Judged {
  const random = randomStream(seed, 'random report');
  const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const text = (most: number): string => {
    const pieces = Array.from({ length: 1 + random.below(most) }, () =>
      pick(random.below(4) === 0 ? HOSTILE : PIECES),
    );
    return pieces.join('');
  };
  const size = (): number => 10 ** (random.uniform() * 9 - 3);
  const maybe = <T>(value: T): T | null => (random.below(5) === 0 ? null : value);
  const whole = (): number => Math.floor(random.uniform() * 10 ** random.below(8));
  const few = (): number => random.below(100_000);
  const counts = { met: few(), missed: few(), not_applicable: few(), failed: few() };
  const slo = ['ttft', 'tpot', 'e2e', 'user_tps', 'on_time_share'].filter(() => random.below(2) === 0);
  const limit = (name: string): number =>
    metricNamed(name)!.isShare ? Number(random.uniform().toFixed(4)) : whole() / 8;
  const share = random.uniform();
  const interval = (): Interval => ({ low: maybe(size()), high: maybe(size()) });
  const { report, audit, verdict } = passing();
  const rates = Object.fromEntries(Object.keys(report.rates).map((name) => [name, maybe(size())]));
  const judged: Report = {
    ...report,
    run: {
      ...report.run,
      name: text(12),
      dir: text(16),
      version: `0.1.0-${text(3)}`,
      status: pick(['complete', 'interrupted', 'failed', 'running']),
      reason: maybe(text(12)),
    },
    endpoint: {
      url: `http://${text(30)}`,
      api: 'chat',
      model: maybe(text(20)),
      simulated: random.below(2) === 0,
    },
    load: {
      loop: pick(['open', 'closed']),
      arrivals: maybe('poisson'),
      rate_rps: maybe(size()),
      concurrency: maybe(whole()),
      max_concurrency: maybe(whole()),
      clock: pick(['planned', 'sent']),
      requests: maybe(whole()),
      warmup_s: whole() / 10,
      window_s: size(),
    },
    counts: {
      ...report.counts,
      planned: whole(),
      sent: whole(),
      judged: whole(),
      ok: whole(),
      failed: whole(),
      good: whole(),
      censored: whole(),
      cut_missed: whole(),
      lost: whole(),
      finish: Object.fromEntries(Array.from({ length: random.below(7) }, () => [text(8), whole()])),
    },
    metrics: randomMetrics(random),
    rates: { ...report.rates, ...rates },
    intervals: {
      confidence: 0.95,
      length: pick(['inconclusive', 'short', 'enough']),
      why: pick([null, null, 'load', 'lost']),
      effective: size(),
      requests: whole(),
      needed: maybe(whole()),
      metrics: Object.fromEntries(
        ['ttft', 'tpot', 'e2e'].map((name) => [name, { mean: interval(), p50: interval(), p95: interval() }]),
      ),
      rates: { attainment: { low: share / 2, high: share }, goodput_rps: interval(), output_tps: interval() },
    },
    slo:
      random.below(4) === 0
        ? null
        : {
            limits: Object.fromEntries(slo.map((name) => [name, limit(name)])),
            attainment: {
              value: maybe(share),
              low: maybe(share / 2),
              high: maybe(share),
              kind: pick(['independent', 'lost']),
            },
            each: Object.fromEntries(slo.map((name) => [name, counts])),
            over_time: maybe({
              part_s: size(),
              parts: Array.from({ length: 10 }, () => ({
                judged: whole(),
                good: whole(),
                attainment: maybe(random.uniform()),
              })),
            }),
          },
    tokens: {
      from: Object.fromEntries(
        TOKEN_SOURCES.filter(() => random.below(3) === 0).map((source) => [source, whole()]),
      ),
      unit: pick(['token', 'event', 'mixed', null] as const),
      words_per_event: maybe(size()),
      input: { planned_mean: maybe(size()), actual_mean: maybe(size()) },
      output: { planned_mean: maybe(size()), actual_mean: maybe(size()) },
      cached: maybe(whole()),
      reasoning: maybe(whole()),
      hidden: maybe(whole()),
    },
    ...(random.below(2) === 0 ? { reuse: { planned: maybe(share), counted: maybe(share) } } : {}),
    failures: OUTCOMES.slice(1, 1 + random.below(11)).map((outcome) => ({
      outcome,
      count: whole(),
      example: text(60),
      status: maybe(503),
    })),
    notes: Array.from({ length: random.below(11) }, () => ({ code: 'from_run' as const, text: text(30) })),
  };
  const reason = { rule: 'little', level: 'suspect', text: text(20), advice: text(20) } as const;
  const status = pick(['pass', 'fail', 'invalid', 'none', 'interrupted'] as const);
  return {
    report: judged,
    audit: {
      ...audit,
      status: pick(['valid', 'suspect', 'invalid']),
      reasons: random.below(2) === 0 ? [] : [reason],
      findings: random.below(2) === 0 ? [] : [{ code: 'overload', text: text(30) }],
      send_lag_p99_ms: maybe(size()),
      event_loop_utilization: maybe(share),
    },
    verdict: {
      ...verdict,
      status,
      hint: maybe(text(10)),
      gates: verdict.gates.map(({ gate, unit, pass }) => {
        return { gate, unit, pass, value: maybe(size()), uncertain: true, reason: text(20) };
      }),
    },
  };
}

/** Returns distributions with ordered values; percentiles are missing or uncertain as the rules allow, and some have no value. */
export function randomMetrics(random: Random): Record<string, DistributionSummary> {
  const distributions = METRICS.filter((metric) => metric.kind !== 'run');
  return Object.fromEntries(
    distributions.map(({ name, unit }) => [
      name,
      random.below(6) === 0 ? distribution(unit, 0, null) : randomDistribution(random, unit),
    ]),
  );
}

function randomDistribution(random: Random, unit: MetricUnit): DistributionSummary {
  const spread = random.below(4) === 0 ? 30 : 1;
  let value = 10 ** (random.uniform() * 7 - 3);
  const next = (): number => (value *= 1 + random.uniform() ** 4 * spread);
  const summary = distribution(unit, 300, [next(), next(), next(), next(), next(), next()]);
  summary['p99.9'] = next();
  summary.why = {};
  const known = random.below(PERCENTILES.length + 1);
  for (const [i, name] of PERCENTILES.entries()) {
    if (i >= known) {
      summary[name] = null;
      summary.why[name] = random.below(2) === 0 ? 'samples' : 'failures';
    } else if (i === known - 1) {
      summary.bounds[name] = { low: value, high: null };
    }
  }
  return summary;
}
