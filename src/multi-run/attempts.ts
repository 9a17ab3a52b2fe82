import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { HEADER_FILE } from '../record/folder.ts';
import type { RunHeader } from '../record/header.ts';
import { openRun } from '../record/reader.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';
import type { Resolved } from '../scenario/keys/scenario.ts';

/** Sections and keys of a scenario whose values a run must share with the run that it resumes. */
const DECISIVE = ['seed', 'endpoint', 'simulator', 'workload', 'load', 'slo'] as const;

/** Returns true if the folder has a header; a run that was killed before it began has none. */
export const hasBegun = async (dir: string): Promise<boolean> => (await readdir(dir)).includes(HEADER_FILE);

/** Returns the sections and keys of a recorded run that differ from the resolved scenario. */
export const differingParts = <P extends string>(
  { scenario }: RunHeader,
  { echo }: Resolved,
  parts: readonly P[],
): P[] =>
  parts.filter((part) => JSON.stringify(scenario[part] ?? null) !== JSON.stringify(echo[part] ?? null));

/** The error for an `out` folder that holds something else than what is to be resumed. */
export const refuseFolder = (message: string, hint = SAME_SCENARIO): GoodputError =>
  new GoodputError('usage', message, { hint });

const SAME_SCENARIO = 'name another folder with --out, or give the same scenario and flags';

/** Returns the folder's names of all attempts at one run: `point-001`, `point-001-again-2` … */
const attemptsAt = (names: readonly string[], run: string): string[] =>
  names.filter((name) => name === run || name.startsWith(`${run}-again-`));

/** Returns the folder's name for a new attempt at a run; an earlier attempt that was cut off stays where it is. */
export function newAttempt(names: readonly string[], run: string): string {
  let name = run;
  for (let attempt = 2; names.includes(name); attempt++) name = `${run}-again-${attempt}`;
  return name;
}

/**
 * Finds the complete attempt at a run of a folder.
 * @param kind what the folder would be the folder of, in the error: `another sweep`
 * @returns the name of its folder; `null` if the run is still to be measured
 * @throws {GoodputError} kind `usage` if an attempt is a run of another scenario
 */
export async function completeAttempt(
  dir: string,
  names: readonly string[],
  run: string,
  sources: ScenarioSources,
  kind: string,
): Promise<string | null> {
  const { resolved } = resolveScenario(sources);
  for (const name of attemptsAt(names, run)) {
    if (!(await hasBegun(join(dir, name)))) continue;
    const { header } = await openRun(join(dir, name));
    const differing = differingParts(header, resolved, DECISIVE);
    if (differing.length > 0)
      throw refuseFolder(`${join(dir, name)} belongs to ${kind}: ${differing.join(', ')} differ`);
    if (header.status === 'complete') return name;
  }
  return null;
}
