import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GoodputError } from '../../errors.ts';
import { codeOf } from '../../system-errors.ts';
import { CAPACITY_FILE, HEADER_FILE, SWEEP_FILE } from '../../record/folder.ts';
import { ROUNDS_FILE } from '../../record/rounds-json.ts';

/** Names of the files that a folder of several runs holds besides the runs. */
const OWN_FILE = /\.(json|csv)$/;

/** Files that mark a folder of several runs. */
const MARKERS: readonly string[] = [ROUNDS_FILE, SWEEP_FILE, CAPACITY_FILE];

/**
 * Finds the run folders among paths such as `reports/*`. For a folder of rounds, of a sweep or of a capacity search it returns the runs in it.
 * @param onSkipped called with each path that is not a run; a single path is returned unchanged, and opening it reports the error
 * @throws {GoodputError} kind `usage` if several paths hold no run at all
 */
export async function runFolders(
  paths: readonly string[],
  onSkipped: (path: string) => void,
): Promise<string[]> {
  const runs: string[] = [];
  for (const path of paths) {
    const found = await runsAt(path, onSkipped);
    runs.push(...found);
    if (found.length > 0) continue;
    if (paths.length === 1) return [path];
    onSkipped(path);
  }
  if (runs.length === 0)
    throw new GoodputError('usage', `none of the ${paths.length} paths is a run`, {
      hint: 'name run folders, such as reports/<name>-<time>',
    });
  return runs;
}

async function runsAt(path: string, onSkipped: (path: string) => void): Promise<string[]> {
  const names = await namesIn(path);
  // Opening a path that does not exist reports the error.
  if (names === null || basename(path) === HEADER_FILE || names.includes(HEADER_FILE)) return [path];
  if (!names.some((name) => MARKERS.includes(name))) return [];
  const runs: string[] = [];
  for (const name of names) {
    const below = join(path, name);
    const inside = (await namesIn(below)) ?? [];
    if (inside.includes(HEADER_FILE)) runs.push(below);
    // An empty folder is a run that was killed before it began.
    else if (inside.length > 0 || !OWN_FILE.test(name)) onSkipped(below);
  }
  return runs;
}

/** Returns the sorted names in a folder; none if the path is not a folder, `null` if it does not exist. */
async function namesIn(path: string): Promise<string[] | null> {
  try {
    return (await readdir(path)).toSorted();
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? null : [];
  }
}
