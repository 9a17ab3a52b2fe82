import { compareWithBatch, isBatchRun } from '../../batch/figures/batch-comparison.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import type { ComparedRuns } from '../../compare/ranking.ts';
import {
  compareRecordedRounds,
  compareSides,
  type ComparingOptions,
} from '../../multi-run/compare-recorded.ts';
import { BATCH_COMPARISONS, COMPARISONS } from '../../render/exporters.ts';
import { parseComparing } from '../../scenario/comparing.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { FLAG_NAMES, parseConditions } from '../../score/conditions.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { conditionTexts } from './condition-flags.ts';
import { describeSingleFolder } from './single-folder.ts';

/** Options that only `compare` has. */
export interface CompareFlags {
  base?: string[];
  new?: string[];
}

/**
 * `goodput compare`: compares two runs, several on each side, or the endpoints of a folder of rounds.
 * @returns the exit code: 0, 99 as `--fail-on` sets it, or 98 if a run is invalid
 * @throws {GoodputError} kind `usage` if runs cannot be read or compared, or an option is wrong
 */
export async function compareCommand(
  folders: readonly string[],
  own: CompareFlags,
  flags: Flags,
  io: Io,
): Promise<number> {
  const withBatch = await batchPair(folders);
  if (withBatch !== null) return compareBatch(withBatch, flags, io);
  const comparing = parseComparing(
    { tolerance: flags.tolerance, failOn: flags['fail-on'], decide: flags.decide },
    { tolerance: '--tolerance', failOn: '--fail-on', decide: '--decide' },
  );
  const { slo, sloPreset } = conditionTexts(flags);
  const slos = parseConditions({ slo, sloPreset }, FLAG_NAMES).slo ?? null;
  const outputs = await openOutputs(flags, COMPARISONS, io);
  try {
    const found = await compared(folders, own, { comparing, slos, strict: flags.strict === true });
    await outputs.write(found, io);
    return found.compared.verdict.exitCode;
  } finally {
    await outputs.close();
  }
}

/** Returns two folders of which at least one is a batch; `null` for others. */
async function batchPair(folders: readonly string[]): Promise<[string, string] | null> {
  const [base, next] = folders;
  if (folders.length !== 2) return null;
  const are = await Promise.all(folders.map((dir) => isBatchRun(dir).catch(() => false)));
  return are.includes(true) ? [base!, next!] : null;
}

async function compareBatch(dirs: readonly [string, string], flags: Flags, io: Io): Promise<number> {
  const unused = (['tolerance', 'fail-on', 'decide', 'slo', 'slo-preset'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (unused !== undefined)
    throw new GoodputError('usage', `--${unused}: a comparison with a batch has no verdict`, {
      hint: `Omit --${unused}: throughput, makespan and cost are shown side by side.`,
    });
  const outputs = await openOutputs(flags, BATCH_COMPARISONS, io);
  try {
    await outputs.write(await compareWithBatch(dirs), io);
  } finally {
    await outputs.close();
  }
  return EXIT.ok;
}

async function compared(
  folders: readonly string[],
  own: CompareFlags,
  options: ComparingOptions,
): Promise<ComparedRuns> {
  if (folders.length === 1 && own.base === undefined && own.new === undefined) {
    const ofRounds = await compareRecordedRounds(folders[0]!, options);
    if (ofRounds !== null) return ofRounds;
  }
  return compareSides(await sidesOf(folders, own), options);
}

async function sidesOf(
  folders: readonly string[],
  { base = [], new: next = [] }: CompareFlags,
): Promise<{ base: readonly string[]; new: readonly string[] }> {
  const isNamed = base.length > 0 || next.length > 0;
  if (isNamed && folders.length > 0)
    throw new GoodputError('usage', `${folders[0]}: cannot be combined with --base and --new`, {
      hint: 'give two runs, <base> <new>, or all runs after --base and --new',
    });
  if (isNamed && base.length > 0 && next.length > 0) return { base, new: next };
  if (!isNamed && folders.length === 2) return { base: [folders[0]!], new: [folders[1]!] };
  const problem = isNamed
    ? `--${base.length === 0 ? 'base' : 'new'} has no run`
    : folders.length === 1
      ? await describeSingleFolder(folders[0]!)
      : `got ${folders.length} folders`;
  throw new GoodputError('usage', `compare needs two runs or a folder of rounds: ${problem}`, {
    hint: 'goodput compare <base> <new>, or several on each side: goodput compare --base RUN RUN --new RUN RUN',
  });
}
