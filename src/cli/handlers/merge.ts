import { mergeRanks } from '../../merge/merge.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import type { Io } from '../console/io.ts';
import { reportScores } from './report.ts';

/**
 * `goodput merge`: joins the runs of several ranks, and reports the result.
 * @returns the exit code, that of the verdict on the merged run
 * @throws {GoodputError} kind `usage` if they cannot be merged, or a condition or an output is wrong; `io` if the disk fails
 */
export async function mergeCommand(
  dir: string,
  { output, by }: Readonly<Record<string, unknown>>,
  flags: Flags,
  io: Io,
): Promise<number> {
  const out = typeof output === 'string' ? output : null;
  return reportScores({ by, group: null, exitsByVerdict: true }, flags, io, async (again) => {
    const merged = await mergeRanks(dir, { out, strict: flags.strict === true });
    return again === null ? [merged] : [await again(merged.dir)];
  });
}
