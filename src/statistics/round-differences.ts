import { type Estimate, welchOf } from './differences.ts';
import { meanOf, varianceOf } from './moments.ts';

/**
 * Returns the difference of two endpoints by method R, from rounds in which both were measured, with one figure per run. Each round is one
 * value, so there is no assumption about variation within a run, and drift between rounds is accounted for.
 * @param base the figure of the run of each round, in the order of `next`
 * @returns `null` for fewer than two rounds
 */
export function pairedByRound(base: readonly number[], next: readonly number[]): Estimate | null {
  const differences = next.map((value, round) => value - base[round]!);
  const n = differences.length;
  return n < 2 ? null : { value: meanOf(differences), variance: varianceOf(differences) / n, df: n - 1 };
}

/**
 * Returns Welch's difference of two groups of unpaired runs, with one value per run. A side with one run uses the variance of the other
 * side. `null` if neither side has two.
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
