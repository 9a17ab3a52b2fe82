import { EXIT } from '../errors.ts';
import { RUNS } from '../render/exporters.ts';
import type { Flags } from '../scenario/keys/options.ts';
import type { Io } from './io.ts';
import { openOutputs } from './outputs.ts';
import { runsAmong } from './recorded-runs.ts';
import { declared, gridOf, score, type Score } from './score.ts';

/**
 * `goodput report`: the report of recorded runs, also of those in folders of several, computed anew from `run.json` and `samples.jsonl`.
 * @returns 0 when every run could be read; with SLOs or gates of its own the gravest verdict's code
 * @throws {GoodputError} kind `usage` where a folder is no run, or a condition or an output is wrong; `io` where an output
 *   cannot be written
 */
export async function reportCommand(paths: readonly string[], flags: Flags, io: Io): Promise<number> {
  const grid = gridOf(flags);
  const anew = declared(flags, grid.grid);
  const judges = anew.slo !== undefined || anew.gates !== undefined;
  const outputs = await openOutputs(flags, RUNS);
  const scores: Score[] = [];
  try {
    const skipped = (path: string): unknown =>
      io.stderr.write(`warning: ${path} is not a run and was skipped\n`);
    for (const dir of await runsAmong(paths, skipped))
      scores.push(
        await score(dir, {
          ...anew,
          ...grid,
          strict: flags.strict === true,
          again: true,
          truth: flags['audit-truth'] === true,
        }),
      );
    await outputs.write(scores, io);
  } finally {
    await outputs.close();
  }
  if (!judges) return EXIT.ok;
  const codes = scores.map(({ verdict }) => verdict.exitCode);
  return [EXIT.invalid, EXIT.missed].find((code) => codes.includes(code)) ?? EXIT.ok;
}
