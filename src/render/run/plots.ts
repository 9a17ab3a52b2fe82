import { metricNamed } from '../../metrics/registry.ts';
import { seriesOf } from '../../series/series.ts';
import type { SeriesDocument, Spectrum } from '../../series/series-document.ts';
import { DotPlot } from '../layout/dot-plot.ts';
import { brief, count, duration, share, significant, tokenRate } from '../../numbers.ts';
import { sentence } from '../layout/clean.ts';
import { hanging } from '../layout/layout.ts';
import { pickOf, sparkline } from '../layout/sparkline.ts';
import { openPage, type Page, type Style } from '../layout/style.ts';
import type { ScoredRun } from './scored-run.ts';
import { rooflineLines } from './roofline.ts';
import { renderText } from './text.ts';

/** The metrics of which percentiles are drawn. */
const SPECTRA = ['ttft', 'itl', 'e2e'];
const ROWS = 7;
const WIDEST = 64;
const LABEL_WIDTH = 14;
/** Percentiles that the axis names. */
const TICKS = [50, 90, 99, 99.9, 99.99];
/** Dots between two of a limit. */
const LIMIT_STEP = 4;

/** Returns the text reports of runs, each with its plots. */
export async function renderTextWithPlots(runs: readonly ScoredRun[], style: Style): Promise<string> {
  const texts: string[] = [];
  for (const run of runs) {
    const page = openPage(style);
    const drawn = [...plots(await seriesOf(run), page), ...rooflineLines(run.report.machine, page)];
    texts.push(renderText(run, style) + drawn.map((line) => `${line}\n`).join(''));
  }
  return texts.join('\n');
}

/** Returns the percentiles and the timeline of a run, from the numbers that its page draws; nothing if there are none. */
export function plots(series: SeriesDocument, page: Page): string[] {
  const spectra = series.spectra.filter(({ metric }) => SPECTRA.includes(metric));
  return [
    ...spectra.flatMap((spectrum) => spectrumPlot(spectrum, series.slos, page)),
    ...timeline(series, page),
  ];
}

const title = (text: string, page: Page): string => page.ink.strong(text);

/** Draws the percentiles over 1 − p on a logarithmic scale, with the SLO on the metric as a dotted line. */
function spectrumPlot(spectrum: Spectrum, slos: SeriesDocument['slos'], page: Page): string[] {
  const { metric, percent, value, bound_from: bound } = spectrum;
  const label = metricNamed(metric)?.label ?? metric;
  const known = percent.flatMap((at, k) => (value[k] == null ? [] : [{ at, y: value[k] }]));
  const last = known.at(-1);
  if (last === undefined) return ['', title(label, page), `  ${page.signs.none} too few samples`];
  const limits = slos.filter((slo) => slo.metric === metric);
  const most = Math.max(...known.map(({ y }) => y));
  // A limit far above all values would hide their course.
  const drawnLimits = limits.filter((slo) => slo.value <= 3 * most);
  const top = Math.max(most, ...drawnLimits.map((slo) => slo.value)) || 1;
  const lead = Math.max(duration(top).length, 1);
  const columns = Math.min(WIDEST, page.width - lead - 3);
  const plot = new DotPlot(columns, ROWS);
  const [from, to] = [position(50), Math.max(position(last.at), position(90))];
  const x = (at: number): number => (position(at) - from) / (to - from);
  for (const slo of drawnLimits)
    for (let dot = 0; dot < plot.width; dot += LIMIT_STEP) plot.dot(dot / (plot.width - 1), slo.value / top);
  for (const [k, { at, y }] of known.entries()) {
    const before = known[Math.max(0, k - 1)]!;
    plot.line([x(before.at), before.y / top], [x(at), y / top]);
  }
  const side = page.unicode ? '│' : '|';
  const lines = plot.lines(page.unicode).map((line, row) => {
    const mark = row === 0 ? duration(top) : row === ROWS - 1 ? '0' : '';
    return `${mark.padStart(lead)} ${side}${line}`.trimEnd();
  });
  const limitTexts = drawnLimits.map((slo) => `dotted: ${metric} ${slo.op} ${duration(slo.value)}`);
  const bounds = bound === null ? [] : [`from p${bound} on lower bounds`];
  const remarks = [...limitTexts, ...bounds].join('; ');
  return [
    '',
    title(`${label} by percentile`, page),
    ...hanging('  ', sentence(remarks, page.unicode), page),
    ...lines,
    axis(x, columns, lead, page),
    ticks(x, columns, lead),
  ];
}

/** Returns where a percentile is on the axis: the number of nines. */
const position = (percent: number): number => -Math.log10(1 - percent / 100);

const columnOf = (x: number, columns: number): number => Math.round(x * (columns - 1));

function axis(x: (at: number) => number, columns: number, lead: number, page: Page): string {
  const [corner, line, tick] = page.unicode ? ['└', '─', '┴'] : ['+', '-', '+'];
  const signs = Array.from({ length: columns }, () => line);
  for (const at of TICKS) if (x(at) <= 1) signs[columnOf(x(at), columns)] = tick;
  return `${' '.repeat(lead)} ${corner}${signs.join('')}`;
}

function ticks(x: (at: number) => number, columns: number, lead: number): string {
  let line = ' '.repeat(lead + 2);
  for (const at of TICKS) {
    if (x(at) > 1) break;
    const text = `p${at}`;
    const start = lead + 2 + Math.min(columnOf(x(at), columns), columns - text.length);
    if (line.length > start) continue;
    line = line.padEnd(start) + text;
  }
  return line;
}

/** Returns a line chart per figure, over the bins of the run. */
function timeline({ time, attainment, telemetry }: SeriesDocument, page: Page): string[] {
  const rows: { label: string; chart: string; extreme: string }[] = [];
  const add = (
    label: string,
    values: readonly (number | null)[],
    textOf: (value: number) => string,
    isShare = false,
  ): void => {
    const pick = isShare ? Math.min : Math.max;
    const extreme = pickOf(values, pick);
    if (extreme === null) return;
    const width = page.width - LABEL_WIDTH - 16;
    const drawing = { unicode: page.unicode, pick, ...(isShare ? { top: 1 } : {}) };
    rows.push({
      label,
      chart: sparkline(values, width, drawing),
      extreme: `${isShare ? 'min' : 'max'} ${textOf(extreme)}`,
    });
  };
  if (attainment !== null) add('attainment', attainment.attainment, share, true);
  if (time !== null) {
    add('TTFT p50', time.ttft_p50_ms, duration);
    add('TTFT p99', time.ttft_p99_ms, duration);
    add('ITL p50', time.itl_p50_ms, duration);
    add('ITL p99', time.itl_p99_ms, duration);
    add('longest gap', time.max_gap_ms, duration);
    add('in flight', time.in_flight, (value) => count(value));
    add('output tok/s', time.output_tps, tokenRate);
  }
  if (telemetry !== undefined) {
    add('waiting', telemetry.waiting, count);
    add('running', telemetry.running, count);
    add('KV cache', telemetry.kv_use, share);
    add('prefix hits', telemetry.hit_share, share);
    add('preemptions', telemetry.preemptions, count);
    add('GPU busy', telemetry.busy, share);
    add('power (W)', telemetry.power_watt, significant);
  }
  if (rows.length === 0) return [];
  const widest = Math.max(...rows.map(({ chart }) => chart.length));
  const span =
    time === null
      ? ''
      : `  (${seconds(time.start_s)} to ${seconds(time.start_s + time.bin_s * time.sent_rps.length)})`;
  return [
    '',
    `${title('Timeline', page)}${span}`,
    ...rows.map(
      ({ label, chart, extreme }) => `${label.padEnd(LABEL_WIDTH)}${chart.padEnd(widest)}  ${extreme}`,
    ),
  ];
}

/** Bins may begin a little before the run. */
const seconds = (value: number): string => `${brief(Math.max(0, value))} s`;
