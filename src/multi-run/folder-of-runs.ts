import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { codeOf, reasonOf } from '../system-errors.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { refuseFolder } from './attempts.ts';

/**
 * Returns the folder that `out` names; without it `reports/<name>-<suffix>-<YYYYMMDDTHHMMSSZ>`, and with `-2`, `-3` … after it if that exists,
 * as the folder of a run.
 */
export function folderOfRuns({ run: { out }, name }: Scenario, suffix: string): string {
  if (out !== null) return out;
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const stem = join('reports', `${name}-${suffix}-${time}`);
  let dir = stem;
  for (let number = 2; existsSync(dir); number++) dir = `${stem}-${number}`;
  return dir;
}

/**
 * Returns the names in a folder of runs; none if it does not exist.
 * @param isOwn tells whether a name marks a folder of this kind
 * @param kind in the error: `a sweep`
 * @throws {GoodputError} kind `usage` if it cannot be read, or holds something else
 */
export async function namesInFolder(
  dir: string,
  isOwn: (name: string) => boolean,
  kind: string,
): Promise<string[]> {
  let names: string[];
  try {
    if (!(await stat(dir)).isDirectory()) throw new GoodputError('usage', `${dir} is a file, not a folder`);
    names = await readdir(dir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    if (error instanceof GoodputError) throw error;
    throw new GoodputError('usage', `cannot read ${dir}: ${reasonOf(error)}`, { cause: error });
  }
  if (names.length > 0 && !names.some(isOwn))
    throw refuseFolder(`${dir} exists, and is not ${kind}`, 'name another folder with --out');
  return names;
}
