import { summarizeBatch } from '../../batch/figures/batch-summary.ts';
import { EXIT, GoodputError } from '../../errors.ts';
import { readBatch } from '../../record/batch-json.ts';
import { BATCHES, RUNS, RUNS_WITH_PLOTS, withGroupRows } from '../../render/exporters.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { FLAG_NAMES, parseConditions } from '../../score/conditions.ts';
import { statedAgain } from '../../scenario/stated-again.ts';
import { score, type Score } from '../../score/score.ts';
import type { ScoredRun } from '../../render/run/scored-run.ts';
import { recordedExitCode } from '../../score/recorded-exit.ts';
import type { Exits } from '../../verdict/exits.ts';
import type { Io } from '../console/io.ts';
import { openOutputs } from '../console/outputs.ts';
import { conditionTexts } from './condition-flags.ts';
import { groupPage } from './recorded-group.ts';
import { runFolders } from './run-folders.ts';

/** Returns the exporters of runs with another page: that of a sweep, a search or rounds, if the path is a folder of one. */
const withGroupPage = (results: typeof RUNS, path: string): typeof RUNS => ({
  ...results,
  exporters: results.exporters.map((each) =>
    each.format === 'html'
      ? { ...each, render: async (runs, style) => (await groupPage(path)) ?? each.render(runs, style) }
      : each,
  ),
});

/**
 * `goodput report`: reports recorded runs, computed again from `run.json` and `samples.jsonl`.
 * @returns the exit code: 0, or with SLOs or gates in the flags that of the worst verdict
 * @throws {GoodputError} kind `usage` if a folder is not a run, or a condition or an output is wrong; `io` if an output cannot be written
 */
export async function reportCommand(
  paths: readonly string[],
  { by }: { by: unknown },
  flags: Flags,
  io: Io,
): Promise<number> {
  const group = paths.length === 1 ? paths[0]! : null;
  if (group !== null && (await isBatch(group))) return reportBatch(group, flags, io);
  return reportScores({ by, group }, flags, io, async (_, scored) => {
    const scores: Score[] = [];
    const onSkipped = (path: string): unknown =>
      io.stderr.write(`warning: ${path} is not a run and was skipped\n`);
    for (const dir of await runFolders(paths, onSkipped)) scores.push(await scored(dir));
    return scores;
  });
}

type ScoreOf = (dir: string) => Promise<Score>;

interface Reporting {
  by: unknown;
  /** The path of the runs if it may be a folder of several runs with a page of its own; else `null`. */
  group: string | null;
  /** True for a command that produces the run, and exits by its verdict without conditions in the flags too. */
  exitsByVerdict?: boolean;
  /** The command that writes a failed output again. */
  again?: string;
}

/**
 * Reports runs by the conditions and to the outputs of the flags.
 * @param read returns the runs. `again` scores a run by the flags; `null` if these have no conditions, and a run scored by its own will do
 * @returns the exit code: that of the worst verdict if SLOs or gates in the flags judge the runs, or with `exitsByVerdict`; else 0
 * @throws {GoodputError} as `reportCommand`
 */
export async function reportScores(
  { by, group, exitsByVerdict = false, again }: Reporting,
  flags: Flags,
  io: Io,
  read: (again: ScoreOf | null, scored: ScoreOf) => Promise<readonly Score[]>,
): Promise<number> {
  if (by !== undefined && flags['slo-grid'] !== undefined)
    throw new GoodputError(
      'usage',
      '--by: cannot be combined with --slo-grid: report them one after the other',
    );
  const stated = statedAgain({ flags });
  const conditions = parseConditions(conditionTexts(flags), FLAG_NAMES);
  const isJudgedAgain = conditions.slo !== undefined || conditions.gates !== undefined;
  const plotted = flags.plots === true ? RUNS_WITH_PLOTS : RUNS;
  const results = by === undefined ? plotted : withGroupRows(plotted);
  const outputs = await openOutputs(
    flags,
    group === null || isJudgedAgain ? results : withGroupPage(results, group),
    io,
  );
  const scored: ScoreOf = (dir) =>
    score(dir, {
      ...conditions,
      strict: flags.strict === true,
      again: true,
      truth: flags['audit-truth'] === true,
      stated,
      by: typeof by === 'string' ? by : undefined,
    });
  let code: number = EXIT.ok;
  try {
    const isOwn =
      !isJudgedAgain && conditions.grid === undefined && by === undefined && Object.keys(stated).length === 0;
    const scores = await read(isOwn ? null : scored, scored);
    const shown: ScoredRun[] = [];
    if (exitsByVerdict || isJudgedAgain) code = worstOf(scores);
    for (const each of scores)
      shown.push({
        ...each,
        exits: exitsByVerdict || isJudgedAgain ? { of: 'command', code } : await exitedAs(each),
      });
    await outputs.write(shown, io, again);
  } finally {
    await outputs.close();
  }
  return code;
}

/** Returns the exit code of a command that exits by the verdicts on several runs. */
function worstOf(scores: readonly Score[]): number {
  const codes = scores.map(({ verdict }) => verdict.exitCode);
  return [EXIT.invalid, EXIT.missed].find((each) => codes.includes(each)) ?? EXIT.ok;
}

/** Returns how a recorded run exited that is only shown again. */
async function exitedAs({ dir, header }: Score): Promise<Exits> {
  const code = header.imported === undefined ? await recordedExitCode(dir) : null;
  return code === null ? { of: 'none' } : { of: 'run', code };
}

/** Returns true if a path is the folder of a batch run. */
const isBatch = (path: string): Promise<boolean> =>
  readBatch(path).then(
    (record) => record !== null,
    () => false,
  );

async function reportBatch(dir: string, flags: Flags, io: Io): Promise<number> {
  const unused = (['slo', 'slo-preset', 'slo-grid', 'gate', 'audit-truth', 'plots'] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (unused !== undefined)
    throw new GoodputError('usage', `--${unused}: ${dir} is a batch, which has no latencies to judge`);
  const outputs = await openOutputs(flags, BATCHES, io);
  try {
    await outputs.write(await summarizeBatch(dir, statedAgain({ flags })), io);
  } finally {
    await outputs.close();
  }
  return EXIT.ok;
}
