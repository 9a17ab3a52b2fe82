import { availableParallelism } from 'node:os';
import { meanLength } from '../lengths.ts';
import { GoodputError } from '../errors.ts';
import { environment } from '../health/environment.ts';
import { highestRate, workerCount } from '../run/worker-count.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { type Ceiling, ceilingWarnings } from './ceiling.ts';
import { calibrationFile, readCeiling } from './store.ts';

/**
 * Returns a warning for each limit of this machine that the scenario comes close to. The limits are those that `goodput calibrate`
 * measured; without them there are no warnings. A damaged file is a warning: the run needs none of it.
 */
export async function preflightWarnings(
  scenario: Scenario,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  let ceiling: Ceiling | null;
  try {
    ceiling = await readCeiling(calibrationFile(env), environment());
  } catch (error) {
    if (!(error instanceof GoodputError)) throw error;
    return [`The limits of this machine are not compared with the scenario. ${error.message}. ${error.hint}`];
  }
  if (ceiling === null) return [];
  const { load, workload } = scenario;
  const rate = highestRate(load);
  const tokens = workload.data === null ? meanLength(workload.output) : null;
  return ceilingWarnings(
    {
      requests_per_s: rate,
      events_per_s: rate === null || tokens === null ? null : rate * tokens,
      streams: load.concurrency,
      workers: workerCount(scenario, availableParallelism()),
    },
    ceiling,
  );
}
