import { formatDuration } from '../units.ts';
import type { SearchTarget } from './search-target.ts';

/** Mean measuring time of a search that is not limited by its budget, at the width that was studied (bench/studies/CAPACITY.md: 1,419 s). */
const USUAL_S = 1420;
const STUDIED_WIDTH = 0.1;

/** Returns how long a search takes: `the search usually takes about 24m, and at most about 30m (--budget); …`. */
export function searchTimeText({ budget_s, width }: Pick<SearchTarget, 'budget_s' | 'width'>): string {
  const most = formatDuration(budget_s * 1000);
  const usual = formatDuration(Math.round(USUAL_S / 60) * 60_000);
  const takes =
    width === STUDIED_WIDTH && budget_s > USUAL_S
      ? `usually takes about ${usual}, and at most about ${most}`
      : `takes up to about ${most}`;
  return `the search ${takes} (--budget); an interrupt keeps what is measured`;
}
