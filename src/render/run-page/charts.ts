import { metricNamed } from '../../metrics/registry.ts';
import type {
  AttainmentSeries,
  Column,
  SeriesDocument,
  Spectrum,
  TimeSeries,
} from '../../series/series-document.ts';
import type { Axis, Chart, Line, LineChart } from '../page/browser/chart.ts';
import { type Unit, unitText } from '../page/browser/unit-text.ts';
import { type FigureSize, figure } from '../page/figure.ts';
import type { Html } from '../page/html.ts';

/** A chart with its place in the page. */
export interface PlacedChart {
  chart: Chart;
  place: Html;
}

const place = (
  chart: Chart,
  title: string,
  summary: string,
  size: FigureSize = 'normal',
  note = '',
): PlacedChart => ({
  chart,
  place: figure(chart.id, title, summary, { size, note }),
});

const TIME = 'time';
const LOG_ABOVE = 30;
const IN_SECONDS = 5000;

/** Returns the axis of a latency: logarithmic if the values span orders of magnitude, which a linear one would hide. */
function latencyAxis(columns: readonly Column[]): Axis {
  const values = columns.flat().filter((value) => value !== null && value > 0);
  const isLog = values.length > 0 && max(values) > LOG_ABOVE * min(values);
  const inSeconds = values.length > 0 && max(values) >= IN_SECONDS;
  return { label: '', unit: 'ms', ...(isLog ? { isLog } : {}), ...(inSeconds ? { inSeconds } : {}) };
}

const max = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? -Infinity), -Infinity);
const min = (values: readonly (number | null)[]): number =>
  values.reduce<number>((least, value) => Math.min(least, value ?? Infinity), Infinity);

/** Returns a title with the unit of its axis. */
const titled = (title: string, { isLog, inSeconds }: Axis): string =>
  `${title} (${inSeconds === true ? 's' : 'ms'}${isLog === true ? ', log scale' : ''})`;

/** Returns the lowest and highest value in words. */
function rangeText(label: string, values: Column, unit: Unit): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${label}: no values`;
  return `${label} from ${unitText(min(known), unit)} to ${unitText(max(known), unit)}`;
}

const summaryOf = (lines: readonly Pick<Line, 'label' | 'ys'>[], unit: Unit): string =>
  `${lines.map(({ label, ys }) => rangeText(label, [...ys], unit)).join('; ')}.`;

const hasValues = (columns: readonly (Column | undefined)[]): boolean =>
  columns.some((column) => column?.some((value) => value !== null) === true);

/** Returns the charts of attainment and goodput over time. */
export function attainmentCharts(found: AttainmentSeries, gates: LineChart['limits'] = []): PlacedChart[] {
  const xs = found.judged.map((_, part) => found.start_s + part * found.part_s);
  const ends = [...xs, found.start_s + found.judged.length * found.part_s];
  const x: Axis = { label: 'time of the start (s)', unit: 's' };
  const steps = (values: Column): Column => [...values, values.at(-1) ?? null];
  const xTexts = [...xs, ends.at(-1)!].map((at) => unitText(at, 's'));
  const attainment: Line = {
    label: 'attainment',
    shape: 'step',
    style: 0,
    ys: steps(found.attainment),
    low: steps(found.low),
    high: steps(found.high),
  };
  const goodput: Line = { label: 'goodput', shape: 'bar', style: 2, ys: steps(found.goodput_rps) };
  return [
    place(
      {
        kind: 'lines',
        id: 'attainment-chart',
        x,
        y: { label: '', unit: 'ratio', min: 0, max: 1.02 },
        xs: ends,
        xTexts,
        lines: [attainment],
        limits: gates,
        sync: TIME,
      },
      'Attainment (share of judged requests), with 95 % interval',
      summaryOf([attainment], 'ratio'),
    ),
    place(
      {
        kind: 'lines',
        id: 'goodput-chart',
        x: { ...x, label: 'time of the end (s)' },
        y: { label: '', unit: 'req/s' },
        xs: ends,
        xTexts,
        lines: [goodput],
        sync: TIME,
      },
      'Goodput (good requests per second)',
      summaryOf([goodput], 'req/s'),
    ),
  ];
}

/** Returns a chart of the percentiles of each metric. */
export function spectrumCharts(spectra: readonly Spectrum[], slos: SeriesDocument['slos']): PlacedChart[] {
  return spectra
    .filter(({ value }) => hasValues([value]))
    .map((spectrum) => {
      const { metric, percent, value, low, high, bound_from } = spectrum;
      const last = value.findLastIndex((each) => each !== null);
      const shown = percent.slice(0, last + 1);
      const xs = shown.map((each) => 100 / (100 - each));
      const bound = bound_from === null ? shown.length : percent.indexOf(bound_from);
      const line: Line = {
        label: metric,
        shape: 'line',
        style: 0,
        ys: value.slice(0, last + 1).map((each, at) => (at < bound ? each : null)),
        ...(hasValues([low]) && hasValues([high])
          ? { low: low.slice(0, last + 1), high: high.slice(0, last + 1) }
          : {}),
      };
      const lower: Line = {
        label: 'lower bound',
        shape: 'line',
        style: 0,
        isBound: true,
        ys: value.slice(0, last + 1).map((each, at) => (at < bound ? null : each)),
      };
      const y = latencyAxis([value]);
      const title = titled(metricNamed(metric)!.label, y);
      const limits = slos
        .filter((slo) => slo.metric === metric)
        .map((slo) => ({
          at: slo.value,
          text: `SLO ${slo.op === '<=' ? '≤' : '≥'} ${unitText(slo.value, 'ms')}`,
        }));
      return place(
        {
          kind: 'lines',
          id: `spectrum-${metric}`,
          x: {
            label: 'percentile (log scale of 1 − p)',
            unit: 'requests',
            isLog: true,
            min: 2,
            max: xs.at(-1)!,
            ticks: TICKS,
          },
          y,
          xs,
          xTexts: shown.map((each) => `p${each}`),
          lines: bound > last ? [line] : [line, lower],
          limits,
        },
        title,
        spectrumSummary(spectrum),
        'normal',
        boundNote(spectrum),
      );
    });
}

const TICKS = [50, 75, 90, 95, 99, 99.5, 99.9, 99.99].map((percent) => ({
  at: 100 / (100 - percent),
  text: `${percent}%`,
}));

function spectrumSummary({ metric, percent, value }: Spectrum): string {
  const at = (p: number): string => {
    const found = value[percent.indexOf(p)] ?? null;
    return `p${p} ${found === null ? 'not shown' : unitText(found, 'ms')}`;
  };
  return `${metric}: ${[50, 90, 99].map(at).join(', ')}.`;
}

const WHY = new Map([
  ['samples', 'Too few samples for higher percentiles.'],
  ['failures', 'Too many failed requests for higher percentiles.'],
]);

function boundNote({ bound_from, why }: Spectrum): string {
  const bound = bound_from === null ? '' : `Lower bounds (≥) from p${bound_from} on.`;
  const end = why === null ? '' : (WHY.get(why) ?? '');
  return [bound, end].filter((text) => text !== '').join(' ');
}

/** Returns the charts over the whole run, which share cursor and zoom. */
export function timelineCharts(
  time: TimeSeries,
  { phases, slos }: Pick<SeriesDocument, 'phases' | 'slos'>,
): PlacedChart[] {
  const xs = time.in_flight.map((_, bin) => time.start_s + (bin + 0.5) * time.bin_s);
  const shades = phases
    .filter(({ name }) => name !== 'measure')
    .map(({ name, start_s, end_s }) => ({
      from: start_s,
      to: end_s,
      text: name === 'warmup' ? 'warm-up' : name,
    }));
  const common = {
    kind: 'lines' as const,
    x: { label: 'time (s)', unit: 's' as const },
    xs,
    shades,
    sync: TIME,
  };
  const chart = (id: string, title: string, y: Axis, lines: readonly Line[], metric = ''): PlacedChart[] => {
    const shown = lines.filter(({ ys }) => hasValues([[...ys]]));
    if (shown.length === 0) return [];
    const limits = slos
      .filter((slo) => slo.metric === metric)
      .map(({ value }) => ({ at: value, text: `SLO ${unitText(value, 'ms')}` }));
    return [
      place(
        { ...common, id, y, lines: shown, limits },
        y.unit === 'ms' ? titled(title, y) : title,
        summaryOf(shown, y.unit),
        'low',
      ),
    ];
  };
  const line = (label: string, style: number, ys: Column): Line => ({ label, shape: 'line', style, ys });
  const ttft = latencyAxis([time.ttft_p50_ms, time.ttft_max_ms]);
  const itl = latencyAxis([time.itl_p50_ms, time.itl_p99_ms, time.max_gap_ms]);
  const failures = stacked(Object.entries(time.failures));
  return [
    ...chart(
      'time-ttft',
      'TTFT of the requests that start',
      ttft,
      [
        line('p50', 0, time.ttft_p50_ms),
        line('p99', 1, time.ttft_p99_ms),
        { label: 'max', shape: 'points', style: 4, ys: time.ttft_max_ms },
      ],
      'ttft',
    ),
    ...chart('time-itl', 'ITL of the tokens that arrive', itl, [
      line('p50', 0, time.itl_p50_ms),
      line('p99', 1, time.itl_p99_ms),
      { label: 'longest stall', shape: 'points', style: 4, ys: time.max_gap_ms },
    ]),
    ...chart('time-in-flight', 'Requests in flight and waiting', { label: '', unit: 'requests' }, [
      line('in flight', 0, time.in_flight),
      ...(max(time.waiting) > 0.05 ? [line('waiting to be sent', 1, time.waiting)] : []),
    ]),
    ...chart('time-requests', 'Requests sent and completed (per second)', { label: '', unit: 'req/s' }, [
      line('sent', 0, time.sent_rps),
      line('completed', 2, time.completed_rps),
    ]),
    ...chart('time-tokens', 'Tokens (per second)', { label: '', unit: 'tok/s' }, [
      line('output', 0, time.output_tps),
      line('input', 1, time.input_tps),
    ]),
    ...chart('time-failures', 'Failures (requests)', { label: '', unit: 'requests' }, failures),
  ];
}

/** Returns bars on top of each other, the highest first, so that the others cover it. */
function stacked(columns: readonly (readonly [label: string, counts: readonly number[]])[]): Line[] {
  const tops: number[] = [];
  return columns
    .map(([label, counts], at): Line => {
      counts.forEach((count, bin) => {
        tops[bin] = (tops[bin] ?? 0) + count;
      });
      return { label, shape: 'bar', style: at + 3, ys: [...counts], tops: [...tops] };
    })
    .toReversed();
}

/** Returns the charts of single requests. */
export function requestCharts({ points }: Pick<SeriesDocument, 'points'>): PlacedChart[] {
  const scatter = (
    id: string,
    title: string,
    xColumns: readonly string[],
    yColumns: readonly string[],
    label: string,
  ): PlacedChart => {
    const columns = points as unknown as Readonly<Record<string, Column>>;
    const ys = yColumns.flatMap((name) => columns[name]!);
    const y = latencyAxis([ys]);
    return place(
      { kind: 'scatter', id, x: { label, unit: 'tokens' }, y, xColumns, yColumns },
      titled(title, y),
      `${points.listed} requests; ${rangeText('values', ys, 'ms')}.`,
      'high',
    );
  };
  const hasInput = hasValues([points.input_tokens, points.planned_input]);
  return [
    ...(hasInput
      ? [
          scatter(
            'ttft-by-input',
            'TTFT by input tokens',
            ['input_tokens', 'planned_input'],
            ['ttft_ms', 'ended_ms'],
            'input tokens',
          ),
        ]
      : []),
    scatter(
      'e2e-by-output',
      'E2E by output tokens',
      ['output_tokens'],
      ['e2e_ms', 'ended_ms'],
      'output tokens',
    ),
  ];
}
