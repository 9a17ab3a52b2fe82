import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoodputError } from '../errors.ts';
import { finish } from '../measure/finish.ts';
import type { RunHooks } from '../measure/hooks.ts';
import type { RoundsFolder, RoundsRecord } from '../record/rounds-json.ts';
import type { RunResult } from '../run/run.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';
import { resolveScenario } from '../scenario/resolve.ts';
import { newAttempt } from './attempts.ts';
import { type RoundRun, sourcesOfRun } from './round-runs.ts';

/** Carries out one run. */
export type CarryOut = (resolved: Resolved, hooks: RunHooks) => Promise<RunResult>;

/** Rounds that are being measured. */
export interface RoundsInProgress {
  folder: RoundsFolder;
  /** The record, which grows as runs end. */
  record: RoundsRecord;
  /** The runs that are to be measured, in order. */
  runs: readonly RoundRun[];
}

/**
 * Carries out the runs one after the other until one fails or the user stops them.
 * @throws {GoodputError} the failure; the runs measured before it stay in the folder
 */
export async function carryOutRounds(
  { folder, record, runs }: RoundsInProgress,
  carryOut: CarryOut,
  hooks: RunHooks,
): Promise<void> {
  const { stop } = hooks;
  let error: GoodputError | null = null;
  let isCutShort = false;
  await folder.write(record);
  for (const run of runs) {
    if (stop.isRequested || isCutShort || error !== null) break;
    ({ error, isCutShort } = await carryOutRun(run, { folder, record }, carryOut, hooks));
  }
  record.status = error !== null ? 'failed' : stop.isRequested || isCutShort ? 'interrupted' : 'complete';
  await unlessFailed(error, () => folder.write(record));
  if (error !== null) throw error;
}

async function carryOutRun(
  planned: RoundRun,
  { folder, record }: Pick<RoundsInProgress, 'folder' | 'record'>,
  carryOut: CarryOut,
  hooks: RunHooks,
): Promise<{ error: GoodputError | null; isCutShort: boolean }> {
  const { round, endpoint, seed } = planned;
  const run = newAttempt(await readdir(folder.dir), planned.run);
  const { resolved } = resolveScenario(sourcesOfRun(planned, join(folder.dir, run)));
  const label = labelOf(endpoint.name, resolved.scenario.endpoint.url);
  hooks.onStep(`round ${round} of ${record.rounds}: ${label}, seed ${seed}`);
  const result = await carryOut(resolved, {
    ...hooks,
    onWarning: (text) => hooks.onWarning(`${label}: ${text}`),
  });
  let { error } = result;
  await unlessFailed(error, async () => {
    ({ error } = await finish(result, { strict: false }));
    record.runs.push({ round, endpoint: endpoint.name, seed, run });
    await folder.write(record);
  });
  return { error, isCutShort: result.status === 'interrupted' };
}

/** Returns the name of an endpoint for progress and warnings; the two of `--against` also have their host. */
const labelOf = (name: string, url: string | null): string =>
  (name === 'base' || name === 'new') && url !== null ? `${name} (${new URL(url).host})` : name;

/** Writes; after a failure, an error of the disk is ignored so that the failure is the one reported. */
async function unlessFailed(error: GoodputError | null, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (problem) {
    if (error === null) throw problem;
  }
}
