import { z } from 'zod';
import type { Length } from '../../lengths.ts';
import { parseCount } from '../../units.ts';
import { amount, count, elsewhere, field, keyInfo, oneOf } from './fields.ts';
import { DISTRIBUTIONS, formatLaw, type Law, lawOfMap, parseLaw, type Quantity } from './law.ts';
import type { Checked } from './problem.ts';

/**
 * A number of tokens: a map in a scenario, or one line in flags and short files.
 *
 *     512                         constant
 *     uniform:100-200             every whole number from 100 to 200 with equal probability
 *     normal:512,100              mean, standard deviation
 *     lognormal:512,200,16-4096   mean and standard deviation of the lengths themselves, then minimum and maximum
 *     exponential:512             mean; optionally followed by ,min-max
 */
const MOST_TOKENS = 10_000_000;

const EXPECTED = 'a length in tokens, like 512, uniform:100-200 or lognormal:512,200 (mean, stddev)';

const TOKENS: Quantity = {
  noun: 'length',
  constant: 'tokens',
  expected: EXPECTED,
  least: 1,
  bound(written) {
    const parsed = parseCount(written);
    return parsed.ok && Number.isSafeInteger(parsed.value) && parsed.value >= 1 && parsed.value <= MOST_TOKENS
      ? parsed.value
      : null;
  },
  moment(written, least) {
    const parsed = parseCount(written);
    return parsed.ok && parsed.value >= least && parsed.value <= MOST_TOKENS ? parsed.value : null;
  },
  shown: String,
};

const lengthOf = (law: Law): Length =>
  law.distribution === 'constant' ? { distribution: 'constant', tokens: law.value } : law;

/** Parses the one-line notation. */
export function parseLength(input: unknown): Checked<Length> {
  if (Array.isArray(input))
    return elsewhere(
      `a list of ${input.length} lengths`,
      'sweep.input or sweep.output',
      'one length, like 512',
    );
  const parsed = parseLaw(input, TOKENS);
  return parsed.ok ? { ok: true, value: lengthOf(parsed.value) } : parsed;
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
  .transform(({ tokens: value, ...rest }, context): Length => {
    const law = lawOfMap({ value, ...rest }, TOKENS, context);
    return law === null ? z.NEVER : lengthOf(law);
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
export const formatLength = (length: Length): string =>
  formatLaw(
    length.distribution === 'constant' ? { distribution: 'constant', value: length.tokens } : length,
    String,
  );
