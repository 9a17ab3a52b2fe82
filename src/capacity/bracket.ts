import { rounded } from '../numbers.ts';
import { becauseDisturbed, Allowance } from './repeats.ts';
import { confirmed } from './confirmation.ts';
import type { BracketSettings, BracketStep } from './bracket-step.ts';
import { evidenceOf } from './evidence.ts';
import { isLevelDoubtful, levelsOf } from './levels.ts';
import { attainmentOf, type Axis, passes, type SearchWindow } from './search-window.ts';

/** Share of the first load below which the search ends. */
const LOWEST = 0.02;
/** Share of the target below which the load is far above the capacity, so that the completed rate bounds it. */
const FAR_BELOW = 5 / 9;
/** Factor on the completed rate of an overloaded server that bounds its capacity. */
const BEYOND_COMPLETED = 1.1;
/** Factor below which a doubled load completes no more: the server is saturated. */
const PLATEAU = 1.3;
/** Minimum of completions for a rate. */
const FEWEST_COMPLETED = 10;
/** Highest loads that are tried. */
const HIGHEST = { rate: 1e6, concurrency: 100_000 };

/**
 * Returns the next step to find one load that passes and one that fails: a pure function of the bracket windows so far, in their
 * order, so that an interrupted search can continue. A load is tested again if its window was disturbed, and before a
 * conclusion from windows that others contradict.
 */
export function nextBracketStep(windows: readonly SearchWindow[], settings: BracketSettings): BracketStep {
  const { target, since } = settings;
  const tried = windows.filter(({ kind, ended }) => kind === 'bracket' && ended !== 'interrupted');
  const { used } = evidenceOf(tried, target);
  const levels = levelsOf(
    used.filter((window) => window.void === null),
    target,
  );
  const allowance = new Allowance(windows, 'bracket', since);
  const latest = levels.find(({ level }) => level === tried.at(-1)?.level);
  if (latest !== undefined && isLevelDoubtful(latest, target) && allowance.allowsUndisturbed(latest.level))
    return { step: 'measure', level: latest.level, repeats: becauseDisturbed(latest.shown) };
  const step = stepFrom(
    tried,
    levels.map(({ shown }) => shown),
    allowance,
    settings,
  );
  return confirmed(step, { levels, tried, allowance, settings });
}

/** @param valid a window for each load, in the order in which the loads were first tested */
function stepFrom(
  bracket: readonly SearchWindow[],
  valid: readonly SearchWindow[],
  allowance: Allowance,
  settings: BracketSettings,
): BracketStep {
  const { axis, target, first } = settings;
  const saturated = valid.filter((window) => isSaturated(window, valid, settings));
  const judged = valid.filter((window) => window.n > 0 && !saturated.includes(window));
  const passed = judged.filter((window) => passes(window, target));
  const fails = judged.filter((window) => !passed.includes(window));

  const last = bracket.at(-1);
  if (last === undefined) return { step: 'measure', level: fitting(first, axis) };
  const lowest = Math.min(...bracket.map(({ level }) => level));
  const highest = Math.max(0, ...passed.map(({ level }) => level));
  // A fail below a pass means that the server is slow after idling, not that it is at its limit.
  const beyond = fails.filter(({ level }) => level > highest);
  if (passed.length > 0 && beyond.length > 0) {
    const failed = Math.min(...beyond.map((window) => upperEnd(window, settings) ?? window.level));
    return { step: 'found', low: Math.min(highest, failed), high: Math.max(highest, failed) };
  }

  // The client may have been late by chance or because of other programs: test again. A client that cannot send the load says nothing about the server.
  if (last.void !== null) {
    const late = bracket.filter(
      ({ level, number, void: why }) =>
        why !== null && level === last.level && number >= (settings.since ?? 0),
    );
    if (late.length < 2 || (last.contended !== null && allowance.allowsUndisturbed(last.level)))
      return { step: 'measure', level: last.level, repeats: `window ${last.number} does not count` };
    if (passed.length > 0 || saturated.length > 0) return { step: 'client_limited' };
  } else if (passed.length > 0 && bracket.some((window) => window.void !== null && window.level > highest)) {
    return { step: 'client_limited' };
  }

  if (beyond.length === 0 && last.void === null && last.n > 0 && (passed.length > 0 || fails.length === 0)) {
    const [before, top] = [valid.at(-2), valid.at(-1)];
    const twice = before !== undefined && saturated.includes(top!) && saturated.includes(before);
    // A slow server that is still filling completes little too, but then twice the load completes much more.
    if (twice && top!.completed_rps < PLATEAU * before.completed_rps) return { step: 'never_the_limit' };
    const level = fitting(2 * Math.max(...valid.map((window) => window.level)), axis);
    return level > HIGHEST[axis] ? { step: 'client_limited' } : { step: 'measure', level };
  }

  // A server that is slow after idling may do better under load: test a higher load once before lower ones.
  const tried = valid.length === 1 && fails.length === 1 && axis === 'rate' ? fails[0]! : null;
  if (tried !== null && tried.level === bracket[0]!.level && tried.completed_rps >= 0.7 * tried.level)
    return { step: 'measure', level: fitting(3 * tried.level, axis) };

  const bottom =
    valid.find(({ level }) => level === lowest) ?? bracket.findLast(({ level }) => level === lowest)!;
  const level = fitting(below(bottom, settings), axis);
  const isOver = level >= lowest || level < LOWEST * first;
  if (!isOver) return { step: 'measure', level };
  return fails.length > 0 ? { step: 'never_met' } : { step: 'client_limited' };
}

/** Returns the next lower load: half, or slightly below the completed rate of a far overloaded server. */
function below(window: SearchWindow, settings: BracketSettings): number {
  const bound = upperEnd(window, settings);
  return bound === null ? window.level / 2 : 0.8 * bound;
}

/** Returns an upper bound of the capacity from the completed rate of a far overloaded server; `null` if there is none. */
function upperEnd(window: SearchWindow, { axis, target }: BracketSettings): number | null {
  if (axis !== 'rate' || window.void !== null || attainmentOf(window) >= FAR_BELOW * target) return null;
  const bound = BEYOND_COMPLETED * window.completed_rps;
  const enough = window.completed_rps * window.window_s >= FEWEST_COMPLETED;
  return enough && window.n > 0 && bound < window.level ? bound : null;
}

/**
 * Returns true if the server completes no more with a higher load, and the SLO is still met: the SLO does not depend on the queue. In closed loop, where
 * no queue grows, the sign is a doubled load that completes hardly more.
 */
function isSaturated(
  window: SearchWindow,
  valid: readonly SearchWindow[],
  { axis, target }: BracketSettings,
): boolean {
  if (window.n === 0 || window.ended === 'aborted' || attainmentOf(window) < target) return false;
  if (axis === 'rate') {
    const { level, completed_rps, growth_rps } = window;
    return completed_rps < 0.8 * level && growth_rps > 0.1 * level;
  }
  const half = valid.find(
    (other) => Math.abs(other.level * 2 - window.level) <= 1 && other.level < window.level,
  );
  return half !== undefined && window.completed_rps < 1.1 * half.completed_rps;
}

/** Returns a readable and possible load: four digits of a rate, whole requests in flight. */
export const fitting = (level: number, axis: Axis): number =>
  axis === 'rate' ? rounded(level, 4) : Math.max(1, Math.round(level));
