/**
 * Returns the greatest distance between the distribution of a sample of whole numbers and another one, over all whole numbers: the statistic of
 * Kolmogorov and Smirnov for one sample.
 * @param sorted ascending, not empty
 * @param distanceAt returns the distance at `value`, up to which the sample has this share
 */
export function kolmogorovDistance(
  sorted: ArrayLike<number>,
  distanceAt: (share: number, value: number) => number,
): number {
  const n = sorted.length;
  let greatest = 0;
  for (let from = 0; from < n;) {
    const value = sorted[from]!;
    let end = from + 1;
    while (end < n && sorted[end] === value) end++;
    // Both functions grow, and that of the sample only at its values: the distance is greatest at a value or just below one.
    greatest = Math.max(greatest, distanceAt(from / n, value - 1), distanceAt(end / n, value));
    from = end;
  }
  return greatest;
}

/** The 95% point of Kolmogorov's distribution. */
const LIMIT = 1.3581;

/**
 * Returns the distance that a sample of size `n` of the distribution itself exceeds with a probability of 5% (Stephens 1970, for a continuous
 * distribution; less often for whole numbers).
 */
export const kolmogorovCritical = (n: number): number => LIMIT / (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n));
