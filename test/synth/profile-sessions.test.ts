import { expect, it } from 'vitest';
import { correlationOf } from '../../src/dataset/inspect/correlation.ts';
import { lawOf, profileNamed } from '../../src/dataset/profiles/profiles.ts';
import { arrivalLaw, profileSessions } from '../../src/synth/profile-sessions.ts';
import { contentText } from '../../src/dataset/model/session.ts';
import { countWords } from '../../src/dataset/text/words.ts';
import { ONE_EACH } from '../../src/workload/word-tokens.ts';

const COUNT = 4000;
const made = (name: string, count = COUNT, seed = 3) =>
  [...profileSessions(profileNamed(name), { count, seed, words: null })].map(({ timestamp_ms, turns }) => ({
    start: timestamp_ms,
    input: turns[0]!.input_tokens!,
    output: turns[0]!.output_tokens!,
  }));

/** The largest difference between the share of values up to a length, and its probability. */
const distance = (values: readonly number[], probability: (length: number) => number): number =>
  Math.max(
    ...[...new Set(values)].map((length) =>
      Math.abs(values.filter((value) => value <= length).length / values.length - probability(length)),
    ),
  );

it.each(['azure-2023-conv', 'mooncake-synthetic', 'coding-agent-sessions'])(
  '%s: both lengths have the distribution of the profile, and the rank correlation where it matters',
  (name) => {
    const profile = profileNamed(name);
    const sessions = made(name);
    // The Kolmogorov-Smirnov distance of a sample of the law is above this with a probability of 1 %.
    const critical = 1.63 / Math.sqrt(COUNT);
    for (const side of ['input', 'output'] as const) {
      const law = lawOf(profile[side]!);
      const lengths = sessions.map((session) => session[side]);
      expect(distance(lengths, (length) => law.probabilityUpTo(length))).toBeLessThan(critical);
    }
    const { spearman } = correlationOf(
      Float64Array.from(sessions, ({ input }) => input),
      Float64Array.from(sessions, ({ output }) => output),
    );
    const declared = profile.correlation!.spearman!;
    expect(spearman).toBeCloseTo(Math.abs(declared) > 0.2 ? declared : 0, 1);
  },
);

it('sessions start by a gamma process with the rate and shape of the source; without times, they have none', () => {
  const law = arrivalLaw(profileNamed('azure-2023-code'))!;
  expect(law).toEqual({ rate: 2.567, shape: 0.2313 });
  const starts = made('azure-2023-code', 20_000).map(({ start }) => start!);
  const gaps = starts.slice(1).map((start, k) => start - starts[k]!);
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
  // The standard error of the mean is 1.5 %; the variance of a gamma law is mean² ÷ shape.
  expect(mean / (1000 / law.rate)).toBeCloseTo(1, 1);
  expect(Math.abs((variance / mean ** 2) * law.shape - 1)).toBeLessThan(0.15);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  // A coarse clock has the shape of its spread instants; clients without gaps are Poisson.
  expect(arrivalLaw(profileNamed('mooncake-conversation'))?.shape).toBe(0.9858);
  expect(arrivalLaw(profileNamed('servegen-deepseek-r1'))?.shape).toBe(1);
  expect(made('sharegpt-openchat-8k', 3).map(({ start }) => start)).toEqual([null, null, null]);
});

it('fewer sessions are the beginning of more, and texts have the lengths', () => {
  const profile = profileNamed('azure-2023-conv');
  expect(made('azure-2023-conv', 10)).toEqual(made('azure-2023-conv', 20).slice(0, 10));
  expect(made('azure-2023-conv', 10, 4)).not.toEqual(made('azure-2023-conv', 10));
  const texts = [...profileSessions(profile, { count: 10, seed: 3, words: ONE_EACH })].map(({ turns }) =>
    contentText(turns[0]!.messages![0]!['content']),
  );
  expect(texts.map(countWords)).toEqual(made('azure-2023-conv', 10).map(({ input }) => input));
  expect(new Set(texts).size).toBe(10);
});

it('a profile of arrivals only is an error', () => {
  expect(() => made('servegen-m-mid', 1)).toThrow(/servegen-m-mid.*arrivals only/);
});
