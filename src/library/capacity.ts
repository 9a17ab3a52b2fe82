import { type FoundCapacity, searchCapacity } from '../multi-run/capacity.ts';
import { parseSearchTarget, type SearchTargetTexts } from '../multi-run/search-target.ts';
import { resolveSingleRun } from '../scenario/runs.ts';
import { type SeveralRunsOptions, sourcesFrom, withHooks } from './library-options.ts';

/** Options of `capacity`: the keys of a scenario, what to search for, and how. */
export interface CapacityOptions extends SeveralRunsOptions, SearchTargetTexts {}

/**
 * Searches for the highest load at which the target share of requests meets every SLO, like `goodput capacity`. The scenario needs `slo`;
 * its load is not used. With the folder of an earlier call as `out`, the search continues from its windows.
 * @returns the document, with the capacity in requests per second and its 90% interval, and the folder of the search
 * @throws {GoodputError} kind `usage` before anything is sent; the failure of a run that could not do its work
 */
export async function capacity(options: CapacityOptions): Promise<FoundCapacity> {
  const { target, budget, width, by, gpus, ...others } = options;
  const wanted = parseSearchTarget({ target, budget, width, by, gpus }, (option) => `options.${option}`);
  const mode = options.virtual === true ? 'virtual' : 'real';
  const run = resolveSingleRun(await sourcesFrom(others, mode));
  return withHooks(options, (hooks) => searchCapacity(run, wanted, mode, hooks));
}
