import { share } from '../numbers.ts';
import type { Doubt } from './doubt.ts';
import { attainmentOf, type SearchWindow } from './search-window.ts';
import type { Stopped } from './capacity-search.ts';

/** `estimated`: there is a capacity. The others are other answers, or say why there is none yet. */
export type CapacityStatus =
  | 'estimated'
  | 'never_met'
  | 'never_the_limit'
  | 'client_limited'
  | 'undecided'
  | 'unanswered';

/** The facts that explain a status. */
export interface Circumstances {
  stopped: Stopped;
  /** The window with the highest attainment. */
  best: SearchWindow | null;
  target: number;
  /** The unit of a load. */
  unit: string;
  /** Why the windows are inconclusive; only with `undecided`. */
  doubt: Doubt | null;
  /** The windows at the lowest load. */
  lowest: readonly SearchWindow[];
  /** Why the single requests do not count. */
  unanswered: string | null;
}

const STOPPED: Partial<Record<Stopped, string>> = {
  width: 'The interval is as narrow as requested.',
  budget: 'The time budget is spent.',
  interrupted: 'It was interrupted. Call again with the same --out to continue.',
  client_limited: 'goodput itself was late in the last windows, which therefore do not count.',
};

/** Returns the answer in words: why the search stopped, or why there is no capacity and what is needed for one. */
export function reasonOf(status: CapacityStatus, given: Circumstances): string {
  const { stopped, best, target, unit, doubt, lowest } = given;
  switch (status) {
    case 'estimated':
      return STOPPED[stopped] ?? '';
    case 'never_met': {
      const seen =
        best === null
          ? ''
          : ` The best attainment seen was ${share(attainmentOf(best))}, at ${best.level} ${unit}.`;
      return `No load meets the target of ${share(target)}: ${windowsText(lowest, unit)}, the lowest load.${seen}`;
    }
    case 'never_the_limit':
      return `The SLO is met at every load: the server completes no more requests at higher loads, and the completed ones are in time. The limit is its throughput.`;
    case 'client_limited':
      return 'Invalid: goodput itself could not send the next load, so the server did not reach its limit: the capacity is at least the highest load that passed. The void windows have the cause; goodput calibrate shows what this machine can send.';
    case 'undecided':
      return doubt === null ? unfinished(stopped) : doubtText(doubt, given);
    default:
      if (stopped === 'budget') return 'Nothing was measured: there is no budget.';
      return stopped === 'interrupted'
        ? 'It was interrupted before a single request was answered.'
        : `None of the single requests was answered${given.unanswered === null ? '' : `: ${given.unanswered}`}.`;
  }
}

const unfinished = (stopped: Stopped): string =>
  stopped === 'interrupted'
    ? 'It was interrupted before one load passed and one failed. Call again with the same --out to continue.'
    : 'The time budget was spent before one load passed and one failed. Call again with the same --out to continue.';

/** Returns what the windows show, why that is inconclusive, and what to do. */
function doubtText({ why, windows, requests }: Doubt, { stopped, target, unit }: Circumstances): string {
  const early =
    stopped === 'budget'
      ? 'The time budget is spent. '
      : stopped === 'interrupted'
        ? 'It was interrupted. '
        : '';
  const seen = windows.length === 0 ? 'no window at the lowest load counts' : windowsText(windows, unit);
  switch (why) {
    case 'contended': {
      const cause = windows.findLast(({ contended, suspect }) => (contended ?? suspect) !== null);
      return `${early}Not decided: ${seen}, below the target of ${share(target)}, but this machine disturbed them (${cause?.contended ?? cause?.suspect ?? 'cause unknown'}), so the cause may be this machine and not the server. Stop other programs on this machine, or measure from another one. Then call again with the same --out to test this load again.`;
    }
    case 'contradictory':
      return `${early}Not decided: ${seen}, on both sides of the target of ${share(target)}, so these windows contradict each other. Find out what else uses the server or this machine. Then call again with the same --out to test this load again.`;
    default: {
      const more = requests === null ? '' : ` About ${requests} requests at this load are needed.`;
      return `${early}Not decided: ${seen}, which is too little to show that no load meets the target of ${share(target)}.${more} Call again with the same --out to test this load again.`;
    }
  }
}

/** Windows at one load: `3 windows at 1 in flight had 0% to 5% of 312 requests good`. */
function windowsText(windows: readonly SearchWindow[], unit: string): string {
  const [first] = windows;
  if (first === undefined) return 'no window';
  const shares = windows.map(attainmentOf);
  const [low, high] = [share(Math.min(...shares)), share(Math.max(...shares))];
  const requests = windows.reduce((sum, { n }) => sum + n, 0);
  const several = windows.length === 1 ? '1 window' : `${windows.length} windows`;
  return `${several} at ${first.level} ${unit} had ${low === high ? low : `${low} to ${high}`} of ${requests} requests good`;
}
