import { didYouMean } from '../errors.ts';
import { type cut, joined, mistake, opOf, type Reading, type Word, wrong } from './condition.ts';
import { exampleLimit } from './limit-text.ts';
import type { Metric } from '../metrics/registry.ts';

/** Which figure of a distribution a gate asks for: `p99`, `mean`, `min`, `max`. */

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

/** As it is written here, of a word that others write for it. */
export const usualName = (word: string): string => OTHER_NAMES.get(word) ?? word;

export const isPercentile = (text: string): boolean => PERCENTILE.test(text);

export const isAggregation = (text: string): boolean =>
  PERCENTILE.test(text) || ['mean', 'min', 'max'].includes(text);

export function readAggregation(metric: Metric, parts: ReturnType<typeof cut>): Reading<string | null> {
  const { aggregation: word, surplus } = parts;
  if (parts.op.text === '') return { ok: true, value: null };
  if (surplus !== null) {
    const message = `"${surplus.text}" is too much: a metric, an aggregation, a comparison and a limit make a gate`;
    return wrong(mistake(surplus.offset, 'aggregation', message));
  }
  if (metric.kind === 'run') {
    if (word === null) return { ok: true, value: null };
    const noun = metric.unit.includes('/') ? 'a rate' : 'a figure of the run';
    const what = PERCENTILE.test(word.text) ? 'percentile' : `"${word.text}"`;
    const message = `${noun} has no ${what}: ${metric.name} is one number a run, leave "${word.text}" out`;
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
    const way =
      near === null ? '; there are mean, min, max and percentiles like p99' : `, did you mean ${near}?`;
    return wrong(mistake(word.offset, 'aggregation', `unknown aggregation "${word.text}"${way}`));
  }
  const p = Number(digits);
  if (p > 0 && p < 100) return { ok: true, value: `p${plain(digits)}` };
  const way = p === 100 ? 'say max' : p === 0 ? 'say min' : 'it lies between 0 and 100, like p99';
  return wrong(mistake(word.offset, 'aggregation', `percentile out of range (${word.text}): ${way}`));
}

/** One percentile, one name: `050.0` is `50`. */
const plain = (digits: string): string =>
  digits
    .replace(/^0+(?=\d)/, '')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
