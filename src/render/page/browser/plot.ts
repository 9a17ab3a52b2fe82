import type uPlotType from 'uplot';
import { axisOf, scaleOf, spacious } from './axes.ts';
import { drawBands, drawLimits, drawMarks, drawShades, drawShadeTexts } from './backdrop.ts';
import type { Axis, Chart, Line } from './chart.ts';
import { markersPath, stepsPath, tracePath } from './paths.ts';
import { dashOf, styleColour } from './theme.ts';

declare const uPlot: typeof uPlotType;

/** A line as it is drawn: aligned with the x values. */
export type Drawn = Line;

/** Receives the index of the x value under the cursor; `null`: none. */
export type OnCursor = (at: number | null) => void;

/** Makes the canvas of a chart: axes, grid, lines with their bands, limits, shaded periods, a cursor. */
export function plotOf(
  chart: Chart,
  xs: readonly number[],
  lines: readonly Drawn[],
  target: HTMLElement,
  onCursor: OnCursor,
): uPlotType {
  const data: (readonly (number | null)[])[] = [xs];
  const series: uPlotType.Series[] = [{}];
  for (const line of lines) {
    series.push(seriesOf(line, chart));
    data.push(usable(line.tops ?? line.ys, chart.y));
  }
  const shades = chart.kind === 'lines' ? (chart.shades ?? []) : [];
  const sync = chart.kind === 'lines' ? chart.sync : undefined;
  const plot = new uPlot(
    {
      ...sizeIn(target),
      series,
      scales: {
        x: chart.kind === 'scatter' || chart.x.hasRoom === true ? spacious(chart.x) : scaleOf(chart.x, false),
        y: scaleOf(chart.y, true, lines, chart.limits),
      },
      axes: [axisOf(chart.x, 'x'), axisOf(chart.y, 'y')],
      padding: [10, chart.x.ticks === undefined ? 14 : 24, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: true, y: false, dist: 4 },
        points: { size: 7 },
        ...(sync === undefined ? {} : { sync: { key: sync, setSeries: false } }),
      },
      hooks: {
        drawClear: [(u) => drawShades(u, shades)],
        drawAxes: [(u) => drawBands(u, lines)],
        draw: [(u) => drawLimits(u, chart), (u) => drawMarks(u, chart), (u) => drawShadeTexts(u, shades)],
        setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
        setScale: [
          (u, key) => {
            if (key === 'x') u.root.dispatchEvent(new CustomEvent('zoom', { bubbles: true }));
          },
        ],
      },
    },
    data as uPlotType.AlignedData,
    target,
  );
  return plot;
}

/** Returns the size of a chart within its element. */
export const sizeIn = (target: HTMLElement): { width: number; height: number } => ({
  width: Math.max(240, Math.floor(target.clientWidth)),
  height: Math.max(120, Math.floor(target.clientHeight)),
});

/** A logarithmic axis has no zero. */
const usable = (ys: readonly (number | null)[], { isLog }: Axis): readonly (number | null)[] =>
  isLog === true ? ys.map((y) => (y === null || y <= 0 ? null : y)) : ys;

function seriesOf(line: Drawn, chart: Chart): uPlotType.Series {
  const stroke = (): string => styleColour(line.style);
  const base: uPlotType.Series = {
    label: line.label,
    stroke,
    width: 1.75,
    dash: line.isBound === true ? [2, 3] : dashOf(line.style),
  };
  switch (line.shape) {
    case 'step':
      return { ...base, dash: [], paths: stepsPath, points: { show: false } };
    case 'bar':
      return {
        ...base,
        dash: [],
        width: 0,
        fill: () => `${styleColour(line.style)}b3`,
        paths: uPlot.paths.bars!({ align: 1, size: [1, 400, 1], gap: 1 }),
        points: { show: false },
      };
    case 'points':
      return {
        ...base,
        dash: [],
        width: 1.25,
        paths: markersPath(line, chart),
        points: { show: false },
      };
    case 'trace':
      return { ...base, width: 1.5, paths: tracePath(line), points: { show: false } };
    default:
      return {
        ...base,
        spanGaps: line.isJoined === true,
        points: { show: line.isJoined !== true && showsPoints(line.ys), size: 5 },
      };
  }
}

/** Few values get a point each; a value between two gaps would be invisible without one. */
const showsPoints = (ys: readonly (number | null)[]): boolean =>
  ys.filter((y) => y !== null).length <= 64 ||
  ys.some((y, at) => y !== null && (ys[at - 1] ?? null) === null && (ys[at + 1] ?? null) === null);

const groups = new Map<string, uPlotType[]>();

/** Lets the keys of a chart zoom the other charts of its group, as the mouse does. */
export function joinGroup(key: string, plot: uPlotType): void {
  groups.set(key, [...(groups.get(key) ?? []), plot]);
}

/** Zooms a chart and those of its group; without a range, each to all of its values. */
export function zoomTo(plot: uPlotType, range: { min: number; max: number } | null): void {
  const group = [...groups.values()].find((plots) => plots.includes(plot)) ?? [plot];
  for (const each of group) {
    const xs = each.data[0];
    each.setScale('x', range ?? { min: xs[0]!, max: xs[xs.length - 1]! });
  }
}

/** Returns true if a chart shows less than all of its values. */
export function isZoomed({ data: [xs], scales }: uPlotType): boolean {
  const { min, max } = scales['x']!;
  return (min ?? -Infinity) > xs[0]! || (max ?? Infinity) < xs[xs.length - 1]!;
}
