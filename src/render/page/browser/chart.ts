/** Charts as data: the page draws them as they are and computes nothing. */

import type { Unit } from './unit-text.ts';

export interface Axis {
  label: string;
  unit: Unit;
  isLog?: boolean;
  /** Milliseconds are labelled in seconds. */
  inSeconds?: boolean;
  /** Where the axis has labels, if not at round numbers. */
  ticks?: readonly { at: number; text: string }[];
  min?: number;
  max?: number;
  /** True for an axis that is a little longer than its values, so that no point is cut. */
  hasRoom?: boolean;
}

export interface Line {
  label: string;
  /** `points`: markers, with a bar from `low` to `high`. `trace`: markers that are joined in `order`. */
  shape: 'line' | 'step' | 'bar' | 'points' | 'trace';
  /** Index of its colour, dash and marker. */
  style: number;
  ys: readonly (number | null)[];
  /** Where the line is drawn, if it is stacked on others. */
  tops?: readonly (number | null)[];
  /** A band around the line. */
  low?: readonly (number | null)[];
  high?: readonly (number | null)[];
  /** True for a line that joins its values across missing ones. */
  isJoined?: boolean;
  /** Indices of the x values in the order in which a trace joins them. */
  order?: readonly number[];
  /** Radius of the markers, in CSS pixels. */
  radius?: number;
  /** True for a continuation of another line, drawn with dashes, whose values are lower bounds. */
  isBound?: boolean;
}

interface Figure {
  id: string;
  x: Axis;
  y: Axis;
  limits?: readonly { at: number; text: string }[];
  /** Vertical lines. */
  marks?: readonly { at: number; text: string }[];
}

/** Lines over common x values. */
export interface LineChart extends Figure {
  kind: 'lines';
  xs: readonly number[];
  /** Text of each x value in tables; default: the value with its unit. */
  xTexts?: readonly string[];
  lines: readonly Line[];
  /** Periods with a background. */
  shades?: readonly { from: number; to: number; text: string }[];
  /** Charts with the same key share cursor and zoom. */
  sync?: string;
}

/** Requests as points, whose columns are in the `points` of the page. */
export interface ScatterChart extends Figure {
  kind: 'scatter';
  /** Columns for x and y: the first that has a value. */
  xColumns: readonly string[];
  yColumns: readonly string[];
}

export type Chart = LineChart | ScatterChart;

/** Columns of requests, as in the series document. */
export interface PointTable {
  judgements: readonly string[];
  outcomes: readonly string[];
  i: readonly number[];
  judgement: readonly number[];
  outcome: readonly number[];
  [column: string]: unknown;
}

/** The data of a page. */
export interface PageData {
  charts: readonly Chart[];
  points: PointTable | null;
}
