/** Quantiles of lengths, in tokens. */
export interface LengthQuantiles {
  /** Lengths at the probabilities that all profiles share. */
  knots: readonly number[];
  /** Further pairs of a probability and a length. */
  extra?: readonly (readonly number[])[];
  /** The mean of the source, not of the quantiles. */
  mean: number;
  /** Coefficient of variation of the source. */
  cv: number;
}

interface Knot {
  probability: number;
  length: number;
}

/**
 * The distribution of lengths between known quantiles: interpolated linearly, rounded to whole tokens, at least 1.
 */
export class LengthLaw {
  readonly #knots: readonly Knot[];

  /** @param probabilities those of `knots`, ascending from 0 to 1 */
  constructor(probabilities: readonly number[], { knots, extra = [] }: LengthQuantiles) {
    this.#knots = [
      ...knots.map((length, at) => ({ probability: probabilities[at]!, length })),
      ...extra.map(([probability, length]) => ({ probability: probability!, length: length! })),
    ].sort((a, b) => a.probability - b.probability);
  }

  /** Returns the length below which a share `u` of the lengths is, 0 ≤ u < 1: the inverse of the distribution function. */
  quantile(u: number): number {
    const next = this.#knots.findIndex(({ probability }) => probability > u);
    const [low, high] = [this.#knots[next - 1]!, this.#knots[next]!];
    const share = (u - low.probability) / (high.probability - low.probability);
    return Math.max(1, Math.round(low.length + share * (high.length - low.length)));
  }

  /** Returns the probability of a length of at most `length`, a whole number of at least 1. */
  probabilityUpTo(length: number): number {
    // A draw is rounded to `length` if it is below this.
    const end = length + 0.5;
    const next = this.#knots.findIndex((knot) => knot.length >= end);
    if (next === -1) return 1;
    if (next === 0) return 0;
    const [low, high] = [this.#knots[next - 1]!, this.#knots[next]!];
    const share = (end - low.length) / (high.length - low.length);
    return low.probability + share * (high.probability - low.probability);
  }

  /** Returns the least and the greatest probability of a length of at most `length` that distributions with these quantiles have. */
  bounds(length: number): { least: number; greatest: number } {
    const next = this.#knots.findIndex((knot) => knot.length > length);
    if (next === -1) return { least: 1, greatest: 1 };
    return { least: this.#knots[next - 1]?.probability ?? 0, greatest: this.#knots[next]!.probability };
  }
}
