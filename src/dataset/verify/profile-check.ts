import { kolmogorovCritical, kolmogorovDistance } from '../../statistics/kolmogorov.ts';
import { float64List } from '../../statistics/number-list.ts';
import { referenceText, type Session } from '../model/session.ts';
import { lawOf, type Profile } from '../profiles/profiles.ts';
import type { LengthQuantiles } from '../profiles/length-law.ts';
import type { TokenUnit } from '../text/tokens.ts';
import { inputLength, outputLength } from '../text/turn-lengths.ts';

/** The comparison of lengths with those of a profile. */
export interface LengthFit {
  /** The lengths compared: those of at least 1. */
  count: number;
  /** The Kolmogorov–Smirnov distance from the profile, interpolated between its quantiles. */
  distance: number;
  /** The least distance from any distribution with the quantiles of the profile, which decides. */
  least_distance: number;
  /** The distance that chance exceeds with a probability of 5%. */
  critical: number;
}

/** The comparison of a data set with a profile. `null`: the profile or the data set has no such lengths. */
export interface ProfileFit {
  name: string;
  /** The tokenizer that counted the lengths of the profile, in words. */
  tokenizer: string;
  input: LengthFit | null;
  output: LengthFit | null;
}

/** Compares the lengths of requests with those of a recorded workload. */
export class ProfileCheck {
  readonly #profile: Profile;
  readonly #unit: TokenUnit;
  readonly #input = float64List();
  readonly #output = float64List();

  constructor(profile: Profile, unit: TokenUnit) {
    this.#profile = profile;
    this.#unit = unit;
  }

  add({ turns }: Session): void {
    // The input of a request is the conversation up to there, except in traces.
    let history = 0;
    for (const turn of turns) {
      const own = inputLength(turn, this.#unit);
      const output = outputLength(turn, this.#unit);
      const input = turn.messages === null ? own : history + own!;
      if (input !== null && input > 0) this.#input.push(input);
      if (output !== null && output > 0) this.#output.push(output);
      if (turn.messages === null) continue;
      const answer = referenceText(turn);
      history += own! + (answer === null ? 0 : this.#unit.count(answer));
    }
  }

  result(): ProfileFit {
    const { name, tokenizer, input, output } = this.#profile;
    return {
      name,
      tokenizer,
      input: fitOf(this.#input.values(), input),
      output: fitOf(this.#output.values(), output),
    };
  }
}

/** @param lengths are sorted in place */
export function fitOf(lengths: Float64Array, quantiles: LengthQuantiles | null): LengthFit | null {
  if (quantiles === null || lengths.length === 0) return null;
  lengths.sort();
  const law = lawOf(quantiles);
  return {
    count: lengths.length,
    distance: kolmogorovDistance(lengths, (share, length) => Math.abs(share - law.probabilityUpTo(length))),
    least_distance: kolmogorovDistance(lengths, (share, length) => {
      const { least, greatest } = law.bounds(length);
      return Math.max(0, least - share, share - greatest);
    }),
    critical: kolmogorovCritical(lengths.length),
  };
}
