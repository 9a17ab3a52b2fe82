import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GoodputError } from '../errors.ts';
import { differingParts, planParts } from '../ranks/plan-parts.ts';
import { rankFolder, rankText } from '../ranks/rank.ts';
import { HEADER_FILE } from '../record/folder.ts';
import type { Rank, RunHeader } from '../record/header.ts';
import { readHeader } from '../record/reader.ts';
import { codeOf, reasonOf } from '../system-errors.ts';

/** The run folder of a rank. */
export interface RankFolder {
  dir: string;
  header: RunHeader & { rank: Rank };
}

/**
 * Finds the run folders of the ranks of one run, in the order of the ranks.
 * @throws {GoodputError} kind `usage` if there is none, if one rank has two, or if they are not of the same plan
 */
export async function rankFolders(dir: string): Promise<[RankFolder, ...RankFolder[]]> {
  const found: RankFolder[] = [];
  for (const name of await namesIn(dir)) {
    const below = join(dir, name);
    if (!(await namesIn(below, [])).includes(HEADER_FILE)) continue;
    const header = await readHeader(below);
    if (header.rank !== undefined) found.push({ dir: below, header: { ...header, rank: header.rank } });
    else if (/^rank-\d+$/.test(name))
      throw new GoodputError('usage', `${below}: its run.json has no rank, so it is not the run of a rank`, {
        hint: 'Remove it from this folder, which goodput run --rank r/n --out DIR writes.',
      });
  }
  found.sort((a, b) => a.header.rank.index - b.header.rank.index);
  const [first, ...others] = found;
  if (first === undefined)
    throw new GoodputError('usage', `${dir} has no run folder of a rank, such as ${rankFolder(0)}`, {
      hint: 'Name the folder that was given to all ranks as --out.',
    });
  for (const [at, other] of others.entries()) assertSameRun(first, other, found[at]!);
  return [first, ...others];
}

/** @param before the rank before `other` */
function assertSameRun(first: RankFolder, other: RankFolder, before: RankFolder): void {
  const [a, b] = [first.header.rank, other.header.rank];
  if (a.of !== b.of)
    throw new GoodputError('usage', `${first.dir} is ${rankText(a)}, but ${other.dir} is ${rankText(b)}`, {
      hint: 'Merge the ranks of one run.',
    });
  if (before.header.rank.index === b.index)
    throw new GoodputError('usage', `${before.dir} and ${other.dir} are both ${rankText(b)}`, {
      hint: 'Remove the one that does not belong to this run.',
    });
  const differing = differingParts(planParts(first.header), planParts(other.header));
  if (differing.length === 0) return;
  throw new GoodputError(
    'usage',
    `${other.dir}/${HEADER_FILE}: ${rankText(b)} has another plan than ${rankText(a)}: ${differing.join(', ')} ${differing.length === 1 ? 'differs' : 'differ'}`,
    { hint: 'Merge the ranks of one run: the same scenario, seed and data.' },
  );
}

/** @param otherwise the names for a path that is not a folder */
async function namesIn(dir: string, otherwise?: string[]): Promise<string[]> {
  try {
    return (await readdir(dir)).toSorted();
  } catch (error) {
    if (otherwise !== undefined && ['ENOTDIR', 'ENOENT'].includes(codeOf(error) ?? '')) return otherwise;
    throw new GoodputError('usage', `cannot read ${dir}: ${reasonOf(error)}`, { cause: error });
  }
}
