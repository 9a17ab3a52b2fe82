import { GoodputError } from '../../errors.ts';
import type { ScoredRun } from '../run/scored-run.ts';
import { seriesOf } from '../../series/series.ts';
import { renderRunPage } from './run-page.ts';

/**
 * Returns the page of a recorded run.
 * @throws {GoodputError} kind `usage` for several runs
 */
export async function renderScoredPage(runs: readonly ScoredRun[]): Promise<string> {
  const [run] = runs;
  if (run === undefined || runs.length > 1)
    throw new GoodputError(
      'usage',
      `a page shows one run, not ${runs.length}: name one run, or the folder of one sweep, capacity search or comparison, without --slo and --gate`,
      {
        hint: 'goodput report RUN -o RUN.html for each run; goodput compare RUN RUN -o PAGE.html for two; docs/reports.md',
      },
    );
  return renderRunPage({ ...run, series: await seriesOf(run) });
}
