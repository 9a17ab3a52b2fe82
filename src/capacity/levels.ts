import { isDisturbed, isDoubtful, passes, type SearchWindow } from './search-window.ts';

/** With fewer requests than this a window is not judged alone. */
const FEWEST_ALONE = 20;

/** The windows at one load, with their joint verdict. */
export interface Level {
  level: number;
  /** Those that count, in their order. */
  windows: readonly SearchWindow[];
  /** Verdict of most windows, or of all requests together if windows have few; `split`: as many met the target as missed it. */
  verdict: 'passed' | 'failed' | 'split';
  /** The window that represents them: the latest one that agrees with the verdict; if split, the latest miss. */
  shown: SearchWindow;
}

/** Groups valid windows by their load, in the order in which the loads were first tested. */
export function levelsOf(windows: readonly SearchWindow[], target: number): Level[] {
  const groups = Map.groupBy(windows, ({ level }) => level);
  return [...groups].map(([level, all]) => {
    const judged = all.filter(({ n }) => n > 0);
    const used = judged.length > 0 ? judged : all;
    const met = used.filter((window) => window.n > 0 && passes(window, target));
    const missed = used.filter((window) => !met.includes(window));
    const verdict = used.some(({ n }) => n < FEWEST_ALONE)
      ? verdictTogether(used, target)
      : verdictByCount(met.length, missed.length);
    const agreeing = verdict === 'passed' ? met : missed;
    const shown = agreeing.findLast((window) => !isDisturbed(window)) ?? agreeing.at(-1)!;
    return { level, windows: used, verdict, shown };
  });
}

const verdictByCount = (met: number, missed: number): Level['verdict'] =>
  met > missed ? 'passed' : met < missed ? 'failed' : 'split';

/** Returns the verdict of all requests together. If it is `passed`, some window met the target; if `failed`, some window missed it. */
function verdictTogether(windows: readonly SearchWindow[], target: number): 'passed' | 'failed' {
  const good = windows.reduce((sum, each) => sum + each.good, 0);
  const n = windows.reduce((sum, each) => sum + each.n, 0);
  const met = windows.some((each) => each.n > 0 && passes(each, target));
  return met && good >= target * n ? 'passed' : 'failed';
}

/** Returns true if every window of this load is in doubt. */
export const isLevelDoubtful = ({ windows }: Level, target: number): boolean =>
  windows.every((window) => isDoubtful(window, target));
