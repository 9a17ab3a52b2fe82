import type { BracketSettings, BracketStep } from './bracket-step.ts';
import { type Doubt, doubtOfZero } from './doubt.ts';
import { isLevelDoubtful, type Level } from './levels.ts';
import { attainmentOf, isDisturbed, isDoubtful, passes, type SearchWindow } from './search-window.ts';
import { type Allowance, becauseDisturbed, MOST_AT_ONE_LOAD, BEST_OF } from './repeats.ts';

/** The results of the bracket windows. */
interface Shown {
  /** All of them, with those that do not count. */
  tried: readonly SearchWindow[];
  /** Those that count, by load. */
  levels: readonly Level[];
  allowance: Allowance;
  settings: Pick<BracketSettings, 'target'>;
}

/**
 * Replaces a conclusion of the bracket with a repetition of its windows if they are not reliable, and
 * with `undecided` if repetitions did not help.
 */
export function confirmed(step: BracketStep, shown: Shown): BracketStep {
  switch (step.step) {
    case 'never_met':
      return confirmedZero(shown) ?? step;
    case 'found':
      return confirmedEnds(shown) ?? step;
    case 'never_the_limit':
      return undisturbed(shown.levels.slice(-2), shown) ?? step;
    default:
      return step;
  }
}

/** Minimum of requests for a load that meets the target. */
const FEWEST_TO_PASS = 20;

/** No load met the target: the lowest one has to be tested repeatedly, and so does one that did better, though it is higher. */
function confirmedZero({ tried, levels, allowance, settings: { target } }: Shown): BracketStep | null {
  const lowest = Math.min(...tried.map(({ level }) => level));
  // Includes outvoted windows: a capacity of 0 is not decided by a majority.
  const windows = tried.filter(({ level, void: why, n }) => level === lowest && why === null && n > 0);
  const doubt = doubtOfZero(windows, target);
  if (doubt !== null) {
    return allowance.allows(lowest, MOST_AT_ONE_LOAD)
      ? {
          step: 'measure',
          level: lowest,
          repeats: 'a capacity of 0 needs repeated evidence at the lowest load',
        }
      : { step: 'undecided', doubt };
  }
  const bottom = levels.find(({ level }) => level === lowest)!;
  const best = levels.reduce((a, b) => (shareOf(b) > shareOf(a) ? b : a));
  if (best.verdict !== 'split' && !(best.windows.length === 1 && isBetter(best, bottom))) return null;
  if (allowance.allows(best.level, BEST_OF))
    return { step: 'measure', level: best.level, repeats: 'a lower load did worse, beyond chance' };
  return best.verdict === 'split' ? contradictory(best) : null;
}

/** One load met the target and a higher one missed it. */
function confirmedEnds(shown: Shown): BracketStep | null {
  const { tried, levels, allowance, settings } = shown;
  const { target } = settings;
  const top = levels
    .filter(({ verdict }) => verdict === 'passed')
    .reduce((a, b) => (b.level > a.level ? b : a));
  const end = levels.filter(({ level }) => level > top.level).reduce((a, b) => (b.level < a.level ? b : a));
  // Low loads have few requests, and a few good ones may be chance.
  const isThin = countsOf(top).n < FEWEST_TO_PASS && top.level < tried[0]!.level;
  if (isThin && allowance.allows(top.level, MOST_AT_ONE_LOAD))
    return { step: 'measure', level: top.level, repeats: 'too few requests to show that it met the target' };
  if (isLevelDoubtful(end, target) && allowance.allowsUndisturbed(end.level))
    return { step: 'measure', level: end.level, repeats: becauseDisturbed(end.shown) };
  if (end.verdict === 'split' && allowance.allows(end.level, BEST_OF))
    return { step: 'measure', level: end.level, repeats: 'its windows contradict each other' };

  const worse = levels.find(
    (level) =>
      level.level < top.level &&
      level.verdict === 'failed' &&
      level.windows.length === 1 &&
      isBetter(top, level),
  );
  if (worse !== undefined && allowance.allows(worse.level, BEST_OF))
    return { step: 'measure', level: worse.level, repeats: 'a higher load did better, beyond chance' };

  // One miss was chance, or had a cause that no window recorded: so may the other.
  const overturned = tried.some(
    (window) =>
      window.void === null &&
      window.level <= top.level &&
      !passes(window, target) &&
      !isDoubtful(window, target) &&
      tried.some((other) => other.level === window.level && other.void === null && passes(other, target)),
  );
  const misses = end.windows.filter((window) => !passes(window, target)).length;
  if (!overturned || misses >= 2) return null;
  return allowance.allows(end.level, MOST_AT_ONE_LOAD)
    ? { step: 'measure', level: end.level, repeats: 'another load missed the target only by chance' }
    : contradictory(end);
}

/** Repeats disturbed windows: a disturbance may have lowered the completed rate. */
function undisturbed(levels: readonly Level[], { allowance }: Shown): BracketStep | null {
  const level = levels.find((each) => isDisturbed(each.shown) && allowance.allowsUndisturbed(each.level));
  return level === undefined
    ? null
    : { step: 'measure', level: level.level, repeats: becauseDisturbed(level.shown) };
}

function contradictory({ windows }: Level): BracketStep {
  const doubt: Doubt = { why: 'contradictory', windows, requests: null };
  return { step: 'undecided', doubt };
}

const countsOf = ({ windows }: Level): { good: number; n: number } => ({
  good: windows.reduce((sum, { good }) => sum + good, 0),
  n: windows.reduce((sum, { n }) => sum + n, 0),
});

const shareOf = (level: Level): number => attainmentOf(countsOf(level));

/** Standard errors of independent requests by which a higher load must be better to repeat a window: one more window costs little. */
const BETTER = 2;

function isBetter(level: Level, than: Level): boolean {
  const variance = ({ good, n }: { good: number; n: number }): number => {
    const p = (good + 0.3) / (n + 0.6);
    return (p * (1 - p)) / n;
  };
  const error = Math.sqrt(variance(countsOf(level)) + variance(countsOf(than)));
  return shareOf(level) - shareOf(than) > BETTER * error;
}
