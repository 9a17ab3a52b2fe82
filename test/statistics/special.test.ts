import { describe, expect, it } from 'vitest';
import { binomialCdf, binomialQuantile } from '../../src/statistics/binomial.ts';
import { incompleteBeta, logGamma, normalTail } from '../../src/statistics/special.ts';
import { tQuantile, tTail } from '../../src/statistics/student.ts';

/** Values of scipy 1.17.1: gammaln, betainc, norm.sf, t.ppf, t.sf, binom.cdf. */
const near = (actual: number, expected: number, relative = 1e-10): void =>
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));

describe('special functions, against scipy', () => {
  it.each([
    [0.1, 2.252712651734206],
    [0.5, 0.5723649429247],
    [3.7, 1.428072326665388],
    [100, 359.1342053695754],
    [1e6, 12815504.569147611],
  ])('ln Γ(%d)', (x, expected) => near(logGamma(x), expected, 1e-12));

  it.each([
    [0.1, 2, 3, 0.05230000000000001],
    [0.9, 0.5, 0.5, 0.7951672353008665],
    [0.3, 200, 400, 0.03974014158348622],
    [0.5, 1e5, 100300, 0.7486728868521804],
    [0.01, 1, 50, 0.39499393286246337],
    [0.999, 1000, 2, 0.7353908495419277],
  ])('I_%d(%d, %d)', (x, a, b, expected) => near(incompleteBeta(x, a, b), expected, 1e-9));

  it.each([
    [0, 0.5],
    [0.5, 0.3085375387259869],
    [1.96, 0.024997895148220435],
    [2.160368656, 0.015372070949366457],
    [-1, 0.8413447460685429],
    [3, 0.0013498980316300933],
    [6, 9.865876450376946e-10],
    [10, 7.61985302416047e-24],
  ])('P(Z > %d)', (z, expected) => near(normalTail(z), expected, 1e-11));
});

describe("Student's t, against scipy", () => {
  it.each([
    [0, 5, 0.5],
    [1, 1, 0.25],
    [2.5, 3.3, 0.040026418154177235],
    [-1, 8, 0.8267032464563329],
    [12, 4, 0.0001382142742514865],
    [40, 19, 4.153878599669217e-20],
  ])('P(T > %d) at %d degrees of freedom', (t, df, expected) => near(tTail(t, df), expected));

  it.each([
    [0.95, 4, 2.7764451051977934],
    [0.9875, 4, 4.314656048886743],
    [0.95, 19, 2.0930240544083087],
    [0.95, 13, 2.1603686564627913],
    [0.99, 7.5, 3.421422688124044],
    [1 - 0.05 / 6, 4, 4.851008443097864],
    [0.95, 1, 12.706204736174694],
    [0.95, 1e5, 1.9599877075346095],
    [0.9, 0.7, 13.587121347511157],
  ])('quantile of %d at %d', (confidence, df, expected) => near(tQuantile(confidence, df), expected, 1e-9));

  it('has the quantiles of the study for 5 and 8 rounds, for one figure and for 4 or 6', () => {
    const rounded = (figures: number, rounds: number): number =>
      Number(tQuantile(1 - 0.05 / figures, rounds - 1).toFixed(3));
    expect([1, 4, 6].map((figures) => rounded(figures, 5))).toEqual([2.776, 4.315, 4.851]);
    expect([1, 4, 6].map((figures) => rounded(figures, 8))).toEqual([2.365, 3.335, 3.636]);
  });
});

describe('the binomial, against scipy', () => {
  it.each([
    [3, 10, 0.5, 0.171875],
    [90, 100, 0.95, 0.028188294163416307],
    [0, 7, 0.5, 0.0078125],
    [949, 1000, 0.95, 0.462470959198575],
    [99, 100, 0.99, 0.6339676587267709],
  ])('P(X ≤ %d) of %d trials at %d', (k, n, p, expected) => near(binomialCdf(k, n, p), expected));

  it('has quantiles that agree with its sums', () => {
    for (const n of [1, 7, 40, 140]) {
      for (const p of [0.5, 0.95, 0.99]) {
        for (const probability of [0.0154, 0.5, 0.9846]) {
          // The sum of P(X = k), each computed from the previous one.
          let term = (1 - p) ** n;
          let sum = term;
          let k = 0;
          while (sum < probability) {
            term *= ((n - k) / (k + 1)) * (p / (1 - p));
            sum += term;
            k++;
          }
          expect(binomialQuantile(probability, n, p)).toBe(k);
        }
      }
    }
  });
});
