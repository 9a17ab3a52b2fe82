import { exp, ln, type Random } from './random.ts';

export type Length =
  | { distribution: 'constant'; tokens: number }
  | { distribution: 'uniform'; min: number; max: number }
  | { distribution: 'normal' | 'lognormal'; mean: number; stddev: number; min: number; max: number | null }
  | { distribution: 'exponential'; mean: number; min: number; max: number | null };

/**
 * Draws a token count: a whole number, at least 1.
 *
 * Values beyond `min` and `max` are clamped, not drawn again. Clamping keeps the mean closer to the declared one (drawing again, an
 * exponential of mean m gains its whole minimum), takes one draw whatever the bounds, and a changed bound changes only the requests
 * beyond it, like a context limit.
 */
export function drawLength(length: Length, random: Random): number {
  if (length.distribution === 'constant') return atLeastOne(length.tokens);
  const { min, max } = length;
  const drawn =
    length.distribution === 'uniform'
      ? min + random.below(length.max - min + 1)
      : drawUnbounded(length, random);
  return atLeastOne(Math.min(max ?? Infinity, Math.max(min, drawn)));
}

type Unbounded =
  | { distribution: 'normal' | 'lognormal'; mean: number; stddev: number }
  | { distribution: 'exponential'; mean: number };

/** Draws a value of a distribution with a mean, before bounds apply. */
export function drawUnbounded(length: Unbounded, random: Random): number {
  if (length.distribution === 'exponential') return length.mean * random.exponential();
  if (length.distribution === 'normal') return length.mean + length.stddev * random.normal();
  // Mean and standard deviation are the lognormal's own: σ² = ln(1 + (s/m)²), μ = ln m − σ²/2.
  const ratio = length.stddev / length.mean;
  const variance = ln(1 + ratio * ratio);
  return exp(ln(length.mean) - variance / 2 + Math.sqrt(variance) * random.normal());
}

function atLeastOne(value: number): number {
  return Math.max(1, Math.round(value));
}

/** Returns the declared mean, without the effect of `min` and `max`. */
export function meanLength(length: Length): number {
  switch (length.distribution) {
    case 'constant':
      return length.tokens;
    case 'uniform':
      return (length.min + length.max) / 2;
    default:
      return length.mean;
  }
}
