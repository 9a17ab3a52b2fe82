import { didYouMean } from '../errors.ts';
import { type splitCondition, joined, mistake, opOf, type Reading, type Word, wrong } from './condition.ts';
import { exampleLimit } from './limit-text.ts';
import type { Metric } from '../metrics/registry.ts';

/** The aggregation of a distribution in a gate: `p99`, `mean`, `min`, `max`. */

const PERCENTILE = /^p(\d+(?:\.\d+)?)$/;
const OTHER_NAMES = new Map(
  Object.entries({
    avg: 'mean',
    average: 'mean',
    median: 'p50',
    maximum: 'max',
    minimum: 'min',
  }),
);

/** Returns the aggregation for another name of it, such as `avg`. */
export const canonicalAggregation = (word: string): string => OTHER_NAMES.get(word) ?? word;

export const isPercentile = (text: string): boolean => PERCENTILE.test(text);

export const isAggregation = (text: string): boolean =>
  PERCENTILE.test(text) || ['mean', 'min', 'max'].includes(text);

export function readAggregation(
  metric: Metric,
  parts: ReturnType<typeof splitCondition>,
): Reading<string | null> {
  const { aggregation: word, surplus } = parts;
  if (parts.op.text === '') return { ok: true, value: null };
  if (surplus !== null) {
    const message = `unexpected "${surplus.text}": a gate is a metric, an aggregation, a comparison and a limit`;
    return wrong(mistake(surplus.offset, 'aggregation', message));
  }
  if (metric.kind === 'run') {
    if (word === null) return { ok: true, value: null };
    const noun = metric.unit.includes('/') ? 'a rate' : 'a figure of the run';
    const what = PERCENTILE.test(word.text) ? 'percentile' : `"${word.text}"`;
    const message = `${noun} has no ${what}: ${metric.name} is one number per run, omit "${word.text}"`;
    return wrong(mistake(word.offset, 'aggregation', message));
  }
  if (word !== null) return aggregationNamed(word);
  const example = joined(metric.name, 'p99', opOf(metric), exampleLimit(metric));
  const message = `a distribution needs an aggregation (p50, p99, mean, min, max): write it like "${example}"`;
  return wrong(mistake(parts.op.offset, 'aggregation', message));
}

function aggregationNamed(word: Word): Reading<string> {
  if (['mean', 'min', 'max'].includes(word.text)) return { ok: true, value: word.text };
  const [, digits] = PERCENTILE.exec(word.text) ?? [];
  if (digits === undefined) {
    const lower = word.text.toLowerCase();
    const near =
      OTHER_NAMES.get(lower) ?? (isAggregation(lower) ? lower : didYouMean(lower, ['mean', 'min', 'max']));
    const hint =
      near === null ? '; valid are mean, min, max and percentiles like p99' : `, did you mean ${near}?`;
    return wrong(mistake(word.offset, 'aggregation', `unknown aggregation "${word.text}"${hint}`));
  }
  const p = Number(digits);
  if (p > 0 && p < 100) return { ok: true, value: `p${withoutZeros(digits)}` };
  const hint = p === 100 ? 'say max' : p === 0 ? 'say min' : 'it must be between 0 and 100, like p99';
  return wrong(mistake(word.offset, 'aggregation', `percentile out of range (${word.text}): ${hint}`));
}

/** Removes zeros that have no effect, so that each percentile has one name: `050.0` becomes `50`. */
const withoutZeros = (digits: string): string =>
  digits
    .replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
