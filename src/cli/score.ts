import { join } from 'node:path';
import { analyze } from '../analysis/analyze.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import { sloGrid } from '../analysis/slo-grid.ts';
import { auditTruth } from '../analysis/truth.ts';
import { GoodputError } from '../errors.ts';
import {
  type Gate,
  independentSlos,
  missingLimits,
  parseGate,
  parseSlo,
  type Reading,
  type RequestSlo,
} from '../slo/grammar.ts';
import { type GridAxis, parseSloGrid } from '../slo/slo-grid.ts';
import { presetGates } from '../slo/preset-gates.ts';
import { plannedBefore } from '../plan/arrivals.ts';
import type { LoggedHistogram } from '../record/hlog.ts';
import { SAMPLES_FILE } from '../record/folder.ts';
import { openRun } from '../record/reader.ts';
import type { RunHeader } from '../record/header.ts';
import { readTruth } from '../record/truth-log.ts';
import { scenarioFromEcho } from '../scenario/echo.ts';
import type { Flags } from '../scenario/keys/options.ts';
import type { Scenario } from '../scenario/keys/scenario.ts';
import { type Audit, audit } from '../verdict/audit.ts';
import { judge, type Verdict } from '../verdict/judge.ts';
import { type Summary, toSummary } from '../verdict/summary.ts';

/** A recorded run, scored. */
export interface Score {
  header: RunHeader;
  scenario: Scenario;
  report: Report;
  /** Any figure, as gates and comparisons ask for it. */
  values: ReportValues;
  /** The cohort in the order of the plan. */
  series: RunSeries;
  audit: Audit;
  verdict: Verdict;
  summary: Summary;
  /** That it was judged by. */
  slos: readonly RequestSlo[];
  histograms(): LoggedHistogram[];
  /** Of the run's origin. */
  epochMs: number;
}

export interface ScoreOptions {
  /** Instead of the run's own. */
  slo?: readonly RequestSlo[];
  gates?: readonly Gate[];
  strict: boolean;
  /** A run that is looked at again: that it was interrupted decides nothing any more. */
  again?: boolean;
  /** Judge it by all of these limits too. */
  grid?: readonly GridAxis[];
  /** What the cells of the grid have besides its limits, where that is not what the run is judged by. */
  gridSlos?: readonly RequestSlo[];
  /** The failure of the run, which its folder may lack if the disk was full. */
  failure?: GoodputError;
  /** Hold it against the truth log in its folder. */
  truth?: boolean;
}

/**
 * From a run folder to its verdict, by `run.json` and `samples.jsonl` alone.
 * @throws {GoodputError} kind `usage` where the folder is no run that can be read
 */
export async function score(dir: string, options: ScoreOptions): Promise<Score> {
  const { header: recorded, torn, samples } = await openRun(dir);
  const header = options.failure === undefined ? recorded : failedWith(options.failure, recorded);
  const scenario = scenarioFromEcho(header.scenario);
  const declaredSlos = options.slo ?? scenario.slo;
  // A share of tokens in time whose limits are the grid's alone is judged there alone.
  const slos = missingLimits(declaredSlos) === null ? declaredSlos : independentSlos(declaredSlos);
  const analysis = await analyze(header, dir, samples(), slos, {
    plannedBefore: (instant_us) => plannedBefore(scenario, instant_us),
  });
  const { report, values } = analysis;
  if (torn)
    report.notes.push(
      `The last line of ${join(dir, SAMPLES_FILE)} is cut off (a crash, a full disk, or a run that still goes on): its request is left out.`,
    );
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
      report.notes.push(
        'on_time_share is judged in the grid alone: its deadlines are made of the limits there, and not of the run’s own.',
      );
  }
  const gates = options.gates ?? gatesOf(scenario, header.scenario, slos);
  const audited = audit(report, values, gates);
  const verdict = judge(report, values, audited, gates, {
    strict: options.strict,
    again: options.again === true,
  });
  return {
    header,
    scenario,
    report,
    values,
    series: analysis.series,
    audit: audited,
    verdict,
    summary: toSummary(report, audited, verdict),
    slos,
    histograms: () => analysis.histograms(),
    epochMs: header.origin.epoch_ms,
  };
}

const failedWith = ({ message }: GoodputError, header: RunHeader): RunHeader =>
  header.status === 'failed' ? header : { ...header, status: 'failed', reason: message };

/** Gates that a preset brought go with its limits. */
const gatesOf = (
  scenario: Pick<Scenario, 'gates'>,
  echo: RunHeader['scenario'],
  slos: readonly RequestSlo[],
): readonly Gate[] => (echo['gates'] == null ? presetGates(slos) : scenario.gates);

/**
 * The SLOs that a recorded run declared.
 * @throws {GoodputError} kind `usage` where the folder is no run that can be read
 */
export async function slosOf(dir: string): Promise<readonly RequestSlo[]> {
  const { header } = await openRun(dir);
  return scenarioFromEcho(header.scenario).slo;
}

/**
 * SLOs and gates as flags give them.
 * @param grid limits of a grid, which an SLO may be made of
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function declared(
  flags: Flags,
  grid: readonly GridAxis[] = [],
): { slo?: readonly RequestSlo[]; gates?: readonly Gate[] } {
  const mistakes: string[] = [];
  const read = <T>(flag: string, reading: Reading<T>): T | null => {
    if (reading.ok) return reading.value;
    mistakes.push(...reading.mistakes.map(({ message }) => `--${flag}: ${message}`));
    return null;
  };
  const preset = texts(flags['slo-preset']);
  const slo = [...preset, ...texts(flags.slo)];
  const gates = texts(flags.gate);
  const found = {
    ...(slo.length === 0
      ? {}
      : {
          slo:
            read(
              preset.length === 0 ? 'slo' : 'slo-preset',
              parseSlo(
                slo.join(','),
                grid.map(({ metric }) => metric),
              ),
            ) ?? [],
        }),
    ...(gates.length === 0
      ? {}
      : { gates: gates.map((text) => read('gate', parseGate(text))).filter((gate) => gate !== null) }),
  };
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return found;
}

/**
 * The limits of `--slo-grid`, where it is given.
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function gridOf(flags: Flags): { grid?: readonly GridAxis[] } {
  const given = flags['slo-grid'];
  if (typeof given !== 'string') return {};
  const axes = parseSloGrid(given);
  if (axes.ok) return { grid: axes.value };
  throw new GoodputError('usage', axes.mistakes.map(({ message }) => `--slo-grid: ${message}`).join('\n'));
}

/**
 * Where `--slo` has a share of tokens in time whose limits stand in the grid alone, they are no limits of a run: what the run is
 * judged by then, as flags, and what the grid is. `null`: one and the same.
 */
export function slosApart(flags: Flags): { flags: Flags; gridSlos: readonly RequestSlo[] } | null {
  const given = flags['slo-grid'];
  const text = texts(flags.slo).join(',');
  if (typeof given !== 'string' || text === '' || flags['slo-preset'] !== undefined) return null;
  const axes = parseSloGrid(given);
  if (!axes.ok || parseSlo(text).ok) return null;
  const metrics = axes.value.map(({ metric }) => metric);
  const all = parseSlo(text, metrics);
  if (!all.ok) return null;
  const own = independentSlos(all.value).map((slo) => slo.text);
  const { slo: _, ...others } = flags;
  return { flags: own.length === 0 ? others : { ...others, slo: own }, gridSlos: all.value };
}

function texts(flag: string | readonly string[] | true | undefined): readonly string[] {
  if (flag === undefined || flag === true) return [];
  return typeof flag === 'string' ? [flag] : flag;
}
