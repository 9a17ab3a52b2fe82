import type { BracketStep } from './bracket-step.ts';
import { type Doubt, doubtOfZero } from './doubt.ts';
import type { Posterior } from './posterior.ts';
import type { SearchWindow } from './search-window.ts';
import type { CapacityStatus } from './reason.ts';
import { bracketOf, type SearchSettings } from './capacity-search.ts';

const STATUS: Record<Exclude<BracketStep['step'], 'measure' | 'found'>, CapacityStatus> = {
  never_met: 'never_met',
  never_the_limit: 'never_the_limit',
  client_limited: 'client_limited',
  undecided: 'undecided',
};

/** Returns the windows at the lowest load. */
export function lowestOf(used: readonly SearchWindow[]): SearchWindow[] {
  const lowest = Math.min(...used.map(({ level }) => level));
  return used.filter(({ level }) => level === lowest);
}

/** Returns the status that the windows show together, and the doubt if they decide nothing. */
export function conclusionOf(
  windows: readonly SearchWindow[],
  used: readonly SearchWindow[],
  posterior: Posterior | null,
  { axis, target }: Pick<SearchSettings, 'axis' | 'target'>,
): { status: CapacityStatus; doubt: Doubt | null } {
  if (posterior !== null) {
    // Less than one request in flight is none: the windows at one request decide if one is too many.
    if (axis === 'rate' || posterior.median >= 1) return { status: 'estimated', doubt: null };
    const windows = used.filter(({ level }) => level === 1);
    const doubt: Doubt | null =
      posterior.high < 1 ? doubtOfZero(windows, target) : { why: 'contradictory', windows, requests: null };
    return { status: doubt === null ? 'never_met' : 'undecided', doubt };
  }
  const step = bracketOf(windows, { axis, target });
  if (step === null) return { status: 'unanswered', doubt: null };
  const status = step.step === 'measure' || step.step === 'found' ? 'undecided' : STATUS[step.step];
  // If no bracket window counts, goodput could not send the load; the budget was not too small.
  const bracket = windows.filter(({ kind, ended }) => kind === 'bracket' && ended !== 'interrupted');
  const late =
    status === 'undecided' && bracket.length > 1 && bracket.every((window) => window.void !== null);
  if (late) return { status: 'client_limited', doubt: null };
  return { status, doubt: step.step === 'undecided' ? step.doubt : null };
}
