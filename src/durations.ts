import { drawUnbounded } from './lengths.ts';
import type { Random } from './random.ts';
import type { Microseconds, Milliseconds } from './units.ts';

/** A distribution of durations, in milliseconds, like `Length` for tokens. */
export type DurationLaw =
  | { distribution: 'constant'; duration: Milliseconds }
  | { distribution: 'uniform'; min: Milliseconds; max: Milliseconds }
  | {
      distribution: 'normal' | 'lognormal';
      mean: Milliseconds;
      stddev: Milliseconds;
      min: Milliseconds;
      max: Milliseconds | null;
    }
  | { distribution: 'exponential'; mean: Milliseconds; min: Milliseconds; max: Milliseconds | null };

/** Draws a duration: whole microseconds, at least 0. Values beyond `min` and `max` are clamped, as those of a length. */
export function drawDuration(law: DurationLaw, random: Random): Microseconds {
  if (law.distribution === 'constant') return microseconds(law.duration);
  const { min, max } = law;
  const drawn =
    law.distribution === 'uniform'
      ? min + random.uniform() * (law.max - min)
      : // A mean of 0 has no logarithm.
        law.mean === 0
        ? 0
        : drawUnbounded(law, random);
  return microseconds(Math.min(max ?? Infinity, Math.max(min, drawn)));
}

const microseconds = (ms: Milliseconds): Microseconds => Math.max(0, Math.round(ms * 1000));
