import { type ComparedDocument, toComparisonDocument } from '../compare/written-comparison.ts';
import { GoodputError } from '../errors.ts';
import type { RunMode } from '../measure/carry-out.ts';
import { finish } from '../measure/finish.ts';
import { carryOutSingleRun } from '../measure/single-run.ts';
import { measureRounds as measureResolvedRounds } from '../multi-run/rounds.ts';
import { measureSweep as measureResolvedSweep, type MeasuredSweep } from '../multi-run/sweep.ts';
import { resolveRuns, type ScenarioRuns } from '../scenario/runs.ts';
import { parseConditions, separateGridSlos } from '../score/conditions.ts';
import type { Score, ScoreOptions } from '../score/score.ts';
import { type MeasuringOptions, type SeveralRunsOptions, sourcesFrom, withHooks } from './library-options.ts';
import { OPTION_NAMES } from './score.ts';

/** A run that was measured, recorded and scored. */
export interface MeasuredRun extends Score {
  /** The run folder. */
  dir: string;
  status: 'complete' | 'interrupted' | 'failed';
  /** The reason why the run failed: a full disk, a crashed worker, an endpoint that answers no request; `null` if it did not fail. */
  error: GoodputError | null;
}

/** Rounds that were measured and compared. */
export interface MeasuredRounds {
  /** The folder of the rounds. */
  dir: string;
  isInterrupted: boolean;
  /** The comparison; the reason why there is none if the rounds were interrupted before one was complete. */
  comparison: ComparedDocument | { missing: string };
}

/** Options of `measure` and `simulate`: the keys of a scenario and these. */
export interface MeasureOptions extends MeasuringOptions {
  /** Adds a table of the attainment at each of these limits: `ttft=100ms..1s,tpot=20ms..200ms`. */
  sloGrid?: string | undefined;
  /** Compares every instant with the log of the embedded endpoint. */
  auditTruth?: boolean | undefined;
}

/**
 * Measures one run of an endpoint, like `goodput run`: sends the planned requests, records each in the run folder, and scores the folder.
 * Without a URL it measures the embedded simulated endpoint.
 *
 *     const run = await measure({ endpoint: { url: 'http://127.0.0.1:8000/v1' }, load: { rate: '5/s', duration: '30s' } });
 *     run.summary.metrics.ttft?.p95; // milliseconds
 *
 * The process must stay responsive: other work on its main thread delays the recording.
 * @returns figures, audit and verdict. A run that failed after it began is returned too, with its `error`
 * @throws {GoodputError} kind `usage` if an option is wrong or the folder exists, before anything is sent; the failure if its folder
 *   cannot be read
 */
export const measure = (options: MeasureOptions = {}): Promise<MeasuredRun> => measureIn('real', options);

/**
 * Carries out one run against the simulated engine on a virtual clock, like `goodput simulate`: nothing is sent, and the same seed gives
 * the same samples. The endpoint of the scenario is ignored.
 * @throws {GoodputError} as `measure`
 */
export const simulate = (options: MeasureOptions = {}): Promise<MeasuredRun> => measureIn('virtual', options);

async function measureIn(mode: RunMode, options: MeasureOptions): Promise<MeasuredRun> {
  const { sloGrid, auditTruth, ...others } = options;
  const separate = sloGrid === undefined ? null : separateGridSlos({ slo: textsOf(options.slo), sloGrid });
  const given =
    separate === null
      ? others
      : { ...others, slo: separate.slo.length === 0 ? undefined : separate.slo.join(',') };
  const runs = resolveRuns(await sourcesFrom(given, mode));
  if (runs.kind !== 'run') throw severalRuns(runs.kind);
  const { scenario } = runs.resolved;
  if (auditTruth === true && !scenario.endpoint.simulated)
    throw new GoodputError('usage', 'options.auditTruth: only the simulated endpoint writes a truth log');
  const scoreOptions: ScoreOptions = {
    ...parseConditions({ sloGrid }, OPTION_NAMES),
    strict: scenario.run.strict,
    truth: auditTruth === true,
    ...(separate === null ? {} : { gridSlos: separate.gridSlos }),
  };
  const result = await withHooks(options, (hooks) => carryOutSingleRun(runs, mode, hooks));
  const { score, ...run } = await finish(result, scoreOptions);
  return { ...score, ...run };
}

const textsOf = (slo: MeasureOptions['slo']): string[] => (typeof slo === 'string' ? [slo] : []);

const severalRuns = (kind: 'rounds' | 'sweep'): GoodputError =>
  new GoodputError(
    'usage',
    `the scenario asks for ${kind === 'rounds' ? 'rounds of several endpoints' : 'a sweep'}, not for one run`,
    {
      hint: kind === 'rounds' ? 'use measureRounds' : 'use measureSweep',
    },
  );

/**
 * Measures rounds of the scenario's `endpoints` and compares them, like `goodput run --against`. The first endpoint is the base. With the
 * folder of an earlier call as `out`, only missing runs are measured.
 * @returns the comparison; if the rounds were interrupted before one was complete, the reason why there is none
 * @throws {GoodputError} kind `usage` before anything is sent; the failure of a run that could not do its work
 */
export async function measureRounds(options: SeveralRunsOptions): Promise<MeasuredRounds> {
  const { comparison, ...rounds } = await severalIn('rounds', options, measureResolvedRounds);
  return {
    ...rounds,
    comparison: 'missing' in comparison ? comparison : toComparisonDocument(comparison.compared),
  };
}

/**
 * Measures a run for each point of the scenario's `sweep`, like `goodput sweep`. With the folder of an earlier call as `out`, only missing
 * points are measured.
 * @throws {GoodputError} kind `usage` before anything is sent; the failure of a run that could not do its work
 */
export const measureSweep = (options: SeveralRunsOptions): Promise<MeasuredSweep> =>
  severalIn('sweep', options, measureResolvedSweep);

async function severalIn<K extends 'rounds' | 'sweep', T>(
  kind: K,
  options: SeveralRunsOptions,
  measureRuns: (
    runs: Extract<ScenarioRuns, { kind: K }>,
    mode: RunMode,
    hooks: Parameters<typeof measureResolvedSweep>[2],
  ) => Promise<T>,
): Promise<T> {
  const mode = options.virtual === true ? 'virtual' : 'real';
  const runs = resolveRuns(await sourcesFrom(options, mode));
  if (!isKind(runs, kind))
    throw new GoodputError('usage', `the scenario has no ${kind === 'rounds' ? 'endpoints' : 'sweep'}`, {
      hint: kind === 'rounds' ? 'list two endpoints or more in endpoints' : 'list loads or lengths in sweep',
    });
  return withHooks(options, (hooks) => measureRuns(runs, mode, hooks));
}

const isKind = <K extends ScenarioRuns['kind']>(
  runs: ScenarioRuns,
  kind: K,
): runs is Extract<ScenarioRuns, { kind: K }> => runs.kind === kind;
