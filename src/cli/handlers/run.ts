import { GoodputError } from '../../errors.ts';
import type { RunMode } from '../../measure/carry-out.ts';
import type { RunHooks } from '../../measure/hooks.ts';
import { finish, type FinishedRun } from '../../measure/finish.ts';
import type { RankOptions } from '../../measure/ranked-run.ts';
import { carryOutSingleRun } from '../../measure/single-run.ts';
import { renderError } from '../../render/error-text.ts';
import { RUNS, RUNS_WITH_PLOTS } from '../../render/exporters.ts';
import { quote } from '../../render/layout/quote.ts';
import { styleOf } from '../../render/layout/style.ts';
import type { ScoredRun } from '../../render/run/scored-run.ts';
import type { Flags } from '../../scenario/keys/option-table.ts';
import { resolveRuns, type SingleRun } from '../../scenario/runs.ts';
import { FLAG_NAMES, parseConditions, separateGridSlos } from '../../score/conditions.ts';
import { score, type Score, type ScoreOptions } from '../../score/score.ts';
import type { Exits } from '../../verdict/exits.ts';
import { fitted } from '../console/fitted.ts';
import type { Io } from '../console/io.ts';
import { openOutputs, type Outputs } from '../console/outputs.ts';
import { stopOfRuns, withRunHooks } from '../console/run-hooks.ts';
import { conditionTexts } from './condition-flags.ts';
import { rankOptions } from './rank.ts';
import { scenarioSources } from './scenario-sources.ts';
import { assertEndpointNamed } from './named-endpoint.ts';

/**
 * `goodput run` and `goodput simulate`: carries out a scenario, as one run, as rounds of several endpoints or as a sweep, and reports it.
 * @returns the exit code
 * @throws {GoodputError} kind `usage` before anything is sent; other kinds if goodput could not do its work
 */
export async function runCommand(path: string | null, flags: Flags, mode: RunMode, io: Io): Promise<number> {
  const separate = separateGridSlos(conditionTexts(flags));
  const sources = await scenarioSources(
    path,
    separate === null ? flags : withSlo(flags, separate.slo),
    io,
    mode,
  );
  const runs = resolveRuns(sources);
  const ranks = mode === 'real' ? rankOptions(runs, flags, io) : null;
  // What one run does not need is loaded only when it is used.
  if (runs.kind === 'rounds') return (await import('./rounds.ts')).runRounds(runs, flags, mode, io);
  if (runs.kind === 'sweep') return (await import('./sweep.ts')).runSweep(runs, flags, mode, io);
  return runOnce(runs, flags, { mode, gridSlos: separate?.gridSlos, ranks }, io);
}

function withSlo(flags: Flags, slo: readonly string[]): Flags {
  const { slo: _, ...others } = flags;
  return slo.length === 0 ? others : { ...others, slo };
}

interface RunSettings {
  mode: RunMode;
  gridSlos: ScoreOptions['gridSlos'] | undefined;
  ranks: RankOptions | null;
}

async function runOnce(
  run: SingleRun,
  flags: Flags,
  { mode, gridSlos, ranks }: RunSettings,
  io: Io,
): Promise<number> {
  const { scenario } = run.resolved;
  if (mode === 'real') {
    assertEndpointNamed(run.resolved, flags, io.env);
    if (flags['audit-truth'] === true && !scenario.endpoint.simulated) throw noTruthLog();
  }
  const options: ScoreOptions = {
    ...parseConditions({ sloGrid: conditionTexts(flags).sloGrid }, FLAG_NAMES),
    strict: scenario.run.strict,
    truth: flags['audit-truth'] === true,
    ...(gridSlos === undefined ? {} : { gridSlos }),
  };
  const outputs = await openOutputs(flags, flags.plots === true ? RUNS_WITH_PLOTS : RUNS, io);
  try {
    const { result, isShared } = await withRunHooks(flags, io, stopOfRuns(scenario), async (hooks) => {
      if (ranks === null) return { result: await carryOutSingleRun(run, mode, hooks), isShared: false };
      const { carryOutRank } = await import('../../measure/ranked-run.ts');
      const ended = await carryOutRank(run, ranks, hooks);
      return { result: ended, isShared: await canMerge(run, ranks, ended, hooks) };
    });
    const finished = await finish(result, options);
    return await report(isShared ? await mergedRun(run, finished, options) : finished, outputs, io);
  } finally {
    await outputs.close();
  }
}

/** Returns true at rank 0 if the folder has the runs of the other ranks, after they have ended. */
const canMerge = async (
  { resolved: { scenario } }: SingleRun,
  { rank, meet }: RankOptions,
  { status }: Pick<FinishedRun, 'status'>,
  { stop, onStep }: RunHooks,
): Promise<boolean> => {
  if (rank.index !== 0 || rank.of === 1 || meet === null || status !== 'complete') return false;
  const { otherRanksEnded } = await import('../../merge/await-ranks.ts');
  return otherRanksEnded(scenario.run.out!, rank.of, scenario.load.drain, () => stop.isRequested, onStep);
};

/** Returns the merged run of all ranks; the run of this rank with the error if they cannot be merged. */
async function mergedRun(
  { resolved: { scenario } }: SingleRun,
  finished: FinishedRun,
  options: ScoreOptions,
): Promise<FinishedRun> {
  try {
    const { mergeRanks } = await import('../../merge/merge.ts');
    const merged = await mergeRanks(scenario.run.out!, { out: null, strict: options.strict });
    const again = { ...options, again: true, truth: false };
    const shown = options.grid === undefined ? merged : await score(merged.dir, again);
    return { ...finished, dir: merged.dir, score: shown };
  } catch (problem) {
    if (!(problem instanceof GoodputError)) throw problem;
    return { ...finished, error: problem };
  }
}

const noTruthLog = (): GoodputError =>
  new GoodputError('usage', '--audit-truth: only the simulated endpoint writes a truth log', {
    hint: 'omit --url; or copy the log of goodput serve --log into the run folder as truth.jsonl and use goodput report',
  });

/**
 * Writes and prints the report, then the failure of the run if there is one.
 * @returns the exit code
 * @throws {GoodputError} kind `io` if an output of a run that did not fail cannot be written; the run itself stays as it is
 */
async function report(
  { dir, error, score: scored }: FinishedRun,
  outputs: Outputs<readonly ScoredRun[]>,
  io: Io,
): Promise<number> {
  if (error === null) {
    await outputs.write([scored], io, `goodput report ${quote(dir)}`);
    return scored.verdict.exitCode;
  }
  // A rank that did not start has nothing to report.
  if (error.kind !== 'ranks') {
    const exits = exitOf(error, scored.verdict);
    await outputs
      .write(
        exits === undefined ? [scored] : RUNS.withExits!([scored], exits),
        io,
        `goodput report ${quote(dir)}`,
      )
      .catch((problem: unknown) => {
        if (!(problem instanceof GoodputError)) throw problem;
        failed(problem, outputs, io);
      });
  }
  return failed(error, outputs, io);
}

/** Returns the exit code of a failure, unless the verdict has it already. */
const exitOf = ({ exitCode: code }: GoodputError, verdict: Score['verdict']): Exits | undefined =>
  code === verdict.exitCode ? undefined : { of: 'command', code, because: 'of the error below' };

/** Prints a failure. @returns its exit code */
function failed(error: GoodputError, { color }: Pick<Outputs<unknown>, 'color'>, io: Io): number {
  io.stderr.write(fitted(renderError(error, styleOf(io.stderr, io.env, { color })), io.stderr));
  return error.exitCode;
}
