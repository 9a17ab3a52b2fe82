import { describe, expect, it } from 'vitest';
import { randomStream } from '../src/random.ts';
import type { Length } from '../src/lengths.ts';
import { drawLength } from '../src/lengths.ts';
import { ksDistance, mean, variance, Z } from './statistics.ts';

const N = 40_000;

function draw(length: Length, count = N): number[] {
  return Array.from({ length: count }, (_, i) => drawLength(length, randomStream(42, 'test', i)));
}

/** Rounding to whole tokens adds 1/12 to a variance and nothing to a mean. */
const ROUNDING = 1 / 12;

/** Standard error of a sample variance: √((μ₄ − σ⁴)/n). */
function varianceBound(sigma2: number, kurtosis: number): number {
  return Z * Math.sqrt((sigma2 * sigma2 * (kurtosis - 1)) / N);
}

describe('drawLength', () => {
  it('returns a constant unchanged', () => {
    expect(new Set(draw({ distribution: 'constant', tokens: 512 }, 100))).toEqual(new Set([512]));
  });

  it('draws uniformly, bounds included: chi-square over 6 values, 0.1 % point 20.5', () => {
    const counts = new Map<number, number>();
    for (const value of draw({ distribution: 'uniform', min: 5, max: 10 })) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10]);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - N / 6) ** 2 / (N / 6), 0);
    expect(chiSquare).toBeLessThan(20.5);
  });

  it('draws a normal with its mean and standard deviation', () => {
    const values = draw({ distribution: 'normal', mean: 500, stddev: 80, min: 1, max: null });
    expect(Math.abs(mean(values) - 500)).toBeLessThan((Z * 80) / Math.sqrt(N));
    expect(Math.abs(variance(values) - (6400 + ROUNDING))).toBeLessThan(varianceBound(6400, 3));
  });

  it('draws a lognormal whose own mean and standard deviation are those declared', () => {
    const [m, s] = [512, 200];
    const values = draw({ distribution: 'lognormal', mean: m, stddev: s, min: 1, max: null });
    expect(Math.abs(mean(values) - m)).toBeLessThan((Z * s) / Math.sqrt(N));
    // Kurtosis of a lognormal: w⁴ + 2w³ + 3w² − 3 with w = e^(σ²) = 1 + (s/m)².
    const w = 1 + (s / m) ** 2;
    expect(Math.abs(variance(values) - s * s)).toBeLessThan(
      varianceBound(s * s, w ** 4 + 2 * w ** 3 + 3 * w * w - 3),
    );
    // The median of a lognormal is m/√w; half of the values are below it.
    const below = values.filter((value) => value < m / Math.sqrt(w)).length / N;
    expect(Math.abs(below - 0.5)).toBeLessThan(Z * Math.sqrt(0.25 / N) + 0.002);
  });

  it('draws an exponential with its mean, which is its standard deviation', () => {
    const values = draw({ distribution: 'exponential', mean: 300, min: 1, max: null });
    expect(Math.abs(mean(values) - 300)).toBeLessThan((Z * 300) / Math.sqrt(N));
    expect(Math.abs(variance(values) - 90_000)).toBeLessThan(varianceBound(90_000, 9));
    // Whole tokens are steps of 1/300 and change the distance by at most half a step.
    expect(ksDistance(values, (x) => -Math.expm1(-(x + 0.5) / 300))).toBeLessThan(
      1.95 / Math.sqrt(N) + 1 / 300,
    );
  });

  it('keeps even a short exponential near its mean: half a token or more counts as one', () => {
    // E[max(1, round X)] = P(X < ½) + Σ over k ≥ 1 of P(X ≥ k − ½).
    const m = 4;
    const expected = -Math.expm1(-0.5 / m) + Math.exp(-0.5 / m) / -Math.expm1(-1 / m);
    const values = draw({ distribution: 'exponential', mean: m, min: 1, max: null });
    expect(Math.abs(mean(values) - expected)).toBeLessThan((Z * m) / Math.sqrt(N));
  });

  it('clamps to the bounds, and a bound changes no value within it', () => {
    const free: Length = { distribution: 'normal', mean: 100, stddev: 60, min: 1, max: null };
    const bounded: Length = { ...free, min: 40, max: 150 };
    const freeValues = draw(free);
    expect(draw(bounded)).toEqual(freeValues.map((value) => Math.min(150, Math.max(40, value))));
    expect(Math.min(...freeValues)).toBe(1);
  });

  it('returns whole numbers, at least 1, for every distribution', () => {
    for (const length of [
      { distribution: 'normal', mean: 1, stddev: 50, min: 0, max: null },
      { distribution: 'lognormal', mean: 0.01, stddev: 5, min: 0, max: 3 },
      { distribution: 'exponential', mean: 0.1, min: 0, max: null },
      { distribution: 'constant', tokens: 0.2 },
    ] satisfies Length[]) {
      for (const value of draw(length, 2000)) {
        expect(Number.isSafeInteger(value) && value >= 1).toBe(true);
      }
    }
    expect(draw({ distribution: 'lognormal', mean: 64, stddev: 0, min: 1, max: null }, 3)).toEqual([
      64, 64, 64,
    ]);
  });
});
