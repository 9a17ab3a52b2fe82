import { join } from 'node:path';
import { analyze } from '../analysis/analyze.ts';
import { totalOf } from '../analysis/group-row.ts';
import { analyzeGroups } from '../analysis/groups.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import { sloGrid } from '../analysis/slo-grid.ts';
import { telemetryReport } from '../analysis/telemetry-figures.ts';
import { observedIn } from '../analysis/telemetry-observed.ts';
import { isKnownSeries } from '../analysis/telemetry-names.ts';
import { auditTruth } from '../analysis/truth-audit.ts';
import { GoodputError } from '../errors.ts';
import { type Gate, independentSlos, missingLimits, type RequestSlo } from '../slo/grammar.ts';
import { presetGates } from '../slo/preset-gates.ts';
import { plannedBefore } from '../plan/arrivals.ts';
import type { LoggedHistogram } from '../record/hlog.ts';
import { SAMPLES_FILE } from '../record/folder.ts';
import { openRun } from '../record/reader.ts';
import type { RunHeader } from '../record/header.ts';
import type { Sample } from '../sample.ts';
import { readTelemetry, type Scrape } from '../record/telemetry.ts';
import { readTruth } from '../record/truth-log.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import type { Statements } from '../scenario/statements.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import type { Microseconds } from '../units.ts';
import { type Audit, audit } from '../verdict/audit.ts';
import { judge, type Verdict } from '../verdict/judge.ts';
import { type Summary, toSummary } from '../verdict/summary.ts';
import type { Conditions } from './conditions.ts';

/** A recorded run, scored. */
export interface Score {
  /** The run folder. */
  dir: string;
  header: RunHeader;
  scenario: Scenario;
  report: Report;
  /** Looks up any figure by metric and aggregation, as gates and comparisons do. */
  values: ReportValues;
  /** The values of each request of the cohort, in the order of the plan. */
  series: RunSeries;
  audit: Audit;
  verdict: Verdict;
  summary: Summary;
  /** The SLOs that the run was judged by. */
  slos: readonly RequestSlo[];
  /** The scrapes of the telemetry targets, with the series that a report needs; `null` without telemetry. */
  scrapes: readonly Scrape[] | null;
  /** Reads the samples, in the order of the file; it may be called several times. */
  samples(): AsyncIterable<Sample>;
  /** Returns the latency distributions as `latency.hlog` holds them. */
  histograms(): LoggedHistogram[];
  /** The run's origin in milliseconds since 1970. */
  epochMs: number;
}

/** How to judge a run. `slo` and `gates` replace the run's own; `grid` adds an SLO grid to the report. */
export interface ScoreOptions extends Conditions {
  /** Treats suspect runs as invalid. */
  strict: boolean;
  /** True for a run that is judged again later: an interrupted run then has a verdict like any other. */
  again?: boolean;
  /** SLOs of the grid's cells besides its limits; without it, the SLOs of the run. */
  gridSlos?: readonly RequestSlo[];
  /** The failure of the run, which its folder may lack if the disk was full. */
  failure?: GoodputError;
  /** Compares every instant with the truth log in the folder. */
  truth?: boolean;
  /** Statements about the endpoint that replace those of the run. */
  stated?: Partial<Statements>;
  /** The key of the groups in the report: a tag, or one of `GROUP_KEYS`. */
  by?: string | undefined;
}

/**
 * Computes report, audit and verdict of a run folder from `run.json` and `samples.jsonl`.
 * @throws {GoodputError} kind `usage` if the folder is not a readable run, or no request has the tag `by`
 */
export async function score(dir: string, options: ScoreOptions): Promise<Score> {
  const { header: recorded, torn, samples } = await openRun(dir);
  if (recorded.kind === 'batch')
    throw new GoodputError('usage', `${dir} is a batch, which has no latencies`, {
      hint: `goodput report ${dir} shows it; goodput compare RUN ${dir} compares it with an online run`,
    });
  const header = options.failure === undefined ? recorded : failedWith(options.failure, recorded);
  const scenario = scenarioFromEcho(header.scenario);
  const declaredSlos = options.slo ?? scenario.slo;
  // A limit on on_time_share whose deadlines are the limits of the grid is judged only in the grid.
  const slos = missingLimits(declaredSlos) === null ? declaredSlos : independentSlos(declaredSlos);
  // The folder of a run does not have its trace.
  const plan =
    scenario.load.arrivals === 'trace'
      ? {}
      : {
          plannedBefore: (instant_us: Microseconds) =>
            plannedBefore(
              { ...scenario, load: { ...scenario.load, ...shareOf(header) }, count: sessionsIn(header) },
              instant_us,
            ),
        };
  const { hardware, model, price } = scenario;
  const stated = { hardware, model, price, ...options.stated };
  const scrapes = await readTelemetry(dir, isKnownSeries);
  const analysis = await analyze(header, dir, samples(), slos, {
    ...plan,
    stated,
    observed: observedIn(scrapes ?? [], header.window),
  });
  const { report, values } = analysis;
  if (torn)
    report.notes.push({
      code: 'torn_line',
      text: `The last line of ${join(dir, SAMPLES_FILE)} is incomplete (a crash, a full disk, or a run in progress): its request is omitted.`,
    });
  const { serverTiming } = analysis.client;
  if (serverTiming !== null) report.server_timing = serverTiming;
  if (scrapes !== null)
    report.telemetry = telemetryReport(scrapes, analysis.extent.window, {
      client: analysis.client,
      machine: report.machine,
    });
  if (options.truth === true) {
    const log = await readTruth(dir, BigInt(header.origin.monotonic_ns));
    report.truth = await auditTruth(samples(), log);
  }
  if (options.grid !== undefined) {
    const start_us = header.window?.start_us ?? Math.round(report.load.warmup_s * 1e6);
    const window = { start_us, end_us: start_us + Math.round(report.load.window_s * 1e6) };
    report.slo_grid = await sloGrid(
      header,
      window,
      samples(),
      options.gridSlos ?? declaredSlos,
      options.grid,
    );
    if (slos !== declaredSlos || options.gridSlos !== undefined)
      report.notes.push({
        code: 'grid_only',
        text: 'on_time_share is judged only in the grid: its deadlines come from the limits of the grid, not from those of the run.',
      });
  }
  const gates = options.gates ?? gatesOf(scenario, header, slos);
  const by = options.by ?? analysis.variedKeys[0];
  const selection = { keys: by === undefined ? [] : [by], groups: gates.flatMap(({ group }) => group ?? []) };
  const groups = await analyzeGroups(header, dir, samples, slos, analysis.extent, selection);
  if (by !== undefined) {
    const unknown = groups.whyUnknown(by);
    if (unknown !== null) throw new GoodputError('usage', `${dir} has no groups by ${by}: ${unknown}`);
    report.by = by;
    report.groups = groups.rows(by);
    report.groups_total = totalOf(report.groups);
  }
  const audited = audit(report, values, gates);
  const judged = judge(report, values, audited, gates, {
    strict: options.strict,
    again: options.again === true,
    groups,
  });
  const verdict =
    isOneOfSeveral(header) && options.gates === undefined ? { ...judged, hint: OF_ALL_RANKS } : judged;
  return {
    dir,
    header,
    scenario,
    report,
    values,
    series: analysis.series,
    audit: audited,
    verdict,
    summary: toSummary(report, audited, verdict),
    slos,
    scrapes,
    samples,
    histograms: () => analysis.histograms(),
    epochMs: header.origin.epoch_ms,
  };
}

const failedWith = ({ message }: GoodputError, header: RunHeader): RunHeader =>
  header.status === 'failed' ? header : { ...header, status: 'failed', reason: message };

const OF_ALL_RANKS = 'Gates are judged over all ranks: goodput merge joins their runs.';

const isOneOfSeveral = ({ rank }: { rank?: RunHeader['rank'] | undefined }): boolean =>
  rank !== undefined && rank.of > 1;

/** Returns the declared gates, or those of the SLO preset that the run is judged by. Those of ranks are about all of them together. */
const gatesOf = (
  scenario: Pick<Scenario, 'gates'>,
  { scenario: echo, rank }: Pick<RunHeader, 'scenario' | 'rank'>,
  slos: readonly RequestSlo[],
): readonly Gate[] =>
  isOneOfSeveral({ rank }) ? [] : echo['gates'] == null ? presetGates(slos) : scenario.gates;

/**
 * Returns the SLOs that a recorded run declared.
 * @throws {GoodputError} kind `usage` if the folder is not a readable run
 */
export async function slosOf(dir: string): Promise<readonly RequestSlo[]> {
  const { header } = await openRun(dir);
  return scenarioFromEcho(header.scenario).slo;
}

/** Returns the share of the plan that a rank sent. */
const shareOf = ({ rank }: RunHeader): Pick<Scenario['load'], 'share'> =>
  rank === undefined ? {} : { share: { index: rank.index, of: rank.of } };

/** Returns the number of sessions that the workload of a run has. */
export const sessionsIn = ({ data }: RunHeader): number =>
  data === undefined || data.cycle ? Infinity : data.sessions;
