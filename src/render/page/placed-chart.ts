import type { Axis, Chart, Line } from './browser/chart.ts';
import { type Unit, unitText } from './browser/unit-text.ts';
import { type FigureSize, figure } from './figure.ts';
import { type Html, html, NOTHING } from './html.ts';

type Column = readonly (number | null)[];

/** A chart with its place in the page. */
export interface PlacedChart {
  chart: Chart;
  place: Html;
}

/** The charts of a page, in the order in which they are placed. */
export class PlacedCharts {
  readonly charts: Chart[] = [];

  /** Returns the places of charts, side by side; nothing without any. */
  draw(placed: readonly PlacedChart[], className = 'charts'): Html {
    this.charts.push(...placed.map(({ chart }) => chart));
    return placed.length === 0
      ? NOTHING
      : html`<div class="${className}">${placed.map((each) => each.place)}</div>`;
  }
}

/** Returns a chart with its place under a title. */
export const place = (
  chart: Chart,
  title: string,
  summary: string,
  size: FigureSize = 'normal',
  note = '',
): PlacedChart => ({
  chart,
  place: figure(chart.id, title, summary, { size, note }),
});

/** Charts with this key share cursor and zoom. */
export const TIME = 'time';
const LOG_ABOVE = 30;
const IN_SECONDS = 5000;

/** Returns the axis of a latency: logarithmic if the values span orders of magnitude, which a linear one would hide. */
export function latencyAxis(columns: readonly Column[]): Axis {
  const values = columns.flat().filter((value) => value !== null && value > 0);
  const isLog = values.length > 0 && max(values) > LOG_ABOVE * min(values);
  const inSeconds = values.length > 0 && max(values) >= IN_SECONDS;
  return { label: '', unit: 'ms', ...(isLog ? { isLog } : {}), ...(inSeconds ? { inSeconds } : {}) };
}

/** Returns the largest value; −∞ without any. */
export const max = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? -Infinity), -Infinity);
const min = (values: readonly (number | null)[]): number =>
  values.reduce<number>((least, value) => Math.min(least, value ?? Infinity), Infinity);

/** Returns a title with the unit of its axis. */
export const titled = (title: string, { isLog, inSeconds }: Axis): string =>
  `${title} (${inSeconds === true ? 's' : 'ms'}${isLog === true ? ', log scale' : ''})`;

/** Returns the lowest and highest value in words. */
export function rangeText(label: string, values: Column, unit: Unit): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return `${label}: no values`;
  return `${label} from ${unitText(min(known), unit)} to ${unitText(max(known), unit)}`;
}

/** Returns the ranges of lines in words, for those who do not see them. */
export const summaryOf = (lines: readonly Pick<Line, 'label' | 'ys'>[], unit: Unit): string =>
  `${lines.map(({ label, ys }) => rangeText(label, [...ys], unit)).join('; ')}.`;

/** Returns true if any column has a value. */
export const hasValues = (columns: readonly (Column | undefined)[]): boolean =>
  columns.some((column) => column?.some((value) => value !== null) === true);
