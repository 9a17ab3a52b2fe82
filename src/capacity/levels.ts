import { isDisturbed, isDoubtful, passes, type SearchWindow } from './search-window.ts';

/** With fewer requests than this a window says little by itself. */
const FEWEST_ALONE = 20;

/** The windows at one load, and what they say together. */
export interface Level {
  level: number;
  /** Those that count, in their order. */
  windows: readonly SearchWindow[];
  /** What most of them say, or all requests together where windows have few; `split`: as many met the target as missed it. */
  verdict: 'passed' | 'failed' | 'split';
  /** The window that stands for them: the latest one that agrees with the verdict, of a split the latest miss. */
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

/** Some window has met the target where all together have, and some has missed it where they have not. */
function verdictTogether(windows: readonly SearchWindow[], target: number): 'passed' | 'failed' {
  const good = windows.reduce((sum, each) => sum + each.good, 0);
  const n = windows.reduce((sum, each) => sum + each.n, 0);
  const met = windows.some((each) => each.n > 0 && passes(each, target));
  return met && good >= target * n ? 'passed' : 'failed';
}

/** Returns true if every window of this load is in doubt. */
export const isLevelDoubtful = ({ windows }: Level, target: number): boolean =>
  windows.every((window) => isDoubtful(window, target));
