import { EXIT } from '../../errors.ts';
import { RUNS, RUNS_WITH_PLOTS } from '../../render/exporters.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { FLAG_NAMES, parseConditions } from '../../score/conditions.ts';
import { score, type Score } from '../../score/score.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { conditionTexts } from './condition-flags.ts';
import { runFolders } from './run-folders.ts';

/**
 * `goodput report`: reports recorded runs, computed again from `run.json` and `samples.jsonl`.
 * @returns the exit code: 0, or with SLOs or gates in the flags that of the worst verdict
 * @throws {GoodputError} kind `usage` if a folder is not a run, or a condition or an output is wrong; `io` if an output cannot be written
 */
export async function reportCommand(paths: readonly string[], flags: Flags, io: Io): Promise<number> {
  const conditions = parseConditions(conditionTexts(flags), FLAG_NAMES);
  const outputs = await openOutputs(flags, flags.plots === true ? RUNS_WITH_PLOTS : RUNS, io);
  const scores: Score[] = [];
  try {
    const onSkipped = (path: string): unknown =>
      io.stderr.write(`warning: ${path} is not a run and was skipped\n`);
    for (const dir of await runFolders(paths, onSkipped))
      scores.push(
        await score(dir, {
          ...conditions,
          strict: flags.strict === true,
          again: true,
          truth: flags['audit-truth'] === true,
        }),
      );
    await outputs.write(scores, io);
  } finally {
    await outputs.close();
  }
  if (conditions.slo === undefined && conditions.gates === undefined) return EXIT.ok;
  const codes = scores.map(({ verdict }) => verdict.exitCode);
  return [EXIT.invalid, EXIT.missed].find((code) => codes.includes(code)) ?? EXIT.ok;
}
