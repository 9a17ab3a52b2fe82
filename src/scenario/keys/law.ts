import type { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import type { Checked, Problem } from './problem.ts';

export const DISTRIBUTIONS = ['constant', 'uniform', 'normal', 'lognormal', 'exponential'] as const;

type Distribution = (typeof DISTRIBUTIONS)[number];

/** The parameters of a law. `value` is the one of a constant, which each quantity calls by its own name. */
type Key = 'value' | 'mean' | 'stddev' | 'min' | 'max';

const KEYS: readonly Key[] = ['value', 'mean', 'stddev', 'min', 'max'];

/** A distribution of values of one quantity, such as lengths in tokens or durations in milliseconds. */
export type Law =
  | { distribution: 'constant'; value: number }
  | { distribution: 'uniform'; min: number; max: number }
  | { distribution: 'normal' | 'lognormal'; mean: number; stddev: number; min: number; max: number | null }
  | { distribution: 'exponential'; mean: number; min: number; max: number | null };

/** The kind of value that a law has, and how it is written. */
export interface Quantity {
  /** Such as `length`. */
  noun: string;
  /** Key of the value of a constant, such as `tokens`. */
  constant: string;
  /** A law in words, for messages. */
  expected: string;
  /** The lowest value. */
  least: number;
  /** Returns a bound or a constant value as written; `null` if it is none. */
  bound(written: unknown): number | null;
  /** Returns a mean or a standard deviation as written; `null` if it is none. */
  moment(written: unknown, least: number): number | null;
  /** Returns a value for messages. */
  shown(value: number): string;
}

const NEEDS: Record<Distribution, { needs: readonly Key[]; takes: readonly Key[] }> = {
  constant: { needs: ['value'], takes: [] },
  uniform: { needs: ['min', 'max'], takes: [] },
  normal: { needs: ['mean', 'stddev'], takes: ['min', 'max'] },
  lognormal: { needs: ['mean', 'stddev'], takes: ['min', 'max'] },
  exponential: { needs: ['mean'], takes: ['min', 'max'] },
};

type Numbers = { [K in Key]?: number | undefined };

interface KeyProblem {
  key: Key;
  problem: Problem;
}

/** Returns a law from its numbers, or all mistakes by key. */
function lawOf(
  distribution: Distribution,
  numbers: Numbers,
  { noun, constant, least, shown }: Quantity,
): { law: Law } | { problems: KeyProblem[] } {
  const { needs, takes } = NEEDS[distribution];
  const optional = takes.length === 0 ? '' : `, and optionally ${takes.join(' and ')}`;
  const names = needs.map((key) => (key === 'value' ? constant : key));
  const shape = `a ${distribution} ${noun} takes ${names.join(' and ')}${optional}`;
  const problems: KeyProblem[] = [];
  for (const key of KEYS) {
    const present = numbers[key] !== undefined;
    if (needs.includes(key) && !present) problems.push({ key, problem: { wrong: `is missing: ${shape}` } });
    if (present && !needs.includes(key) && !takes.includes(key)) {
      problems.push({ key, problem: { wrong: `is not used here: ${shape}`, atKey: true } });
    }
  }
  if (problems.length > 0) return { problems };

  const { value, mean, stddev, min, max } = numbers;
  if (min !== undefined && max !== undefined && min > max) {
    problems.push({ key: 'min', problem: { expected: `at most max, which is ${shown(max)}` } });
  } else if (mean !== undefined && mean < (min ?? least)) {
    problems.push({ key: 'mean', problem: { expected: `at least min, which is ${shown(min ?? least)}` } });
  } else if (mean !== undefined && max !== undefined && mean > max) {
    problems.push({ key: 'mean', problem: { expected: `at most max, which is ${shown(max)}` } });
  }
  if (problems.length > 0) return { problems };

  switch (distribution) {
    case 'constant':
      return { law: { distribution, value: value! } };
    case 'uniform':
      return { law: { distribution, min: min!, max: max! } };
    case 'exponential':
      return { law: { distribution, mean: mean!, min: min ?? least, max: max ?? null } };
    default:
      return { law: { distribution, mean: mean!, stddev: stddev!, min: min ?? least, max: max ?? null } };
  }
}

/**
 * Splits `256,uniform:60-90,lognormal:512,200,1024` into `256`, `uniform:60-90`, `lognormal:512,200` and `1024`: a distribution takes
 * as many of the numbers after it as it needs, and a range after them.
 */
export function splitLaws(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  const laws: string[] = [];
  while (parts.length > 0) {
    const own = [parts.shift()!];
    const distribution = DISTRIBUTIONS.find((each) => own[0]!.split(':')[0]!.trimEnd() === each);
    const named = distribution === undefined ? [] : namedNumbers(distribution);
    while (own.length < named.length && parts[0] !== undefined && /^[^:]*$/.test(parts[0]))
      own.push(parts.shift()!);
    if (named.length > 0 && parts[0] !== undefined && /^[^:-]+-[^:]+$/.test(parts[0]))
      own.push(parts.shift()!);
    laws.push(own.join(','));
  }
  return laws;
}

/** Returns the keys of the numbers that precede a range in the one-line notation. */
const namedNumbers = (distribution: Distribution): Key[] =>
  NEEDS[distribution].needs.filter((key) => key !== 'min' && key !== 'max');

/** Parses the one-line notation. */
export function parseLaw(input: unknown, quantity: Quantity): Checked<Law> {
  const { expected } = quantity;
  const constant = quantity.bound(input);
  if (constant !== null) return { ok: true, value: { distribution: 'constant', value: constant } };
  const match = typeof input === 'string' ? /^\s*([a-z]+)\s*:\s*(.+)$/.exec(input) : null;
  if (match === null) return { ok: false, problem: { expected } };
  const distribution = DISTRIBUTIONS.find((each) => each === match[1]);
  if (distribution === undefined) {
    const meant = didYouMean(match[1]!, DISTRIBUTIONS);
    const problem = { wrong: 'unknown distribution', expected: `one of ${DISTRIBUTIONS.join(', ')}`, meant };
    return { ok: false, problem };
  }
  const parts = match[2]!.split(',').map((part) => part.trim());
  const numbers = numbersOf(distribution, parts, quantity);
  if (numbers === null) return { ok: false, problem: { expected } };
  const result = lawOf(distribution, numbers, quantity);
  if ('law' in result) return { ok: true, value: result.law };
  const { key, problem } = result.problems[0]!;
  return { ok: false, problem: { expected: `a ${key} of ${problem.expected}` } };
}

/** Returns the numbers of the one-line notation; `null` if they do not fit the distribution. */
function numbersOf(
  distribution: Distribution,
  parts: readonly string[],
  { bound, moment, least }: Quantity,
): Numbers | null {
  const numbers: Numbers = {};
  const named = namedNumbers(distribution);
  if (parts.length < named.length || parts.length > named.length + (distribution === 'constant' ? 0 : 1))
    return null;
  for (const [at, key] of named.entries()) {
    const parsed = key === 'value' ? bound(parts[at]) : moment(parts[at], key === 'stddev' ? 0 : least);
    if (parsed === null) return null;
    numbers[key] = parsed;
  }
  const range = parts[named.length];
  if (range === undefined) return numbers;
  const [min, max, ...more] = range.split('-').map(bound);
  if (min === null || min === undefined || max === null || max === undefined || more.length > 0) return null;
  return { ...numbers, min, max };
}

/** Returns the law of a map; reports its mistakes and returns `null` if it has any. */
export function lawOfMap(
  { distribution = 'constant', ...numbers }: { distribution?: Distribution | undefined } & Numbers,
  quantity: Quantity,
  { issues }: z.core.ParsePayload,
): Law | null {
  const report = (key: string | null, input: unknown, problem: Problem): unknown =>
    issues.push({ code: 'custom', input, path: key === null ? [] : [key], params: { ...problem } });
  const isNamed = Object.entries(numbers).some(([key, value]) => key !== 'value' && value !== undefined);
  if (distribution === 'constant' && isNamed && numbers.value === undefined) {
    const wrong = 'distribution is missing';
    report(null, numbers, { wrong, expected: `one of ${DISTRIBUTIONS.join(', ')}` });
    return null;
  }
  const result = lawOf(distribution, numbers, quantity);
  if ('law' in result) return result.law;
  for (const { key, problem } of result.problems)
    report(key === 'value' ? quantity.constant : key, numbers[key], problem);
  return null;
}

/** Returns a law as text: `lognormal, mean 512, stddev 200, from 16 to 4096`. */
export function formatLaw(law: Law, shown: (value: number) => string): string {
  if (law.distribution === 'constant') return shown(law.value);
  const { distribution, min, max } = law;
  const parts: string[] = [distribution];
  if ('mean' in law) parts.push(`mean ${shown(law.mean)}`);
  if ('stddev' in law) parts.push(`stddev ${shown(law.stddev)}`);
  parts.push(max === null ? `at least ${shown(min)}` : `from ${shown(min)} to ${shown(max)}`);
  return parts.join(', ');
}
