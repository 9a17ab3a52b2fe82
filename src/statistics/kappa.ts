/** The agreement of two ratings of the same items. */
export interface Agreement {
  /** Share of equal ratings. */
  equal: number;
  /** Cohen's kappa (1960): 1 for complete agreement, 0 for that of chance; `null` if every rating is the same. */
  kappa: number | null;
  /** Kappa with quadratic weights (1968), for ordered ratings: a difference of 2 counts four times one of 1. */
  weighted: number | null;
}

/**
 * @param pairs ratings from 1 to `most`
 * @returns `null` without pairs
 */
export function agreementOf(
  pairs: readonly (readonly [first: number, second: number])[],
  most: number,
): Agreement | null {
  const n = pairs.length;
  if (n === 0) return null;
  const first = new Float64Array(most + 1);
  const second = new Float64Array(most + 1);
  let [unequal, squares] = [0, 0];
  for (const [a, b] of pairs) {
    first[a]!++;
    second[b]!++;
    if (a !== b) unequal++;
    squares += (a - b) ** 2;
  }
  let [chanceUnequal, chanceSquares] = [0, 0];
  for (let a = 1; a <= most; a++)
    for (let b = 1; b <= most; b++) {
      const chance = (first[a]! * second[b]!) / n;
      if (a !== b) chanceUnequal += chance;
      chanceSquares += chance * (a - b) ** 2;
    }
  const ofChance = (observed: number, expected: number): number | null =>
    expected < 1e-12 ? null : 1 - observed / expected;
  return {
    equal: (n - unequal) / n,
    kappa: ofChance(unequal, chanceUnequal),
    weighted: ofChance(squares, chanceSquares),
  };
}
