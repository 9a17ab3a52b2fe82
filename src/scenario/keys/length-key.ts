import { z } from 'zod';
import { didYouMean } from '../../errors.ts';
import type { Length } from '../../lengths.ts';
import { parseCount } from '../../units.ts';
import { amount, count, elsewhere, field, keyInfo, oneOf } from './fields.ts';
import type { Checked, Problem } from './problem.ts';

/**
 * A number of tokens: a map in a scenario, or one line in flags and short files.
 *
 *     512                         constant
 *     uniform:100-200             every whole number from 100 to 200 with equal probability
 *     normal:512,100              mean, standard deviation
 *     lognormal:512,200,16-4096   mean and standard deviation of the lengths themselves, then minimum and maximum
 *     exponential:512             mean; optionally followed by ,min-max
 */
const DISTRIBUTIONS = ['constant', 'uniform', 'normal', 'lognormal', 'exponential'] as const;

/** More than every context window; a text of this length still fits into memory. */
const MOST_TOKENS = 10_000_000;

type Distribution = (typeof DISTRIBUTIONS)[number];
type Key = 'tokens' | 'mean' | 'stddev' | 'min' | 'max';

const NEEDS: Record<Distribution, { needs: readonly Key[]; takes: readonly Key[] }> = {
  constant: { needs: ['tokens'], takes: [] },
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

/** Returns a length from its numbers, or all mistakes by key. */
function lengthOf(
  distribution: Distribution,
  numbers: Numbers,
): { length: Length } | { problems: KeyProblem[] } {
  const { needs, takes } = NEEDS[distribution];
  const optional = takes.length === 0 ? '' : `, and optionally ${takes.join(' and ')}`;
  const shape = `a ${distribution} length takes ${needs.join(' and ')}${optional}`;
  const problems: KeyProblem[] = [];
  for (const key of ['tokens', 'mean', 'stddev', 'min', 'max'] as const) {
    const present = numbers[key] !== undefined;
    if (needs.includes(key) && !present) problems.push({ key, problem: { wrong: `is missing: ${shape}` } });
    if (present && !needs.includes(key) && !takes.includes(key)) {
      problems.push({ key, problem: { wrong: `is not used here: ${shape}`, atKey: true } });
    }
  }
  if (problems.length > 0) return { problems };

  const { tokens, mean, stddev, min, max } = numbers;
  if (min !== undefined && max !== undefined && min > max) {
    problems.push({ key: 'min', problem: { expected: `at most max, which is ${max}` } });
  } else if (mean !== undefined && mean < (min ?? 1)) {
    problems.push({ key: 'mean', problem: { expected: `at least min, which is ${min ?? 1}` } });
  } else if (mean !== undefined && max !== undefined && mean > max) {
    problems.push({ key: 'mean', problem: { expected: `at most max, which is ${max}` } });
  }
  if (problems.length > 0) return { problems };

  switch (distribution) {
    case 'constant':
      return { length: { distribution, tokens: tokens! } };
    case 'uniform':
      return { length: { distribution, min: min!, max: max! } };
    case 'exponential':
      return { length: { distribution, mean: mean!, min: min ?? 1, max: max ?? null } };
    default:
      return { length: { distribution, mean: mean!, stddev: stddev!, min: min ?? 1, max: max ?? null } };
  }
}

/**
 * Splits `256,uniform:60-90,lognormal:512,200,1024` into `256`, `uniform:60-90`, `lognormal:512,200` and `1024`: a distribution takes
 * as many of the numbers after it as it needs, and a range after them.
 */
export function splitLengths(text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  const lengths: string[] = [];
  while (parts.length > 0) {
    const own = [parts.shift()!];
    const distribution = DISTRIBUTIONS.find((each) => own[0]!.split(':')[0]!.trimEnd() === each);
    const named = distribution === undefined ? [] : namedNumbers(distribution);
    while (own.length < named.length && parts[0] !== undefined && /^[^:]*$/.test(parts[0]))
      own.push(parts.shift()!);
    if (named.length > 0 && parts[0] !== undefined && /^[^:-]+-[^:]+$/.test(parts[0]))
      own.push(parts.shift()!);
    lengths.push(own.join(','));
  }
  return lengths;
}

/** Returns the keys of the numbers that precede a range in the one-line notation. */
const namedNumbers = (distribution: Distribution): Key[] =>
  NEEDS[distribution].needs.filter((key) => key !== 'min' && key !== 'max');

const EXPECTED = 'a length in tokens, like 512, uniform:100-200 or lognormal:512,200 (mean, stddev)';

/** Parses the one-line notation. */
export function parseLength(input: unknown): Checked<Length> {
  if (Array.isArray(input))
    return elsewhere(
      `a list of ${input.length} lengths`,
      'sweep.input or sweep.output',
      'one length, like 512',
    );
  const whole = wholeCount(input);
  if (whole !== null) return { ok: true, value: { distribution: 'constant', tokens: whole } };
  const match = typeof input === 'string' ? /^\s*([a-z]+)\s*:\s*(.+)$/.exec(input) : null;
  if (match === null) return { ok: false, problem: { expected: EXPECTED } };
  const distribution = DISTRIBUTIONS.find((each) => each === match[1]);
  if (distribution === undefined) {
    const meant = didYouMean(match[1]!, DISTRIBUTIONS);
    const problem = { wrong: 'unknown distribution', expected: `one of ${DISTRIBUTIONS.join(', ')}`, meant };
    return { ok: false, problem };
  }
  const numbers = numbersOf(
    distribution,
    match[2]!.split(',').map((part) => part.trim()),
  );
  if (numbers === null) return { ok: false, problem: { expected: EXPECTED } };
  const result = lengthOf(distribution, numbers);
  if ('length' in result) return { ok: true, value: result.length };
  const { key, problem } = result.problems[0]!;
  return { ok: false, problem: { expected: `a ${key} of ${problem.expected}` } };
}

function wholeCount(input: unknown): number | null {
  const parsed = parseCount(input);
  return parsed.ok && Number.isSafeInteger(parsed.value) && parsed.value >= 1 && parsed.value <= MOST_TOKENS
    ? parsed.value
    : null;
}

/** Returns the numbers of the one-line notation; `null` if they do not fit the distribution. */
function numbersOf(distribution: Distribution, parts: readonly string[]): Numbers | null {
  const numbers: Numbers = {};
  const named = namedNumbers(distribution);
  if (parts.length < named.length || parts.length > named.length + (distribution === 'constant' ? 0 : 1))
    return null;
  for (const [at, key] of named.entries()) {
    const parsed = parseCount(parts[at]);
    const least = key === 'stddev' ? 0 : 1;
    if (!parsed.ok || !(parsed.value >= least && parsed.value <= MOST_TOKENS)) return null;
    if (key === 'tokens' && !Number.isSafeInteger(parsed.value)) return null;
    numbers[key] = parsed.value;
  }
  const range = parts[named.length];
  if (range === undefined) return numbers;
  const [least, most, ...more] = range.split('-').map(wholeCount);
  if (least === null || least === undefined || most === null || most === undefined || more.length > 0)
    return null;
  return { ...numbers, min: least, max: most };
}

const lengthMap = z
  .strictObject(
    {
      tokens: count('A constant number of tokens.', { min: 1, max: MOST_TOKENS }).optional(),
      distribution: oneOf(
        DISTRIBUTIONS,
        'The distribution of lengths. Without it, `tokens` is the length.',
      ).optional(),
      mean: amount('Mean of the lengths before `min` and `max` are applied.', {
        min: 1,
        max: MOST_TOKENS,
      }).optional(),
      stddev: amount('Standard deviation of the lengths themselves (also for lognormal).', {
        min: 0,
        max: MOST_TOKENS,
      }).optional(),
      min: count('Minimum length. Default: 1.', { min: 1, max: MOST_TOKENS }).optional(),
      max: count('Maximum length. Default: none.', { min: 1, max: MOST_TOKENS }).optional(),
    },
    { error: EXPECTED },
  )
  .transform(({ distribution = 'constant', ...numbers }, context): Length => {
    const named = Object.keys(numbers).some((key) => key !== 'tokens');
    if (distribution === 'constant' && named && numbers.tokens === undefined) {
      const problem: Problem = {
        wrong: 'distribution is missing',
        expected: `one of ${DISTRIBUTIONS.join(', ')}`,
      };
      context.issues.push({ code: 'custom', input: numbers, params: { ...problem } });
      return z.NEVER;
    }
    const result = lengthOf(distribution, numbers);
    if ('length' in result) return result.length;
    for (const { key, problem } of result.problems) {
      context.issues.push({ code: 'custom', input: numbers[key], path: [key], params: { ...problem } });
    }
    return z.NEVER;
  });

const oneLine = field(parseLength, {
  type: 'length',
  description: 'The one-line notation.',
  json: {
    anyOf: [
      { type: 'integer', minimum: 1, maximum: MOST_TOKENS },
      { type: 'string', minLength: 1 },
    ],
  },
  examples: [512, 'uniform:100-200', 'lognormal:512,200'],
});

export function length(description: string, unless: readonly string[] = []) {
  return z
    .union([oneLine, lengthMap], { error: EXPECTED })
    .meta({
      description,
      examples: [{ tokens: 512 }, { distribution: 'lognormal', mean: 512, stddev: 200, min: 16, max: 4096 }],
    })
    .register(keyInfo, { type: 'length', unless });
}

/** Returns a length as text: `lognormal, mean 512, stddev 200, from 16 to 4096`. */
export function formatLength(length: Length): string {
  if (length.distribution === 'constant') return `${length.tokens}`;
  const { distribution, min, max } = length;
  const parts: string[] = [distribution];
  if ('mean' in length) parts.push(`mean ${length.mean}`);
  if ('stddev' in length) parts.push(`stddev ${length.stddev}`);
  parts.push(max === null ? `at least ${min}` : `from ${min} to ${max}`);
  return parts.join(', ');
}
