import { didYouMean } from '../errors.ts';
import { isAggregation, isPercentile, canonicalAggregation } from './aggregation.ts';
import { joined, mistake, opOf, type Reading, type Word, wrong } from './condition.ts';
import { exampleLimit } from './limit-text.ts';
import { type Metric, METRICS, metricNamed, SLO_METRICS } from '../metrics/registry.ts';

/** Reads the metric of a condition, with a suggestion for an unknown one. */

/** `ttft_p99`, `ttft.mean`: one word in other tools, two words here. */
const JOINED = /^(.+?)[_.:-]?(p\d+(?:\.\d+)?|mean|min|max|avg|average|median)$/;

export function belongsInGate(aggregation: string): string {
  const what = isPercentile(aggregation) ? 'a percentile' : `"${aggregation}"`;
  return `${what} belongs in a gate: an SLO judges each request separately`;
}

export function sloMetric(word: Word, next: Word | null): Reading<Metric> {
  const metric = metricNamed(word.text);
  if (metric === undefined) {
    const meant = foreignOrder(word, next);
    if (meant !== null) return wrong(mistake(word.offset, 'metric', belongsInGate(meant.aggregation)));
    return unknown(word, SLO_METRICS);
  }
  if (metric.kind === 'request') return { ok: true, value: metric };
  const message =
    metric.kind === 'pooled'
      ? `${metric.name} is pooled over requests: gate it (${metric.name} p99 <= 30ms), or use tpot or max_gap`
      : `${metric.name} is a run metric and cannot be a request SLO: gate it (${joined(metric.name, null, opOf(metric), exampleLimit(metric))})`;
  return wrong(mistake(word.offset, 'metric', message));
}

export function gateMetric(word: Word, next: Word | null): Reading<Metric> {
  const metric = metricNamed(word.text);
  if (metric !== undefined) return { ok: true, value: metric };
  const meant = foreignOrder(word, next);
  if (meant === null) return unknown(word, METRICS);
  const message = `unknown metric "${word.text}", did you mean "${meant.metric} ${meant.aggregation}"?`;
  return wrong(mistake(word.offset, 'metric', message));
}

/** Reads `ttft_p99` and `p99 ttft` as `ttft p99`; `null` for any other text. */
function foreignOrder(word: Word, next: Word | null): { metric: string; aggregation: string } | null {
  if (next !== null && isAggregation(word.text) && metricNamed(next.text) !== undefined) {
    return { metric: next.text, aggregation: word.text };
  }
  const [, metric = '', aggregation = ''] = JOINED.exec(word.text) ?? [];
  if ((metricNamed(metric)?.kind ?? 'run') === 'run') return null;
  return { metric, aggregation: canonicalAggregation(aggregation) };
}

function unknown(word: Word, known: readonly Metric[]): Reading<Metric> {
  if (word.text === '') return wrong(mistake(word.offset, 'metric', 'no metric before the comparison'));
  const names = known.map((metric) => metric.name);
  const all = METRICS.map((metric) => metric.name);
  const near = didYouMean(word.text, names) ?? didYouMean(word.text, all);
  const candidates = near === null ? all.filter((name) => name.startsWith(`${word.text}_`)) : [near];
  const hint =
    candidates.length === 0
      ? `; valid are ${names.join(', ')}`
      : `, did you mean ${candidates.join(' or ')}?`;
  return wrong(mistake(word.offset, 'metric', `unknown metric "${word.text}"${hint}`));
}
