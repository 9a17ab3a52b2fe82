import { availableParallelism } from 'node:os';
import { meanLength } from '../lengths.ts';
import { environment } from '../health/environment.ts';
import { highestRate, workerCount } from '../run/worker-count.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { ceilingWarnings } from './ceiling.ts';
import { calibrationFile, readCeiling } from './store.ts';

/**
 * Returns a warning for each limit of this machine that the scenario comes close to. The limits are those that `goodput calibrate`
 * measured; without them there are no warnings.
 */
export async function preflightWarnings(
  scenario: Scenario,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const ceiling = await readCeiling(calibrationFile(env), environment());
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
