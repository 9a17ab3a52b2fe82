import { incompleteBeta } from './special.ts';

/** Returns P(T > t) of Student's t; `df` need not be a whole number. */
export function tTail(t: number, df: number): number {
  const tail = incompleteBeta(df / (df + t * t), df / 2, 0.5) / 2;
  return t < 0 ? 1 - tail : tail;
}

/** Returns the two-sided p-value of a t statistic. */
export const tTest = (t: number, df: number): number => Math.min(1, 2 * tTail(Math.abs(t), df));

/** Returns the t that |T| exceeds with a probability of 1 − confidence: 2.093 for 95% and 19 degrees of freedom. */
export function tQuantile(confidence: number, df: number): number {
  const tail = (1 - confidence) / 2;
  let low = 0;
  let high = 1;
  while (tTail(high, df) > tail) high *= 2;
  for (let k = 0; k < 200 && high - low > 1e-13 * high; k++) {
    const middle = (low + high) / 2;
    if (tTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
