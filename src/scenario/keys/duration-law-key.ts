import { z } from 'zod';
import type { DurationLaw } from '../../durations.ts';
import { formatDuration, LONGEST_MS, parseDuration } from '../../units.ts';
import { duration, field, keyInfo, oneOf } from './fields.ts';
import { DISTRIBUTIONS, formatLaw, type Law, lawOfMap, parseLaw, type Quantity } from './law.ts';
import type { Checked } from './problem.ts';

/**
 * A duration or a distribution of durations: a map in a scenario, or one line.
 *
 *     5s                        constant
 *     uniform:1s-9s             every duration from 1 s to 9 s with equal probability
 *     normal:5s,1s              mean, standard deviation
 *     lognormal:5s,3s,1s-20s    mean and standard deviation of the durations themselves, then minimum and maximum
 *     exponential:5s            mean; optionally followed by ,min-max
 */
const EXPECTED = 'a duration, like 5s, uniform:1s-9s or lognormal:5s,3s (mean, stddev)';

const read = (written: unknown): number | null => {
  const parsed = parseDuration(written);
  return parsed.ok && parsed.value >= 0 && parsed.value <= LONGEST_MS ? parsed.value : null;
};

const DURATIONS: Quantity = {
  noun: 'duration',
  constant: 'duration',
  expected: EXPECTED,
  least: 0,
  bound: read,
  moment: read,
  shown: formatDuration,
};

const durationLawOf = (law: Law): DurationLaw =>
  law.distribution === 'constant' ? { distribution: 'constant', duration: law.value } : law;

function parseDurationLaw(input: unknown): Checked<DurationLaw> {
  const parsed = parseLaw(input, DURATIONS);
  return parsed.ok ? { ok: true, value: durationLawOf(parsed.value) } : parsed;
}

const durationLawMap = z
  .strictObject(
    {
      duration: duration('A constant duration.', { min: 0 }).optional(),
      distribution: oneOf(
        DISTRIBUTIONS,
        'The distribution of durations. Without it, `duration` is the duration.',
      ).optional(),
      mean: duration('Mean of the durations before `min` and `max` are applied.', { min: 0 }).optional(),
      stddev: duration('Standard deviation of the durations themselves (also for lognormal).', {
        min: 0,
      }).optional(),
      min: duration('Minimum duration. Default: 0.', { min: 0 }).optional(),
      max: duration('Maximum duration. Default: none.', { min: 0 }).optional(),
    },
    { error: EXPECTED },
  )
  .transform(({ duration: value, ...rest }, context): DurationLaw => {
    const law = lawOfMap({ value, ...rest }, DURATIONS, context);
    return law === null ? z.NEVER : durationLawOf(law);
  });

const oneLine = field(parseDurationLaw, {
  type: 'duration law',
  description: 'The one-line notation.',
  json: {
    anyOf: [
      { type: 'number', const: 0 },
      { type: 'string', minLength: 1 },
    ],
  },
  examples: ['5s', 'uniform:1s-9s', 'lognormal:5s,3s'],
});

/** A duration or a distribution of durations. */
export const durationLaw = (description: string) =>
  z
    .union([oneLine, durationLawMap], { error: EXPECTED })
    .meta({
      description,
      examples: ['exponential:5s', { distribution: 'lognormal', mean: '5s', stddev: '3s', max: '60s' }],
    })
    .register(keyInfo, { type: 'duration law' });

/** Returns a duration law as text: `exponential, mean 5s, at least 0s`. */
export const formatDurationLaw = (law: DurationLaw): string =>
  formatLaw(
    law.distribution === 'constant' ? { distribution: 'constant', value: law.duration } : law,
    formatDuration,
  );
