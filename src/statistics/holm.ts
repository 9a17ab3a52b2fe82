/**
 * Holm's step-down procedure (1979): the level of each of several tests so that, whatever is true, all together raise a
 * false alarm in at most `alpha` of cases. The smallest p-value is held against alpha/m, the next against alpha/(m − 1), and
 * so on until one is not below its level; that one's level holds for the rest. So a test rejects just where its p-value is
 * at most its level, and an interval of confidence 1 − level shows what the test decides.
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
