import type { RequestSlo } from '../slo/grammar.ts';
import { metricNamed } from '../metrics/registry.ts';
import { RequestFigures } from '../metrics/request-figures.ts';
import { SCHEMA_VERSION } from '../record/run-json.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { LoggedHistogram } from '../record/hlog.ts';
import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';
import { attainmentOf, WITHHELD } from './attainment.ts';
import { isInCohort, Cohort } from './cohort.ts';
import { deadlinesOf } from './deadlines.ts';
import { headerReport } from './header-report.ts';
import { Unsent, healthOf, littleApplies, secondHighest } from './health-figures.ts';
import { Judge, judgeContextOf } from './judging.ts';
import { lostRequests } from './lost.ts';
import type { Lost } from './lost.ts';
import { intervalsOf } from './intervals.ts';
import { notesOn } from './run-notes.ts';
import { OverTimeCounts } from './over-time.ts';
import { closedWindow, isRateChanging, plannedWindow } from './planned-window.ts';
import { Presence } from './presence.ts';
import { WindowRates } from './rates.ts';
import type { Rates, SloReport } from './report-figures.ts';
import type { Report, ReportValues } from './report.ts';
import { ReplicaFigures } from './replica-figures.ts';
import { SessionFigures } from './session-figures.ts';
import { SeriesCollector } from './series.ts';
import type { RunSeries } from './series.ts';
import { type Knowledge, StatedFigures } from './stated-figures.ts';
import type { StatedReport } from './stated-report.ts';
import { SteadyState } from './steady.ts';
import { ClientCounts, type ClientTotals } from './telemetry-client.ts';
import { VariedKeys } from './request-groups.ts';
import { summarise } from './distribution-summary.ts';
import type { Measured } from './distribution-summary.ts';
import { histogramsOf, valuesOf } from './values.ts';

export interface AnalysisOptions extends Knowledge {
  /**
   * Returns how many requests the plan has before an instant. Only used for a run in open loop that never closed. Without it, the
   * requests that are missing below the highest number are counted as lost.
   */
  plannedBefore?: (instant_us: Microseconds) => number;
}

/** Every figure of a recorded run. */
export interface Analysis {
  report: Report;
  /** Any figure by name. */
  values: ReportValues;
  /** Every distribution metric for `latency.hlog`, `e2e` first and untagged. */
  histograms: () => LoggedHistogram[];
  /** The cohort in the order of the plan, for intervals and comparisons. */
  series: RunSeries;
  extent: Extent;
  /** Keys by which the cohort has several groups, of those that a report shows without being asked. */
  variedKeys: string[];
  /** The totals with which the counters of a server are compared. */
  client: ClientTotals;
}

/** The window of a run, and how many requests have no record. */
export interface Extent {
  window: Window;
  lost: Lost;
}

/**
 * Computes every figure from the samples and `run.json` alone, in one pass and in any order. Per request about 85 bytes
 * of numbers are kept: instants and durations take up to 4 bytes each, fractions 8.
 * @throws {GoodputError} of kind `usage` if a sample has an invalid number; any error that `samples` throws
 */
export async function analyze(
  header: RunHeader,
  dir: string,
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  slos: readonly RequestSlo[],
  options: AnalysisOptions = {},
): Promise<Analysis> {
  const pass = new AnalysisPass(header, slos, options);
  for await (const sample of samples) pass.add(sample);
  return pass.finish(dir, pass.extent(options.plannedBefore ?? null));
}

/** The wait for a free slot above which a request counts as held back. */
const HELD_BACK_US = 1000;

/** One pass over the samples of a run, or over those of a group of its requests. */
export class AnalysisPass {
  readonly #header: RunHeader;
  readonly #slos: readonly RequestSlo[];
  /** The window of a run that never closed has its planned end, until the last instant is known. */
  readonly #window: Window;
  readonly #figures: RequestFigures;
  readonly #judge: Judge;
  readonly #cohort: Cohort;
  readonly #rates: WindowRates;
  /** `null` if W has no length or no known end, or if the plan changes the rate. */
  readonly #steady: SteadyState | null;
  /** `null` if W has no length or no known end. */
  readonly #overTime: OverTimeCounts | null;
  readonly #unsent: Unsent;
  readonly #series: SeriesCollector;
  readonly #replicas: ReplicaFigures;
  readonly #presence: Presence;
  readonly #varied: VariedKeys;
  readonly #stated: StatedFigures;
  readonly #client = new ClientCounts();
  /** `null` if no session has several turns. */
  readonly #sessions: SessionFigures | null;
  #heldBack = 0;

  constructor(header: RunHeader, slos: readonly RequestSlo[], knowledge: Knowledge = {}) {
    const { loop, clock } = header.load;
    const context = judgeContextOf(header.load);
    const lacks = header.imported?.lacks;
    this.#header = header;
    this.#slos = slos;
    this.#window = header.window ?? plannedWindow(header);
    this.#figures = new RequestFigures({ loop, clock, deadlines: deadlinesOf(slos), lacks });
    this.#judge = new Judge(slos, context);
    this.#series = new SeriesCollector(loop, header.window);
    this.#cohort = new Cohort(slos, this.#series.distributions, lacks);
    this.#rates = new WindowRates(loop, this.#window.start_us, this.#window.end_us);
    this.#steady = steadyStateIn(header);
    this.#overTime =
      header.window === null || header.window.end_us <= header.window.start_us
        ? null
        : new OverTimeCounts(header.window);
    this.#presence = new Presence(this.#window.end_us);
    this.#sessions = header.load.unit === 'sessions' ? new SessionFigures(header, this.#window) : null;
    this.#unsent = new Unsent(context.capped);
    this.#replicas = new ReplicaFigures(header);
    this.#varied = new VariedKeys(header.endpoint.model);
    this.#stated = new StatedFigures(knowledge, this.#window);
  }

  add(sample: Sample): void {
    const figures = this.#figures;
    figures.read(sample);
    this.#presence.add(sample);
    this.#client.add(sample, figures);
    const judgement = this.#judge.judge(sample, figures);
    this.#rates.add(sample, figures, judgement === 'good');
    this.#sessions?.add(sample, figures, judgement);
    this.#steady?.add(sample, figures);
    this.#series.add(sample, figures, judgement === 'good');
    this.#stated.add(sample, figures);
    if (!isInCohort(sample, figures.start_us, this.#header.load, this.#window)) return;
    this.#overTime?.add(figures.start_us, judgement);
    this.#cohort.add(sample, figures, judgement, this.#judge);
    this.#replicas.add(sample, figures, judgement === 'failed');
    this.#series.addOfCohort(sample, figures, judgement);
    this.#stated.addOfCohort(sample, figures);
    this.#unsent.add(sample);
    this.#varied.add(sample);
    if (sample.released_us !== null && sample.released_us - sample.planned_us > HELD_BACK_US)
      this.#heldBack++;
  }

  /** Returns the extent of the run, after a pass over all of its samples. */
  extent(plannedBefore: NonNullable<AnalysisOptions['plannedBefore']> | null): Extent {
    const window = closedWindow(this.#header, this.#window, this.#presence.last_us);
    const present = this.#presence.present(this.#rates.planned - this.#presence.laterInWindow(window));
    return { window, lost: lostRequests(this.#header, present, window, plannedBefore) };
  }

  /** @param extent of the run, also after a pass over a group of its requests */
  finish(dir: string, extent: Extent): Analysis {
    const { window, lost } = extent;
    const window_us = window.end_us - window.start_us;
    const measured = this.#cohort.measured();
    const { misleading, judged, counts } = this.#cohort;
    const totals = this.#rates.totals(window_us, {
      lost: lost.inWindow,
      judged,
      good: counts.good,
      failed: counts.failed,
    });
    // The order of the values is lost once a figure of a distribution is read.
    const series = this.#series.series((metric) => misleading.whyNot(metric) === null);
    const { rates, stated } = this.#stated.ratesOver(totals, measured, misleading);
    const report = { ...this.#report(dir, window, lost, measured, rates, series), ...stated };
    return {
      report,
      values: valuesOf(measured, rates, series, { misleading, stated }),
      histograms: () => histogramsOf(measured, window),
      series,
      extent,
      variedKeys: this.#varied.keys,
      client: this.#client.totals(),
    };
  }

  #report(
    dir: string,
    window: Window,
    lost: Lost,
    measured: readonly Measured[],
    rates: Rates,
    series: RunSeries,
  ): Omit<Report, keyof StatedReport> {
    const header = this.#header;
    const cohort = this.#cohort;
    const replicas = this.#replicas.report();
    const reuse = cohort.reuse.shares();
    const { loop } = header.load;
    const { lacks = [] } = header.imported ?? {};
    const window_us = window.end_us - window.start_us;
    const distribution = (name: string) => measured.find(({ metric }) => metric.name === name)!.distribution;
    const counts: Report['counts'] = {
      planned:
        loop === 'open' && !lacks.includes('planned')
          ? this.#rates.planned + lost.inWindow
          : cohort.counts.cohort,
      sent: cohort.counts.sent,
      cohort: cohort.counts.cohort,
      judged: cohort.judged,
      ok: cohort.counts.ok,
      failed: cohort.counts.failed,
      overload: cohort.counts.overload,
      good: cohort.counts.good,
      censored: cohort.counts.censored,
      cut_missed: cohort.counts.cut_missed,
      lost: lost.total,
      outcomes: cohort.outcomes,
      finish: cohort.finish,
    };
    const tokens = cohort.tokenReport();
    return {
      schemaVersion: SCHEMA_VERSION,
      ...headerReport(header, dir, window_us),
      counts,
      metrics: Object.fromEntries(measured.map((each) => [each.metric.name, summarise(each)])),
      rates,
      slo: this.#slos.length === 0 ? null : this.#sloReport(lost),
      ...(this.#sessions === null ? {} : { sessions: this.#sessions.report(window_us) }),
      intervals: intervalsOf(series, rates, {
        steadyLoad: !isRateChanging(header),
        lost: lost.total,
        lacksStarts: lacks.includes('starts'),
      }),
      tokens,
      ...(reuse === null ? {} : { reuse }),
      failures: cohort.failures(),
      ...(replicas === null ? {} : { replicas }),
      notes: notesOn({
        header,
        counts,
        tokens,
        estimated: cohort.estimated,
        choices: cohort.choices,
        disbelieved: cohort.disbelieved,
        lengths: cohort.lengths,
        cacheHits: cohort.tokens.cacheHits,
        heldBack: this.#heldBack,
        cut: this.#rates.cut,
        window,
        service: distribution('e2e_sent'),
        replicas: replicas ?? [],
      }),
      health: {
        ...healthOf(header, {
          send: distribution('send_lag'),
          dispatch: distribution('dispatch_lag'),
          connect: distribution('connect'),
        }),
        send_lag_second_ms: secondHighest(distribution('send_lag')),
        unsent: this.#unsent.unsent,
        released: this.#unsent.released,
        local_limits: this.#unsent.local,
        keep_alive_races: this.#unsent.races,
        deliveries: cohort.misleading.deliveries,
        little_applies: littleApplies(window.start_us, window_us, this.#rates.meanResidence_us),
        steady: this.#steady?.result(rates) ?? null,
      },
    };
  }

  #sloReport(lost: Lost): SloReport {
    const { judged, counts, misleading } = this.#cohort;
    return {
      limits: Object.fromEntries(this.#slos.map(({ metric, value }) => [metric, value])),
      attainment:
        misleading.whyNot(metricNamed('attainment')!) === null
          ? attainmentOf(counts.good, judged, lost.inWindow)
          : WITHHELD,
      each: this.#cohort.each(),
      over_time: this.#overTime?.result() ?? null,
    };
  }
}

function steadyStateIn({ window, load }: RunHeader): SteadyState | null {
  // A trace has the rate that it has: no steady state is expected.
  const isExpected = load.arrivals !== 'trace' && !isRateChanging({ load });
  return window === null || window.end_us <= window.start_us || !isExpected
    ? null
    : new SteadyState(window, load);
}
