import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { codeOf } from '../system-errors.ts';
import { CAPACITY_FILE, HEADER_FILE, SWEEP_FILE } from '../record/folder.ts';
import { ROUNDS_FILE } from '../record/rounds-json.ts';

/** The files that a folder of several runs has beside them. */
const OWN_FILE = /\.(json|csv)$/;

/** A folder that holds one of these holds the runs that belong to it. */
const OF_SEVERAL: readonly string[] = [ROUNDS_FILE, SWEEP_FILE, CAPACITY_FILE];

/**
 * Finds the run folders among paths, as `reports/*` gives them: of a folder of rounds, of a sweep or of a search, its runs.
 * @param skipped told of every path that is no run; a path that was given alone is returned as it is, for its own error
 * @throws {GoodputError} kind `usage` where several paths hold no run at all
 */
export async function runsAmong(
  paths: readonly string[],
  skipped: (path: string) => void,
): Promise<string[]> {
  const runs: string[] = [];
  for (const path of paths) {
    const found = await runsAt(path, skipped);
    runs.push(...found);
    if (found.length > 0) continue;
    if (paths.length === 1) return [path];
    skipped(path);
  }
  if (runs.length === 0)
    throw new GoodputError('usage', `there is no run among the ${paths.length} paths`, {
      hint: 'name folders that goodput run wrote, such as reports/<name>-<time>',
    });
  return runs;
}

async function runsAt(path: string, skipped: (path: string) => void): Promise<string[]> {
  const names = await namesIn(path);
  // What does not exist is a mistake: opening it says so.
  if (names === null || basename(path) === HEADER_FILE || names.includes(HEADER_FILE)) return [path];
  if (!names.some((name) => OF_SEVERAL.includes(name))) return [];
  const runs: string[] = [];
  for (const name of names) {
    const below = join(path, name);
    const inside = (await namesIn(below)) ?? [];
    if (inside.includes(HEADER_FILE)) runs.push(below);
    // A run that was killed before it began.
    else if (inside.length > 0 || !OWN_FILE.test(name)) skipped(below);
  }
  return runs;
}

/** In order; none of what is no folder, `null` of what does not exist. */
async function namesIn(path: string): Promise<string[] | null> {
  try {
    return (await readdir(path)).toSorted();
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : [];
  }
}
