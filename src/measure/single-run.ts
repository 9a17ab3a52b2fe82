import { preflightWarnings } from '../calibrate/preflight-warnings.ts';
import { rankedScenario } from '../ranks/ranked.ts';
import type { RunResult } from '../run/run.ts';
import type { SingleRun } from '../scenario/runs.ts';
import { carryOut, type RankedTask, type RunMode } from './carry-out.ts';
import { checkGateGroups } from './gate-groups.ts';
import type { RunHooks } from './hooks.ts';
import { readData } from './read-data.ts';

/**
 * Carries out a scenario of one run, after its warnings.
 * @throws {GoodputError} as `carryOut`; also kind `usage` if a data set cannot be read, or a gate names a group that the plan does not have
 */
export async function carryOutSingleRun(
  { resolved, sources, warnings }: SingleRun,
  mode: RunMode,
  hooks: RunHooks,
  ranked?: RankedTask,
): Promise<RunResult> {
  const { scenario } = resolved;
  const data = await readData(scenario, hooks.onStep);
  checkGateGroups(scenario, data);
  const ofRank = ranked === undefined ? scenario : rankedScenario(scenario, ranked.rank);
  const preflight = mode === 'real' ? await preflightWarnings(ofRank, sources.env) : [];
  for (const warning of [...warnings, ...preflight]) hooks.onWarning(warning);
  return carryOut({ mode, resolved, data, ...(ranked === undefined ? {} : { ranked }) }, hooks);
}
