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

/**
 * P(G ≤ x) for a gamma of shape k and scale 1: the regularised lower incomplete gamma function, by its series below k + 1
 * and Lentz's continued fraction above (Numerical Recipes, 6.2).
 */
export function gammaCdf(k: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(k * Math.log(x) - x - logGamma(k));
  if (x < k + 1) {
    let term = 1 / k;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= x / (k + n);
      sum += term;
    }
    return front * sum;
  }
  let b = x + 1 - k;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 100_000; n++) {
    const a = -n * (n - k);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return 1 - front * h;
}

/** Stirling's series, after the recurrence has made its argument large: terms beyond 1/x⁷ are below 1e-13 from 20 on. */
function logGamma(x: number): number {
  let shift = 0;
  while (x < 20) shift -= Math.log(x++);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7);
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

/** Index of dispersion: variance ÷ mean of counts. 1 for Poisson, with standard error √(2/(m − 1)) over m spans. */
export function fano(counts: readonly number[]): number {
  return variance(counts) / mean(counts);
}

/** How many instants fall into each span of a length, from `from` on. */
export function countsIn(
  instants: readonly number[],
  { from, span, spans }: { from: number; span: number; spans: number },
): number[] {
  const counts = Array.from({ length: spans }, () => 0);
  for (const at of instants) {
    const k = Math.floor((at - from) / span);
    if (k >= 0 && k < spans) counts[k]!++;
  }
  return counts;
}

export function gapsOf(instants: readonly number[]): number[] {
  return instants.slice(1).map((at, k) => at - instants[k]!);
}
