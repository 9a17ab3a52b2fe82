/**
 * Ranks from pairwise verdicts. The rank is 1 plus the number of endpoints that are better, directly or through others: with a better
 * than b and b better than c, c has two. So an endpoint that is better than another always has a lower rank, and of endpoints that share
 * a rank none is better, also where the verdicts are not transitive. Endpoints that are better than one another in a circle share a rank.
 * @param isBetter returns true if the verdict says that the first is better than the second
 */
export function ranksOf<T>(all: readonly T[], isBetter: (one: T, other: T) => boolean): number[] {
  const above = all.map((one) => all.map((other) => isBetter(one, other)));
  // Warshall's transitive closure.
  for (const [k, row] of above.entries())
    for (const each of above) if (each[k]) row.forEach((is, j) => (each[j] ||= is));
  return all.map((_, j) => 1 + above.filter((row, i) => row[j] && !above[j]![i]).length);
}
