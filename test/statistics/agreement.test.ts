import { expect, it } from 'vitest';
import { randomStream } from '../../src/random.ts';
import { agreementOf } from '../../src/statistics/kappa.ts';
import { kolmogorovCritical, kolmogorovDistance } from '../../src/statistics/kolmogorov.ts';

const fromTable = (table: readonly (readonly number[])[]): [number, number][] =>
  table.flatMap((row, a) =>
    row.flatMap((count, b) => Array.from({ length: count }, (): [number, number] => [a + 1, b + 1])),
  );

it('kappa of Cohen’s textbook table, and with quadratic weights', () => {
  // 20 + 15 of 50 agree: (0.7 − 0.5) ÷ (1 − 0.5). With two ratings the weights change nothing.
  expect(
    agreementOf(
      fromTable([
        [20, 5],
        [10, 15],
      ]),
      2,
    ),
  ).toEqual({
    equal: expect.closeTo(0.7, 12) as number,
    kappa: expect.closeTo(0.4, 12) as number,
    weighted: expect.closeTo(0.4, 12) as number,
  });
  // Ratings (1,1), (2,2), (3,1), by hand: chance has 1·⅔·⅓ of each pair with a in {1, 2, 3} and b in {1: ⅔, 2: ⅓}.
  // Unequal: observed 1/3, by chance 1 − (⅓·⅔ + ⅓·⅓) = 2/3. Squares: observed 4/3, by chance (⅓·⅓ + ⅓·⅔ + ⅓·⅔·4 + ⅓·⅓) = 4/3.
  expect(
    agreementOf(
      [
        [1, 1],
        [2, 2],
        [3, 1],
      ],
      5,
    ),
  ).toEqual({
    equal: expect.closeTo(2 / 3, 12) as number,
    kappa: expect.closeTo(0.5, 12) as number,
    weighted: expect.closeTo(0, 12) as number,
  });
});

it('kappa is 1 for equal ratings, near 0 for independent ones, and unknown if all are the same', () => {
  expect(
    agreementOf(
      [
        [1, 1],
        [4, 4],
        [5, 5],
      ],
      5,
    ),
  ).toMatchObject({ kappa: 1, weighted: 1, equal: 1 });
  expect(
    agreementOf(
      [
        [4, 4],
        [4, 4],
      ],
      5,
    ),
  ).toMatchObject({ kappa: null, weighted: null });
  expect(agreementOf([], 5)).toBeNull();
  const random = randomStream(1, 'ratings');
  const rating = (): number => 1 + random.below(5);
  const independent = Array.from({ length: 20_000 }, (): [number, number] => [rating(), rating()]);
  const { kappa, weighted } = agreementOf(independent, 5)!;
  expect(Math.abs(kappa!)).toBeLessThan(0.02);
  expect(Math.abs(weighted!)).toBeLessThan(0.03);
});

it('the distance of a sample from a distribution, by hand', () => {
  // Uniform on 1 … 10 against the sample 2, 2, 5: at 1: 0.1; at 2: ⅔ − 0.2; at 4: ⅔ − 0.4; at 5: 1 − 0.5.
  const uniform = (share: number, value: number): number => Math.abs(share - value / 10);
  expect(kolmogorovDistance([2, 2, 5], uniform)).toBeCloseTo(0.5, 12);
  // Just below 9 the sample has nothing of the 0.8.
  expect(kolmogorovDistance([9], uniform)).toBeCloseTo(0.8, 12);
});

it('the critical distance is exceeded in at most 5 % of samples, and in about 5 % of continuous ones', () => {
  // Of a table for n = 20 and 50 (Miller 1956): 0.294 and 0.188.
  expect(kolmogorovCritical(20)).toBeCloseTo(0.294, 2);
  expect(kolmogorovCritical(50)).toBeCloseTo(0.188, 2);
  const random = randomStream(2, 'samples');
  const most = 1_000_000;
  let exceeded = 0;
  for (let k = 0; k < 2000; k++) {
    const sample = Float64Array.from({ length: 40 }, () => 1 + random.below(most)).sort();
    const distance = kolmogorovDistance(sample, (share, value) => Math.abs(share - value / most));
    if (distance > kolmogorovCritical(40)) exceeded++;
  }
  // 100 ± 4 standard deviations of the binomial (9.7).
  expect(Math.abs(exceeded - 100)).toBeLessThan(39);
});
