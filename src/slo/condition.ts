import type { Failed, Result } from '../errors.ts';
import { exampleLimit, parseLimit } from './limit-text.ts';
import type { Metric } from '../metrics/registry.ts';

/**
 * The part that SLOs and gates have in common: `words op limit`, split into words with their offsets, and the checks of the comparison and
 * the limit for the metric.
 */
export type Op = '<=' | '>=';

/** A mistake in a condition, with its place. */
export interface Mistake {
  /** The problem, and what to write instead. */
  message: string;
  /** Index in the parsed text, from 0. */
  offset: number;
  part: 'metric' | 'aggregation' | 'group' | 'op' | 'limit' | 'confidence';
}

/** The value that was read, or all mistakes. */
export type Reading<T> = Result<T, readonly Mistake[]>;

export interface Word {
  text: string;
  offset: number;
}

/** The words of a condition. A missing metric, comparison or limit is an empty word at its place. */
interface Parts {
  metric: Word;
  aggregation: Word | null;
  surplus: Word | null;
  op: Word;
  limit: Word;
}

export interface Condition {
  metric: string;
  op: Op;
  /** The limit in `unit`, the unit of the metric. */
  value: number;
  unit: string;
  /** The text of the user with regular blanks: `ttft <= 0.2s`. */
  text: string;
}

const CONDITION = /^([^<>=!≤≥]*)([<>=!≤≥]*)(.*)$/s;

/**
 * Splits a condition into its words.
 * @param offset index of `text` in the text of the user
 */
export function splitCondition(text: string, offset: number): Parts {
  const [, left = '', op = '', right = ''] = CONDITION.exec(text)!;
  const words = Array.from(left.matchAll(/\S+/g), (word) => ({ text: word[0], offset: offset + word.index }));
  const opAt = offset + left.length;
  const blanks = right.length - right.trimStart().length;
  return {
    metric: words[0] ?? { text: '', offset },
    aggregation: words[1] ?? null,
    surplus: words[2] ?? null,
    op: { text: op, offset: opAt },
    limit: { text: regular(right), offset: opAt + op.length + blanks },
  };
}

/**
 * Checks the comparison and the limit.
 * @param between the aggregation and the group, for the text and the examples; they have been checked before
 */
export function readCondition(metric: Metric, parts: Parts, between: string | null): Reading<Condition> {
  const op = parts.op.text;
  const example = (limit: string): string => `"${joined(metric.name, between, opOf(metric), limit)}"`;
  if (op === '') {
    return wrong(
      mistake(parts.op.offset, 'op', `no comparison: write it like ${example(exampleLimit(metric))}`),
    );
  }
  const mistakes: Mistake[] = [];
  const limit = parseLimit(metric, parts.limit.text);
  const shown = limit.ok ? parts.limit.text : exampleLimit(metric);
  if (op !== '<=' && op !== '>=') {
    const message = `no such comparison "${op}": limits are inclusive, so write ${example(shown)}`;
    mistakes.push(mistake(parts.op.offset, 'op', message));
  } else if (metric.better !== null && op !== opOf(metric)) {
    const message = `wrong direction for a metric where ${metric.better} is better: write ${example(shown)}`;
    mistakes.push(mistake(parts.op.offset, 'op', message));
  } else if (limit.ok && isAlwaysTrue(metric, op, limit.value)) {
    const message = `always true, because no share is above 100%: did you mean ${example('1%')}?`;
    mistakes.push(mistake(parts.limit.offset, 'limit', message));
  } else if (limit.ok) {
    const text = joined(metric.name, between, op, parts.limit.text);
    return { ok: true, value: { metric: metric.name, op, value: limit.value, unit: metric.unit, text } };
  }
  if (!limit.ok) {
    const hint = parts.limit.text === '' ? `: write it like ${example(shown)}` : '';
    mistakes.push(mistake(parts.limit.offset, 'limit', limit.problem + hint));
  }
  return wrong(...mistakes);
}

/** Returns the comparison for the better direction of a metric; metrics without one allow both, and use "<=" in examples. */
export const opOf = (metric: Metric): Op => (metric.better === 'higher' ? '>=' : '<=');

/** @param between the words between the metric and the comparison */
export const joined = (metric: string, between: string | null, op: string, limit: string): string =>
  between === null ? `${metric} ${op} ${limit}` : `${metric} ${between} ${op} ${limit}`;

export const regular = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

export const mistake = (offset: number, part: Mistake['part'], message: string): Mistake => ({
  message,
  offset,
  part,
});

export const wrong = (...mistakes: Mistake[]): Failed<readonly Mistake[]> => ({
  ok: false,
  problem: mistakes,
});

/** Returns true for a limit like `error_rate <= 1`, which is meant as 1% but would accept any number of failures. */
const isAlwaysTrue = (metric: Metric, op: Op, limit: number): boolean =>
  metric.isShare && op === '<=' && limit >= 1;
