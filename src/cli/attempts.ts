import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { HEADER_FILE } from '../record/folder.ts';
import { openRun } from '../record/reader.ts';
import { resolveScenario, type ScenarioSources } from '../scenario/resolve.ts';

/** Parts of a scenario that make a run what it is. */
const DECISIVE = ['seed', 'endpoint', 'simulator', 'workload', 'load', 'slo'] as const;

/** One that was killed before it began has left nothing to be read. */
export const hasBegun = async (dir: string): Promise<boolean> => (await readdir(dir)).includes(HEADER_FILE);

/** The attempts at one run of several, of those in a folder: `point-001`, `point-001-again-2` … */
const attemptsAt = (names: readonly string[], run: string): string[] =>
  names.filter((name) => name === run || name.startsWith(`${run}-again-`));

/** A run that was cut short stays where it is: another attempt gets a folder beside it. */
export function freshAttempt(names: readonly string[], run: string): string {
  let name = run;
  for (let attempt = 2; names.includes(name); attempt++) name = `${run}-again-${attempt}`;
  return name;
}

/**
 * The attempt that came to its end, of those at one run of a folder; `null`: it is still to be measured.
 * @param what the folder is, in the error: `another sweep`
 * @throws {GoodputError} kind `usage` where an attempt was at a run of another scenario
 */
export async function wholeAttempt(
  dir: string,
  names: readonly string[],
  run: string,
  sources: ScenarioSources,
  what: string,
): Promise<string | null> {
  const { echo } = resolveScenario(sources).resolved;
  for (const name of attemptsAt(names, run)) {
    if (!(await hasBegun(join(dir, name)))) continue;
    const { header } = await openRun(join(dir, name));
    const differ = DECISIVE.filter(
      (part) => JSON.stringify(header.scenario[part] ?? null) !== JSON.stringify(echo[part] ?? null),
    );
    if (differ.length > 0)
      throw new GoodputError('usage', `${join(dir, name)} is of ${what}: ${differ.join(', ')} differ`, {
        hint: 'name another folder with --out, or give the same scenario and flags',
      });
    if (header.status === 'complete') return name;
  }
  return null;
}
