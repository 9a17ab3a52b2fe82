import { GoodputError } from '../errors.ts';
import { unitArrivals } from '../plan/gaps.ts';
import { type Random, randomStream } from '../random.ts';
import { normalTail } from '../statistics/special.ts';
import { synthesize } from '../workload/synthetic.ts';
import type { WordTokens } from '../workload/word-tokens.ts';
import { EMPTY_TURN, type Session } from '../dataset/model/session.ts';
import { lawOf, type Profile } from '../dataset/profiles/profiles.ts';

/** The process by which the sessions of a profile start: gamma, of which shape 1 is Poisson. */
export interface ArrivalLaw {
  /** Sessions per second. */
  rate: number;
  shape: number;
}

/** Returns the arrivals of a profile: gamma with the shape that its source has, else Poisson; `null` if the source has no times. */
export function arrivalLaw({ arrivals }: Profile): ArrivalLaw | null {
  if (arrivals === null) return null;
  const shape = arrivals.gammaShapeMle ?? arrivals.spreadUniformlyInTick?.gammaShapeMle ?? 1;
  return { rate: arrivals.meanRate, shape };
}

/** Above this rank correlation, both lengths of a session are drawn together. */
const CORRELATED = 0.2;

export interface ProfileOptions {
  count: number;
  seed: number;
  /** The tokens of the words of texts; `null`: sessions are given by length. */
  words: WordTokens | null;
}

/**
 * Yields sessions whose lengths and starts are drawn as a profile has them. Fewer of the same seed are the beginning of more.
 * @throws {GoodputError} kind `usage` if the profile has no lengths
 */
export function* profileSessions(
  profile: Profile,
  { count, seed, words }: ProfileOptions,
): Generator<Session> {
  const { name, input, output, correlation } = profile;
  if (input === null)
    throw new GoodputError('usage', `the profile ${name} has arrivals only, and no lengths to draw`, {
      hint: 'docs/workload-profiles.md lists the profiles that have lengths.',
    });
  const inputs = lawOf(input);
  const outputs = output === null ? null : lawOf(output);
  const random = randomStream(seed, 'profile lengths');
  const draw = ranks(correlation?.spearman ?? 0, random);
  const start = startsOf(arrivalLaw(profile), seed);
  const tags = { source: name };
  for (let i = 0; i < count; i++) {
    const [u, v] = draw();
    const tokens = inputs.quantile(u);
    const output_tokens = outputs?.quantile(v) ?? null;
    const turn =
      words === null
        ? { ...EMPTY_TURN, input_tokens: tokens, output_tokens }
        : { ...EMPTY_TURN, messages: [message({ seed, i, length: tokens, tokens: words })], output_tokens };
    yield { session: null, timestamp_ms: start(), tags, turns: [turn] };
  }
}

const message = (prompt: Parameters<typeof synthesize>[0]) => ({
  role: 'user',
  content: synthesize(prompt),
});

/** Returns a function that draws the ranks of both lengths, each uniform in [0, 1): independent, or by a Gaussian copula of this Spearman correlation. */
function ranks(spearman: number, random: Random): () => readonly [number, number] {
  if (Math.abs(spearman) <= CORRELATED) return () => [random.uniform(), random.uniform()];
  const r = 2 * Math.sin((Math.PI * spearman) / 6);
  const rest = Math.sqrt(1 - r * r);
  return () => {
    const [x, y] = [random.normal(), random.normal()];
    return [rankOf(x), rankOf(r * x + rest * y)];
  };
}

const rankOf = (z: number): number => Math.min(1 - Number.EPSILON, 1 - normalTail(z));

/** Returns a function whose k-th call returns the start of the k-th session in milliseconds, to the microsecond; `null` without arrivals. */
function startsOf(law: ArrivalLaw | null, seed: number): () => number | null {
  if (law === null) return () => null;
  const unit = unitArrivals(seed, { arrivals: 'gamma', burstiness: law.shape });
  return () => Math.round((unit() / law.rate) * 1e6) / 1e3;
}
