import { exampleLimit, parseLimit } from './limit-text.ts';
import type { Metric } from '../metrics/registry.ts';

/**
 * What SLOs and gates have in common: `words op limit`, cut into words with their places, and the checks of a
 * comparison and its limit against the metric.
 */
export type Op = '<=' | '>=';

/** What is wrong with a condition, and where. */
export interface Mistake {
  /** In plain words, with the way out. */
  message: string;
  /** Index in the text that was parsed, from 0. */
  offset: number;
  part: 'metric' | 'aggregation' | 'op' | 'limit' | 'confidence';
}

/** What was declared, or every mistake at once. */
export type Reading<T> = { ok: true; value: T } | { ok: false; mistakes: readonly Mistake[] };

export interface Word {
  text: string;
  offset: number;
}

/** A missing metric, comparison or limit is an empty word at the place where it should stand. */
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
  /** In `unit`, the metric's own. */
  value: number;
  unit: string;
  /** As the user wrote it, blanks made regular: `ttft <= 0.2s`. */
  text: string;
}

const CONDITION = /^([^<>=!≤≥]*)([<>=!≤≥]*)(.*)$/s;

/** The pieces of one condition; `offset` is where `text` begins in what the user wrote. */
export function cut(text: string, offset: number): Parts {
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

/** Checks comparison and limit; `aggregation` is only for the text and the examples, it was checked before. */
export function readCondition(metric: Metric, parts: Parts, aggregation: string | null): Reading<Condition> {
  const op = parts.op.text;
  const way = (limit: string): string => `"${joined(metric.name, aggregation, opOf(metric), limit)}"`;
  if (op === '') {
    return wrong(mistake(parts.op.offset, 'op', `no comparison: write it like ${way(exampleLimit(metric))}`));
  }
  const mistakes: Mistake[] = [];
  const limit = parseLimit(metric, parts.limit.text);
  const shown = limit.ok ? parts.limit.text : exampleLimit(metric);
  if (op !== '<=' && op !== '>=') {
    const message = `no such comparison "${op}": limits are inclusive, write <= or >=, here ${way(shown)}`;
    mistakes.push(mistake(parts.op.offset, 'op', message));
  } else if (metric.better !== null && op !== opOf(metric)) {
    const message = `wrong direction for a metric where ${metric.better} is better: write ${way(shown)}`;
    mistakes.push(mistake(parts.op.offset, 'op', message));
  } else if (limit.ok && alwaysHolds(metric, op, limit.value)) {
    const message = `always holds, since no share passes 100 %: did you mean ${way('1%')}?`;
    mistakes.push(mistake(parts.limit.offset, 'limit', message));
  } else if (limit.ok) {
    const text = joined(metric.name, aggregation, op, parts.limit.text);
    return { ok: true, value: { metric: metric.name, op, value: limit.value, unit: metric.unit, text } };
  }
  if (!limit.ok) {
    const example = parts.limit.text === '' ? `: write it like ${way(shown)}` : '';
    mistakes.push(mistake(parts.limit.offset, 'limit', limit.message + example));
  }
  return wrong(...mistakes);
}

/** The comparison of a metric's better direction; metrics without one take either, and "<=" in examples. */
export const opOf = (metric: Metric): Op => (metric.better === 'higher' ? '>=' : '<=');

export const joined = (metric: string, aggregation: string | null, op: string, limit: string): string =>
  aggregation === null ? `${metric} ${op} ${limit}` : `${metric} ${aggregation} ${op} ${limit}`;

export const regular = (text: string): string => text.trim().replaceAll(/\s+/g, ' ');

export const mistake = (offset: number, part: Mistake['part'], message: string): Mistake => ({
  message,
  offset,
  part,
});

export const wrong = (...mistakes: Mistake[]): { ok: false; mistakes: readonly Mistake[] } => ({
  ok: false,
  mistakes,
});

/** `error_rate <= 1` was meant as 1 %, and as written it would let every failure pass. */
const alwaysHolds = (metric: Metric, op: Op, limit: number): boolean =>
  metric.isShare && op === '<=' && limit >= 1;
