import { incompleteBeta } from './special.ts';

/** Returns P(X ≤ k) of a binomial(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1);
}

/** Returns the smallest k from 0 to n with P(X ≤ k) ≥ probability. */
export function binomialQuantile(probability: number, n: number, p: number): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (binomialCdf(middle, n, p) >= probability) high = middle;
    else low = middle + 1;
  }
  return low;
}
