import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, reasonOf } from '../../system-errors.ts';
import { HEADER_FILE } from '../../record/folder.ts';

/** Describes the only path that `compare` was given, which is not a folder of rounds. */
export async function describeSingleFolder(path: string): Promise<string> {
  let names: string[];
  try {
    if (!(await stat(path)).isDirectory()) return `${path} is a file`;
    names = (await readdir(path)).toSorted();
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? `there is no ${path}` : `cannot read ${path}: ${reasonOf(error)}`;
  }
  if (names.length === 0) return `${path} is an empty folder`;
  if (names.includes(HEADER_FILE)) return `${path} is one run, and a second run is missing`;
  const runs: string[] = [];
  for (const name of names) {
    const isRun = await stat(join(path, name, HEADER_FILE)).then(
      () => true,
      () => false,
    );
    if (isRun) runs.push(join(path, name));
  }
  const [first, second] = runs;
  if (first === undefined) return `${path} holds no runs`;
  return second === undefined
    ? `${path} holds one run, ${first}, and a second run is missing`
    : `${path} holds ${runs.length} runs, but no rounds.json that tells which belong together: name two of them, such as ${first} ${second}`;
}
