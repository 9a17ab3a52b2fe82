/**
 * x_k = φ·x_{k−1} + u_k with u from Knuth's linear congruential generator: whole numbers below 2^53 throughout, so that
 * the independent computations, in Python, had the very same series.
 */
export function lcgSeries(n: number, phi: number, seed: number): Float64Array {
  const series = new Float64Array(n);
  let state = seed;
  let x = 0;
  for (let k = 0; k < n; k++) {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    x = phi * x + state / 2 ** 32;
    series[k] = x;
  }
  return series;
}
