import { didYouMean, GoodputError } from '../../errors.ts';
import file from './workload-profiles.json' with { type: 'json' };
import { LengthLaw, type LengthQuantiles } from './length-law.ts';

/** The arrivals of a profile's requests. A figure is absent or `null` if the source does not decide it. */
export interface ProfileArrivals {
  /** Requests per second. */
  meanRate: number;
  /** Coefficient of variation of the gaps. */
  gapCv?: number | null;
  /** Shape of a gamma process, by maximum likelihood over the gaps. */
  gammaShapeMle?: number | null;
  /** The interval of the clock, if it is coarse. */
  clockTickSeconds?: number;
  /** The gaps after a uniform spread within the ticks of a coarse clock. */
  spreadUniformlyInTick?: { gapCv: number; gammaShapeMle: number };
}

/** A recorded workload: quantiles of its lengths, and its arrivals. Where a part is `null`, the source does not have it. */
export interface Profile {
  name: string;
  kind: string;
  description: string;
  licence: string;
  /** The tokenizer that counted the lengths, in words. */
  tokenizer: string;
  source: { repo: string; commit: string; commitDate: string };
  /** The requests behind the quantiles. */
  n: number;
  input: LengthQuantiles | null;
  output: LengthQuantiles | null;
  /** Correlation of input and output lengths. */
  correlation: { spearman: number | null } | null;
  arrivals: ProfileArrivals | null;
  notes: readonly string[];
}

export const PROFILES: readonly Profile[] = file.profiles;

export const PROFILE_NAMES = PROFILES.map(({ name }) => name);

/** @throws {GoodputError} kind `usage` that names the known profiles, if there is none of this name */
export function profileNamed(name: string): Profile {
  const found = PROFILES.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const meant = didYouMean(name, PROFILE_NAMES);
  throw new GoodputError(
    'usage',
    `unknown profile ${JSON.stringify(name)}${meant === null ? '' : ` (did you mean ${meant}?)`}`,
    { hint: `The profiles are ${PROFILE_NAMES.join(', ')}.` },
  );
}

/** Returns the distribution of a profile's lengths. */
export const lawOf = (quantiles: LengthQuantiles): LengthLaw => new LengthLaw(file.probabilities, quantiles);
