import { describe, expect, it } from 'vitest';
import { EMPTY_TURN, type Session } from '../../../src/dataset/model/session.ts';
import { lawOf, type Profile, profileNamed } from '../../../src/dataset/profiles/profiles.ts';
import { WORDS } from '../../../src/dataset/text/tokens.ts';
import { fitOf, ProfileCheck } from '../../../src/dataset/verify/profile-check.ts';
import { randomStream } from '../../../src/random.ts';

const CHAT = profileNamed('azure-2023-conv');

/** Draws lengths of a profile. */
function drawn(count: number, seed: number, { input }: Profile = CHAT): Float64Array {
  const random = randomStream(seed, 'lengths');
  const law = lawOf(input!);
  return Float64Array.from({ length: count }, () => law.quantile(random.uniform()));
}

describe('lengths against a profile', () => {
  it('distances by hand', () => {
    const quantiles = { ...CHAT.input!, knots: CHAT.input!.knots.map((_, at) => at * 10) };
    // The knots are 0, 10, …, 180 at 0, 0.001, 0.01, 0.05, 0.1, 0.2, …: 40 is at 0.1, and 50 at 0.2.
    const fit = fitOf(Float64Array.of(40, 40), quantiles)!;
    // Just below 40, where nothing is, the profile has 0.095; at 40, where everything is, 0.1 + 0.1 · 0.05.
    expect(fit.distance).toBeCloseTo(1 - 0.105, 12);
    // Any distribution with these quantiles has less than 0.2 at 40.
    expect(fit.least_distance).toBeCloseTo(1 - 0.2, 12);
    expect(fit.count).toBe(2);
  });

  it('draws of the profile itself are rejected in at most 5 % of samples; the least distance is never greater', () => {
    let rejected = 0;
    for (let seed = 1; seed <= 300; seed++) {
      const fit = fitOf(drawn(200, seed), CHAT.input)!;
      if (fit.distance > fit.critical) rejected++;
      expect(fit.least_distance).toBeLessThanOrEqual(fit.distance);
    }
    // 15 ± 4 standard deviations of the binomial (3.8).
    expect(rejected).toBeLessThan(30);
  });

  it('other lengths with the same quantiles are not rejected; those of another profile are', () => {
    // Every length at the upper end of its interval between quantiles, a share of which is known: as far from the interpolation as can be.
    const { knots } = CHAT.input!;
    const upper = drawn(5000, 7).map((length) => knots.find((knot) => knot >= length)!);
    const far = fitOf(upper, CHAT.input)!;
    expect(far.distance).toBeGreaterThan(far.critical);
    expect(far.least_distance).toBeLessThan(far.critical);
    const other = fitOf(drawn(200, 1, profileNamed('mooncake-conversation')), CHAT.input)!;
    expect(other.least_distance).toBeGreaterThan(other.critical);
  });

  it('the input of a request is the conversation up to there, and lengths of 0 do not count', () => {
    const user = (content: string) => [{ role: 'user', content }];
    const session = (turns: Partial<Session['turns'][number]>[]): Session => ({
      session: null,
      timestamp_ms: null,
      tags: {},
      turns: turns.map((turn) => Object.assign({}, EMPTY_TURN, turn)),
    });
    const profile: Profile = {
      ...CHAT,
      // A point mass at 6 words: a request of another length shows.
      input: { ...CHAT.input!, knots: CHAT.input!.knots.map(() => 6) },
    };
    const check = new ProfileCheck(profile, WORDS);
    check.add(
      session([
        { messages: user('a b c d e f'), reference: 'g h' },
        { messages: user('i'), output_tokens: 0 },
      ]),
    );
    check.add(session([{ input_tokens: 6 }, { input_tokens: 6 }, { input_tokens: 0, output_tokens: 3 }]));
    // Inputs 6, 9, 6, 6 and outputs 2, 3.
    expect(check.result()).toMatchObject({
      input: { count: 4, distance: 0.25, least_distance: 0.25 },
      output: { count: 2 },
    });
  });
});
