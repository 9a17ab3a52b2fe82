import { readdir } from 'node:fs/promises';
import type { RoundsRecord } from '../record/rounds-json.ts';
import { completeAttempt, refuseFolder } from './attempts.ts';
import { type RoundRun, sourcesOfRun } from './round-runs.ts';

/** Rounds that an earlier call began. */
export interface EarlierRounds {
  /** The record with every complete run, including one that was not recorded because the call was killed after it. */
  record: RoundsRecord;
  /** The runs that are still to be measured. */
  left: readonly RoundRun[];
}

/**
 * Finds the complete runs in a folder of rounds. A run that was cut off is measured again.
 * @param runs all runs of the comparison, in order
 * @throws {GoodputError} kind `usage` if the folder holds another comparison
 */
export async function earlierRounds(
  dir: string,
  before: RoundsRecord,
  runs: readonly RoundRun[],
): Promise<EarlierRounds> {
  const endpoints = runs.filter(({ round }) => round === 1).map(({ endpoint }) => endpoint.name);
  if (endpoints.join('\n') !== before.endpoints.join('\n'))
    throw refuseFolder(`${dir} compares ${before.endpoints.join(', ')}, not ${endpoints.join(', ')}`);
  const names = await readdir(dir);
  const recorded = [...before.runs];
  const left: RoundRun[] = [];
  for (const run of runs) {
    const sources = sourcesOfRun(run, dir);
    const complete = await completeAttempt(dir, names, run.run, sources, 'another comparison');
    if (complete === null) left.push(run);
    else if (!recorded.some((each) => each.run === complete))
      recorded.push({ round: run.round, endpoint: run.endpoint.name, seed: run.seed, run: complete });
  }
  return { record: { ...before, runs: recorded }, left };
}
