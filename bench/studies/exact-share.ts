import { binomialCdf } from '../../src/statistics/binomial.ts';

const HALVINGS = 50;

/** Returns the exact 95% interval of a share (Clopper and Pearson 1934). */
export function exactShare(count: number, n: number): { low: number; high: number } {
  const tail = 0.025;
  return {
    // The shares at which this count or more, and this count or fewer, have the tail's probability.
    low: count === 0 ? 0 : falling((p) => 1 - binomialCdf(count - 1, n, p) < tail),
    high: count === n ? 1 : falling((p) => binomialCdf(count, n, p) >= tail),
  };
}

/** Returns the point at which a condition that holds from 0 on ceases to hold. */
function falling(holds: (p: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const percent = (share: number): string => (share * 100).toFixed(1);

/** Returns `1.5 (0.6 to 3.2)`, in percent. */
export function shareText(count: number, n: number): string {
  if (n === 0) return '–';
  const { low, high } = exactShare(count, n);
  return `${percent(count / n)} (${percent(low)} to ${percent(high)})`;
}
