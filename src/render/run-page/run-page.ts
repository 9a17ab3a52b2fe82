import { clean } from '../layout/clean.ts';
import { brief, count, plural } from '../../numbers.ts';
import type { Judged } from '../run/text.ts';
import type { RunHeader } from '../../record/header.ts';
import type { SeriesDocument } from '../../series/series-document.ts';
import type { PointTable } from '../page/browser/chart.ts';
import { missing } from '../page/figure.ts';
import { type Html, html, NOTHING } from '../page/html.ts';
import { type PageContent, renderPage, type Section } from '../page/page.ts';
import { attainmentCharts } from './attainment-charts.ts';
import { PlacedCharts } from '../page/placed-chart.ts';
import { requestCharts } from './request-charts.ts';
import { spectrumCharts } from './spectrum-charts.ts';
import { telemetrySection } from './telemetry-section.ts';
import { timelineCharts } from './timeline-charts.ts';
import {
  detailsSection,
  failureTable,
  groupTables,
  throughputTexts,
  withheldText,
} from './details-section.ts';
import { rowsOfGroups } from './groups-section.ts';
import { machineSection } from './machine-section.ts';
import { latencyTable } from './latency-section.ts';
import { runHead, sloTexts, verdictSection } from './verdict-section.ts';
import { waterfall } from './waterfall.ts';

/** The documents of one run. */
export interface RunPage extends Judged {
  header: RunHeader;
  series: SeriesDocument;
}

/** Returns the page of a run. Ends with a newline. */
export const renderRunPage = (run: RunPage): string => renderPage(runContent(run));

/** Returns the content of the page of a run: what it answers, in the order of the questions. */
function runContent(run: RunPage): PageContent {
  const { report, header, series } = run;
  const placed = new PlacedCharts();
  const draw: Draw = (charts, className) => placed.draw(charts, className);
  const sections: Section[] = [
    { id: 'verdict', title: 'Verdict', body: verdictSection(run) },
    { id: 'served', title: 'Users served well', body: served(run, draw) },
    {
      id: 'latency',
      title: 'Latency',
      body: html`${latencyTable(report)}${draw(spectrumCharts(series.spectra, series.slos), 'charts three')}`,
    },
    { id: 'timeline', title: 'Timeline', body: timeline(series, draw) },
    ...(report.telemetry === undefined && report.server_timing === undefined
      ? []
      : [
          {
            id: 'telemetry',
            title: 'Server and devices',
            body: telemetrySection(report),
          },
        ]),
    { id: 'causes', title: 'Causes', body: causes(series, draw) },
    { id: 'worst', title: 'Worst requests', body: html`${failureTable(report)}${worst(series)}` },
    {
      id: 'groups',
      title:
        series.groupings.length === 0 && report.groups === undefined
          ? 'Throughput and tokens'
          : 'Groups and tokens',
      body: groups(run),
    },
    { id: 'machine', title: 'Machine and cost', body: machineSection(report, draw) },
    { id: 'details', title: 'Run details', body: detailsSection(header, report, series) },
  ];
  return {
    title: `${clean(report.run.name)} – goodput${report.endpoint.simulated ? ' (SIMULATED)' : ''}`,
    simulated: report.endpoint.simulated,
    head: runHead(run),
    sections,
    data: {
      charts: placed.charts,
      points: series.points.listed === 0 ? null : (series.points as unknown as PointTable),
    },
  };
}

type Draw = PlacedCharts['draw'];

function served({ report, series }: RunPage, draw: Draw): Html {
  const texts = sloTexts(report);
  if (report.slo === null)
    return html`${texts}${missing('No SLO was declared, so no request is judged good or missed. Declare one with --slo, such as --slo "ttft<=200ms,tpot<=100ms"; goodput report RUN --slo … judges this run again.')}`;
  if (series.attainment === null)
    return html`${texts}${missing(
      series.window === null
        ? 'The measurement window has no known length, so there is no attainment over time.'
        : report.counts.judged === 0
          ? 'No request could be judged, so there is no attainment over time.'
          : 'The imported files do not hold what attainment needs.',
    )}`;
  const isGood = series.attainment.goodput_rps.some((rate) => rate > 0);
  return html`${texts}${draw(attainmentCharts(series.attainment))}${isGood ? NOTHING : missing('No good request completed in the measurement window, so goodput is 0.')}`;
}

function timeline(series: SeriesDocument, draw: Draw): Html {
  const { time } = series;
  if (series.window === null)
    return missing('The measurement window has no known length, so nothing is drawn over time.');
  if (time === null) return missing('The run has no recorded request, so nothing happened over time.');
  const withheld = withheldText(series);
  return html`<p class="note">
      Bins of ${brief(time.bin_s)} s. Drag to zoom, double-click to reset; with the
      keyboard: arrows, + and −, Escape.
    </p>
    ${withheld === '' ? NOTHING : html`<p class="note">${withheld}</p>`}${draw(timelineCharts(time, series), 'charts stacked')}`;
}

function causes(series: SeriesDocument, draw: Draw): Html {
  const { points } = series;
  if (points.listed === 0) return missing('No request belongs to the measurement window.');
  const { failed, missed, others } = points.chosen;
  const of =
    points.listed === points.requests
      ? `All ${plural(points.requests, 'request')} are drawn.`
      : `${count(points.listed)} of ${count(points.requests)} requests are drawn: ${count(failed.listed)} of ${count(failed.of)} failures, the ${count(missed.listed)} worst of ${count(missed.of)} that missed an SLO, and a seeded sample of ${count(others.listed)} of the other ${count(others.of)}.`;
  return html`<p class="note">
      ${of} A failed request stands at the time until it failed; input tokens without a count are those of the
      plan.
    </p>
    ${draw(requestCharts(series))}`;
}

function groups({ report, series }: RunPage): Html {
  const texts = throughputTexts(report);
  if (texts.markup === '')
    return missing('Nothing was sent in the measurement window, so there are no rates and no tokens.');
  return html`${texts}${rowsOfGroups(report)}${groupTables(series.groupings)}`;
}

function worst({ worst: spans, slos }: SeriesDocument): Html {
  if (spans.length === 0) return missing('No request belongs to the measurement window.');
  const rule = slos.length === 0 ? 'the slowest' : 'those closest to their limits or furthest beyond them';
  return html`<p class="note">
      ${plural(spans.length, 'request')}: up to three failures of each kind, and ${rule}.
    </p>
    ${waterfall(spans)}`;
}
