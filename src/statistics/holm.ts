/**
 * Returns the level of each of several tests by Holm's step-down procedure (1979), so that all together give a false alarm with a
 * probability of at most `alpha`. The smallest p-value is compared with alpha/m, the next with alpha/(m − 1), and so on until one exceeds
 * its level, which is also the level of the rest. A test rejects if its p-value is at most its level, and an interval of confidence
 * 1 − level gives the same decision.
 * @returns levels in the order of `pValues`
 */
export function holmLevels(pValues: readonly number[], alpha: number): number[] {
  const order = pValues.map((_, k) => k).sort((a, b) => pValues[a]! - pValues[b]!);
  const levels = pValues.map(() => alpha);
  let stopped: number | null = null;
  for (const [rank, k] of order.entries()) {
    const level: number = stopped ?? alpha / (pValues.length - rank);
    if (pValues[k]! > level) stopped = level;
    levels[k] = level;
  }
  return levels;
}
