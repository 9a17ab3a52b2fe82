export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]!;
  return sum / values.length;
}

/** Returns the sample variance, with n − 1 in the denominator; 0 for fewer than two values. */
export function varianceOf(values: ArrayLike<number>, mean = meanOf(values)): number {
  if (values.length < 2) return 0;
  let squares = 0;
  for (let k = 0; k < values.length; k++) squares += (values[k]! - mean) ** 2;
  return squares / (values.length - 1);
}

/** Returns the adjusted Fisher–Pearson coefficient of skewness G₁ = √(n(n−1))/(n−2) · m₃/m₂^1.5; 0 for equal values. */
export function skewnessOf(values: ArrayLike<number>): number {
  const n = values.length;
  const mean = meanOf(values);
  let squares = 0;
  let cubes = 0;
  for (let k = 0; k < n; k++) {
    const off = values[k]! - mean;
    squares += off * off;
    cubes += off * off * off;
  }
  if (n < 3 || squares === 0) return 0;
  return ((Math.sqrt(n * (n - 1)) / (n - 2)) * (cubes / n)) / (squares / n) ** 1.5;
}

/** Returns the lag-1 autocorrelation; 0 for equal values. */
export function neighbourCorrelation(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let squares = 0;
  let products = 0;
  for (let k = 0; k < values.length; k++) {
    squares += (values[k]! - mean) ** 2;
    if (k > 0) products += (values[k]! - mean) * (values[k - 1]! - mean);
  }
  return squares === 0 ? 0 : products / squares;
}
