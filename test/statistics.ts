/** Bounds that a sound generator misses once in about a thousand fixed seeds; formulas beside each. */

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return mean(values.map((value) => (value - centre) ** 2));
}

/** Kolmogorov's distance between a sample and a distribution function. */
export function ksDistance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = Float64Array.from(values).sort();
  let distance = 0;
  for (const [k, value] of sorted.entries()) {
    const expected = cdf(value);
    distance = Math.max(distance, expected - k / sorted.length, (k + 1) / sorted.length - expected);
  }
  return distance;
}

/** P(√n·D > 1.95) = 2·e^(−2·1.95²) ≈ 0.001. */
export function ksBound(n: number): number {
  return 1.95 / Math.sqrt(n);
}

/** Its standard error on independent values is 1/√n. */
export function lag1(values: readonly number[]): number {
  const centre = mean(values);
  let sum = 0;
  for (let k = 1; k < values.length; k++) sum += (values[k]! - centre) * (values[k - 1]! - centre);
  return sum / values.length / variance(values);
}

/** Two-sided 0.1 % point of the standard normal. */
export const Z = 3.29;
