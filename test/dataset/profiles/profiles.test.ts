import { expect, it } from 'vitest';
import { LengthLaw } from '../../../src/dataset/profiles/length-law.ts';
import { lawOf, profileNamed, PROFILES } from '../../../src/dataset/profiles/profiles.ts';

const withLengths = PROFILES.flatMap(({ name, input, output }) =>
  input === null || output === null ? [] : [{ name, input, output }],
);

it('interpolates between the quantiles, and rounds to whole tokens of at least 1', () => {
  const law = new LengthLaw([0, 0.5, 1], { knots: [0, 10, 30], extra: [[0.75, 10]], mean: 9, cv: 1 });
  // 0 to 10 by u = 0.5, constant to 0.75, then 10 to 30.
  expect([0, 0.01, 0.2, 0.5, 0.7, 0.875].map((u) => law.quantile(u))).toEqual([1, 1, 4, 10, 10, 20]);
  // A draw is at most 4 if 20·u < 4.5; it is at most 10 if 10 + 80·(u − 0.75) < 10.5; it is at most 20 by the same rule.
  expect(law.probabilityUpTo(4)).toBeCloseTo(4.5 / 20, 12);
  expect(law.probabilityUpTo(10)).toBeCloseTo(0.75 + 0.5 / 80, 12);
  expect(law.probabilityUpTo(20)).toBeCloseTo(0.75 + 10.5 / 80, 12);
  expect(law.probabilityUpTo(30)).toBe(1);
  expect([4, 10, 29, 30].map((length) => law.bounds(length))).toEqual([
    { least: 0, greatest: 0.5 },
    { least: 0.75, greatest: 1 },
    { least: 0.75, greatest: 1 },
    { least: 1, greatest: 1 },
  ]);
});

it.each(withLengths)(
  '$name: the mean of the quantiles is within 4 % of the mean of the source',
  (profile) => {
    for (const quantiles of [profile.input, profile.output]) {
      const law = lawOf(quantiles);
      const draws = Array.from({ length: 20_000 }, (_, k) => law.quantile((k + 0.5) / 20_000));
      const mean = draws.reduce((sum, length) => sum + length, 0) / draws.length;
      expect(Math.abs(mean / quantiles.mean - 1)).toBeLessThan(0.04);
      // The distribution function is the inverse of the quantiles, within one draw of 20,000.
      const longest = law.quantile(0.9);
      const share = draws.filter((length) => length <= longest).length / draws.length;
      expect(Math.abs(law.probabilityUpTo(longest) - share)).toBeLessThan(1 / 20_000 + 1e-9);
      const { least, greatest } = law.bounds(longest);
      expect(share).toBeGreaterThanOrEqual(least);
      expect(share).toBeLessThanOrEqual(greatest + 1 / 20_000);
    }
  },
);

it('an unknown name is an error with the known ones', () => {
  expect(profileNamed('azure-2023-conv').n).toBe(19_366);
  expect(() => profileNamed('azure-2023-con')).toThrow(/azure-2023-con".*azure-2023-conv/);
});
