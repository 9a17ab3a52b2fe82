import { GoodputError, EXIT } from '../../errors.ts';
import { importRun } from '../../library/import-run.ts';
import { RUNS } from '../../render/exporters.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { FLAG_NAMES } from '../../score/conditions.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { conditionTexts } from './condition-flags.ts';

/**
 * `goodput import`: writes a run folder from the files of another tool, and reports it.
 * @param words the tool, then its files
 * @returns the exit code: 0, or with SLOs or gates that of the verdict
 * @throws {GoodputError} kind `usage` if a file cannot be imported, a condition is wrong or the folder exists; `io` if the disk fails
 */
export async function importFiles(
  [tool = '', ...files]: readonly string[],
  flags: Flags,
  { out }: { out?: string },
  io: Io,
): Promise<number> {
  if (files.length === 0)
    throw new GoodputError('usage', 'name the tool and at least one file: goodput import vllm result.json');
  const { slo, sloPreset, gates } = conditionTexts(flags);
  const outputs = await openOutputs(flags, RUNS, io);
  try {
    const score = await importRun(
      { tool, files, out, slo, sloPreset, gates, strict: flags.strict === true },
      FLAG_NAMES,
    );
    const isJudged = flags.slo !== undefined || flags['slo-preset'] !== undefined || flags.gate !== undefined;
    await outputs.write([isJudged ? score : { ...score, exits: { of: 'none' } }], io);
    return isJudged ? score.verdict.exitCode : EXIT.ok;
  } finally {
    await outputs.close();
  }
}
