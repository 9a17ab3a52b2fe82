import { metricNamed } from '../../metrics/registry.ts';
import type { ComparisonSeries, SideSpectrum } from '../../series/comparison-series.ts';
import { clean } from '../layout/clean.ts';
import type { Axis, Line, LineChart } from '../page/browser/chart.ts';
import { type Unit, unitText } from '../page/browser/unit-text.ts';
import { hasValues, latencyAxis, place, type PlacedChart, rangeText, titled } from '../page/placed-chart.ts';
import { percentileAxis, percentilePlace } from '../page/percentile-axis.ts';

/** A side's spectrum with its name and style. */
interface Drawn {
  name: string;
  style: number;
  spectrum: SideSpectrum;
}

/** Returns for each metric the percentiles of all sides, and their cumulative distributions. */
export function distributionCharts({ sides }: ComparisonSeries): PlacedChart[] {
  const metrics = [...new Set(sides.flatMap(({ spectra }) => spectra.map(({ metric }) => metric)))];
  return metrics.flatMap((metric) => {
    const drawn = sides.flatMap(({ name, spectra }, style): Drawn[] => {
      const spectrum = spectra.find((each) => each.metric === metric);
      return spectrum === undefined ? [] : [{ name: clean(name), style, spectrum }];
    });
    return [spectrumChart(metric, drawn), cumulativeChart(metric, drawn)];
  });
}

const summaryOf = (drawn: readonly Drawn[]): string =>
  `${drawn.map(({ name, spectrum: { percent, value } }) => `${name}: ${[50, 95, 99].map((p) => `p${p} ${textOf(value[percent.indexOf(p)] ?? null)}`).join(', ')}`).join('; ')}.`;

const textOf = (value: number | null): string => (value === null ? 'not shown' : unitText(value, 'ms'));

function spectrumChart(metric: string, drawn: readonly Drawn[]): PlacedChart {
  const { percent } = drawn[0]!.spectrum;
  const first = percent.indexOf(50);
  const last = Math.max(
    ...drawn.map(({ spectrum }) => spectrum.value.findLastIndex((each) => each !== null)),
  );
  const shown = percent.slice(first, Math.max(last, first + 1) + 1);
  const part = <T>(column: readonly T[]): T[] => column.slice(first, first + shown.length);
  const xs = shown.map(percentilePlace);
  const y = latencyAxis(drawn.map(({ spectrum }) => part(spectrum.value)));
  const lines = drawn.map(({ name, style, spectrum }): Line => {
    const band = hasValues([spectrum.low]) ? { low: part(spectrum.low), high: part(spectrum.high) } : {};
    return { label: name, shape: 'line', style, ys: part(spectrum.value), ...band };
  });
  return place(
    {
      kind: 'lines',
      id: `spectrum-${metric}`,
      x: percentileAxis(shown.at(-1)!),
      y,
      xs,
      xTexts: shown.map((each) => `p${each}`),
      lines,
    },
    titled(metricNamed(metric)!.label, y),
    summaryOf(drawn),
  );
}

function cumulativeChart(metric: string, drawn: readonly Drawn[]): PlacedChart {
  const points = drawn
    .flatMap(({ spectrum: { value, percent } }, line) =>
      value.flatMap((at, k) => (at === null ? [] : [{ at, share: percent[k]! / 100, line }])),
    )
    .toSorted((a, b) => a.at - b.at || a.share - b.share);
  const x = latencyAxis([points.map(({ at }) => at)]);
  const lines = drawn.map(({ name, style }, line): Line => ({
    label: name,
    shape: 'line',
    style,
    isJoined: true,
    ys: points.map((point) => (point.line === line ? point.share : null)),
  }));
  const title = metricNamed(metric)!.label;
  return place(
    {
      kind: 'lines',
      id: `cumulative-${metric}`,
      x: { ...x, label: titled(metric, x), hasRoom: true },
      y: { label: '', unit: 'ratio', min: 0, max: 1.02 },
      xs: points.map(({ at }) => at),
      lines,
    },
    `${title}: cumulative distribution (share of values at most x)`,
    summaryOf(drawn),
  );
}

const UNITS: ReadonlySet<string> = new Set<Unit>(['ms', 's', 'ratio', 'tok/s', 'req/s', 'tokens']);
const NAMES = new Map([['ratio', 'share']]);

/** Returns the deciding figures of every run; those without any value are left out. */
export function roundsCharts({ sides, rounds }: ComparisonSeries): PlacedChart[] {
  return rounds
    .filter((each) => hasValues(each.sides))
    .map(({ figure, unit, sides: columns }) => {
      const count = Math.max(...columns.map((column) => column.length));
      const drawn: Unit = UNITS.has(unit) ? (unit as Unit) : 'requests';
      const lines = columns.map((column, style): Line => ({
        label: clean(sides[style]!.name),
        shape: 'trace',
        style,
        order: column.map((_, at) => at),
        ys: Array.from({ length: count }, (_, at) => column[at] ?? null),
      }));
      const y: Axis = unit === 'ms' ? latencyAxis(columns) : { label: '', unit: drawn };
      const numbers = Array.from({ length: count }, (_, at) => at + 1);
      const chart: LineChart = {
        kind: 'lines',
        id: `rounds-${figure.replaceAll(/[^a-z0-9]/g, '-')}`,
        x: {
          label: 'run of each side, in the order of time',
          unit: 'requests',
          hasRoom: true,
          ticks: numbers.map((at) => ({ at, text: String(at) })),
        },
        y,
        xs: numbers,
        xTexts: numbers.map((at) => `run ${at}`),
        lines,
      };
      const title = unit === 'ms' ? titled(figure, y) : `${figure} (${NAMES.get(unit) ?? unit})`;
      const ranges = lines.map(({ label, ys }) => rangeText(label, ys, drawn)).join('; ');
      return place(chart, title, `${ranges}.`);
    });
}
