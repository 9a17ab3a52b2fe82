import { isInCohort } from '../analysis/cohort.ts';
import { deadlinesOf } from '../analysis/deadlines.ts';
import { Judge, judgeContextOf } from '../analysis/judging.ts';
import type { Report, ReportValues } from '../analysis/report.ts';
import type { RunSeries } from '../analysis/series.ts';
import { isLacking } from '../metrics/metric.ts';
import { DISTRIBUTION_METRICS, type Metric } from '../metrics/registry.ts';
import { RequestFigures } from '../metrics/request-figures.ts';
import type { RunHeader, Window } from '../record/header.ts';
import type { Scrape } from '../record/telemetry.ts';
import type { Fact, Sample } from '../sample.ts';
import type { RequestSlo } from '../slo/grammar.ts';
import { AttainmentCollector } from './attainment-series.ts';
import { Bins } from './bins.ts';
import { seconds } from './compact.ts';
import { PointCollector } from './points.ts';
import { SERIES_SCHEMA_VERSION, type Grouping, type SeriesDocument } from './series-document.ts';
import { missedBy, severityOf } from './severity.ts';
import { spectraOf } from './spectrum.ts';
import { telemetrySeries } from './telemetry-series.ts';
import { TimeCollector } from './time-series.ts';
import { WorstCollector } from './worst-requests.ts';

/** A recorded run with its figures. */
export interface MeasuredRun {
  header: RunHeader;
  report: Report;
  values: ReportValues;
  series: RunSeries;
  /** The SLOs that the run was judged by. */
  slos: readonly RequestSlo[];
  /** The scrapes of the telemetry targets; `null` without telemetry. */
  scrapes?: readonly Scrape[] | null;
  /** Reads the samples, in the order of the file; it may be called several times. */
  samples(): AsyncIterable<Sample>;
}

/**
 * Returns every number that a page about a run draws. Reads the samples once more; the memory does not grow with their events, and by 8 bytes
 * per request.
 */
export async function seriesOf(run: MeasuredRun): Promise<SeriesDocument> {
  const { header, report, slos } = run;
  const { load } = header;
  const context = judgeContextOf(load);
  const { lacks = [] } = header.imported ?? {};
  const figures = new RequestFigures({
    loop: load.loop,
    clock: load.clock,
    deadlines: deadlinesOf(slos),
    lacks,
  });
  const judge = new Judge(slos, context);
  const window = windowOf(run);
  const hasLength = window.end_us > window.start_us;
  const bins = hasLength ? Bins.over(window, lastInstant(header, window), report.counts.cohort) : null;
  const time = bins === null ? null : new TimeCollector(bins, load.loop);
  const telemetry = bins === null ? null : telemetrySeries(run.scrapes ?? [], bins);
  const attainment =
    hasLength && slos.length > 0 && report.slo?.attainment.value !== null && report.counts.judged > 0
      ? new AttainmentCollector(load.loop, window, report.counts.judged)
      : null;
  const points = new PointCollector(header.seed ?? 0);
  const worst = new WorstCollector(header.endpoint.replicas ?? []);
  let requests = 0;
  for await (const sample of run.samples()) {
    requests++;
    figures.read(sample);
    const judgement = judge.judge(sample, figures);
    time?.add(sample, figures);
    if (judgement === 'good') attainment?.addGood(sample);
    if (!isInCohort(sample, figures.start_us, load, window)) continue;
    attainment?.addOfCohort(figures, judgement);
    const severity = severityOf(sample, figures, judge, slos);
    points.add(sample, figures, judgement, severity);
    worst.add(sample, figures, judgement, severity, () =>
      judgement === 'failed' ? [] : missedBy(judge, slos),
    );
  }
  const withheld = withheldIn(report);
  return {
    ...(header.endpoint.simulated ? { simulated: true } : {}),
    schemaVersion: SERIES_SCHEMA_VERSION,
    run: { id: report.run.id, name: report.run.name },
    slos: slos.map(({ metric, op, value }) => ({ metric, op, value })),
    window: hasLength ? { start_s: seconds(window.start_us), end_s: seconds(window.end_us) } : null,
    phases: header.phases.map(({ name, start_us, end_us }) => ({
      name,
      start_s: seconds(start_us),
      end_s: seconds(end_us),
    })),
    attainment: attainment?.series() ?? null,
    time:
      requests === 0 || time === null
        ? null
        : time.series((metric) => reasonFor(metric, withheld) === null, report.rates),
    ...(telemetry === null ? {} : { telemetry }),
    withheld: Object.fromEntries(
      DISTRIBUTION_METRICS.flatMap((metric) => {
        const why = reasonFor(metric, withheld);
        return why === null ? [] : [[metric.name, why]];
      }),
    ),
    spectra: spectraOf(report, run.values, run.series),
    points: points.points(),
    worst: worst.worst(),
    groupings: groupingsOf(report),
  };
}

/** Returns W as the report has it; of a run that never closed, its planned start and the length that was measured. */
function windowOf({ header, report: { load } }: MeasuredRun): Window {
  if (header.window !== null) return header.window;
  const start_us = Math.round(load.warmup_s * 1e6);
  return { start_us, end_us: start_us + Math.round(load.window_s * 1e6) };
}

const lastInstant = ({ phases }: RunHeader, { end_us }: Window): number =>
  phases.reduce((last, phase) => Math.max(last, phase.end_us), end_us);

/** The facts that an imported run lacks, and the reasons why metrics of a stream and of tokens are withheld; `null` for none. */
interface WithheldKinds {
  lacks: readonly Fact[];
  stream: string | null;
  tokens: string | null;
}

function withheldIn({ metrics, imported }: Report): WithheldKinds {
  const reasons = DISTRIBUTION_METRICS.map(({ name }) => metrics[name]?.why.p50);
  return {
    lacks: imported?.lacks ?? [],
    stream: reasons.find((why) => why === 'buffered') ?? null,
    tokens: reasons.find((why) => why === 'per_event') ?? null,
  };
}

const reasonFor = (metric: Metric, { lacks, stream, tokens }: WithheldKinds): string | null =>
  (isLacking(metric, lacks) ? 'imported' : null) ??
  (metric.needsStream ? stream : null) ??
  (metric.needsTokens ? tokens : null);

function groupingsOf({ replicas }: Report): Grouping[] {
  if (replicas === undefined) return [];
  return [{ by: 'replica', groups: replicas.map(({ url, ...figures }) => ({ name: url, ...figures })) }];
}
