import { type Estimate, welchOf } from './differences.ts';
import { meanOf, varianceOf } from './moments.ts';

/**
 * Method R: the difference of two endpoints from rounds in which both were measured, a figure per run. Each round is one
 * value, so nothing is assumed of what goes on within a run, and a machine that drifts from round to round is seen.
 * @param base a figure of each round's run, in the order of `next`
 * `null` for fewer than two rounds.
 */
export function pairedByRound(base: readonly number[], next: readonly number[]): Estimate | null {
  const differences = next.map((value, round) => value - base[round]!);
  const n = differences.length;
  return n < 2 ? null : { value: meanOf(differences), variance: varianceOf(differences) / n, df: n - 1 };
}

/**
 * The difference of two groups of runs that are not in pairs, runs being the unit: Welch's. A side of one run takes the
 * spread of the other's, as if both varied alike. `null` where neither side has two.
 */
export function unpairedRuns(base: readonly number[], next: readonly number[]): Estimate | null {
  if (base.length === 0 || next.length === 0) return null;
  if (base.length > 1 && next.length > 1) return welchOf(groupOf(base), groupOf(next));
  const several = base.length > 1 ? base : next;
  if (several.length < 2) return null;
  return {
    value: meanOf(next) - meanOf(base),
    variance: varianceOf(several) * (1 / base.length + 1 / next.length),
    df: several.length - 1,
  };
}

const groupOf = (runs: readonly number[]): Estimate => ({
  value: meanOf(runs),
  variance: varianceOf(runs) / runs.length,
  df: runs.length - 1,
});
