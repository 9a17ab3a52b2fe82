import type uPlotType from 'uplot';
import type { Axis, Chart, Line, LineChart } from './chart.ts';
import { isOpenMarker, marker } from './markers.ts';
import { colour, dashOf, styleColour } from './theme.ts';
import { tickText } from './unit-text.ts';

declare const uPlot: typeof uPlotType;

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const AXIS_SIZE = 58;

/** A line as it is drawn: aligned with the x values. */
export type Drawn = Pick<Line, 'label' | 'shape' | 'style' | 'ys' | 'tops' | 'low' | 'high' | 'isBound'>;

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
  const bands: uPlotType.Band[] = [];
  for (const line of lines) {
    series.push(seriesOf(line, chart));
    data.push(usable(line.tops ?? line.ys, chart.y));
  }
  for (const line of lines) {
    if (line.low === undefined || line.high === undefined) continue;
    const at = series.length;
    // Straight lines join the known ends.
    const edge: uPlotType.Series = {
      label: '',
      stroke: () => 'transparent',
      spanGaps: true,
      ...(line.shape === 'step' ? { paths: uPlot.paths.stepped!({ align: 1 }) } : {}),
      points: { show: false },
    };
    series.push({ ...edge }, { ...edge });
    data.push(usable(line.high, chart.y), usable(line.low, chart.y));
    bands.push({ series: [at, at + 1], fill: () => `${styleColour(line.style)}26` });
  }
  const sync = chart.kind === 'lines' ? chart.sync : undefined;
  const plot = new uPlot(
    {
      ...sizeIn(target),
      series,
      bands,
      scales: {
        x: chart.kind === 'scatter' ? spacious(chart.x) : scaleOf(chart.x, false),
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
        drawClear: chart.kind === 'lines' ? [(u) => drawShades(u, chart)] : [],
        draw: [
          (u) => drawLimits(u, chart),
          ...(chart.kind === 'lines' ? [(u: uPlotType) => drawShadeTexts(u, chart)] : []),
        ],
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
      return { ...base, paths: uPlot.paths.stepped!({ align: 1 }), points: { show: false } };
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
        paths: markersPath(line.style, chart),
        points: { show: false },
      };
    default:
      return { ...base, spanGaps: false, points: { show: showsPoints(line.ys), size: 5 } };
  }
}

/** Few values get a point each; a value between two gaps would be invisible without one. */
const showsPoints = (ys: readonly (number | null)[]): boolean =>
  ys.filter((y) => y !== null).length <= 64 ||
  ys.some((y, at) => y !== null && (ys[at - 1] ?? null) === null && (ys[at + 1] ?? null) === null);

function markersPath(style: number, chart: Chart): uPlotType.Series.PathBuilder {
  return (u, seriesIdx) => {
    const path = new Path2D();
    const xs = u.data[0];
    const ys = u.data[seriesIdx]!;
    const radius =
      (xs.length > 2000 ? 1.8 : xs.length > 300 || chart.kind === 'lines' ? 2.3 : 3) * devicePixelRatio;
    const { min: left, max: right } = u.scales['x']!;
    for (let at = 0; at < xs.length; at++) {
      const y = ys[at];
      if (y === null || y === undefined || xs[at]! < left! || xs[at]! > right!) continue;
      marker(path, style, u.valToPos(xs[at]!, 'x', true), u.valToPos(y, 'y', true), radius);
    }
    return {
      stroke: path,
      fill: isOpenMarker(style) ? null : path,
      flags: 3,
      _fill: `${styleColour(style)}80`,
    };
  };
}

function scaleOf(
  { isLog, min, max }: Axis,
  isY: boolean,
  lines: readonly Drawn[] = [],
  limits: Chart['limits'] = [],
): uPlotType.Scale {
  const shape: uPlotType.Scale = {
    time: false,
    ...(isLog === true ? { distr: 3 as const, log: 10 as const } : {}),
  };
  if (!isY)
    return min === undefined || max === undefined
      ? shape
      : { ...shape, range: (_, from, to) => [from ?? min, to ?? max] };
  return {
    ...shape,
    range: (_, from, to) => {
      if (min !== undefined && max !== undefined) return [min, max];
      const tops = lines.length === 0 ? [] : limits.map(({ at }) => at);
      const top = Math.max(to ?? 1, ...tops.filter((at) => at <= 4 * (to ?? 1)));
      if (isLog === true) return [(from ?? 1) * 0.85, Math.max(top, (from ?? 1) * 1.5) * 1.2];
      return [min ?? 0, max ?? (top <= 0 ? 1 : top * 1.06)];
    },
  };
}

/** The scale of an axis with room on both sides, so that no point is cut. */
function spacious(axis: Axis): uPlotType.Scale {
  return {
    ...scaleOf(axis, false),
    range: (_, from, to) => {
      const room = Math.max(1, 0.02 * ((to ?? 1) - (from ?? 0)));
      return [(from ?? 0) - room, (to ?? 1) + room];
    },
  };
}

function axisOf({ label, unit, ticks, isLog, inSeconds }: Axis, side: 'x' | 'y'): uPlotType.Axis {
  const grid = { stroke: () => colour('grid'), width: 1 };
  return {
    stroke: () => colour('faint'),
    font: FONT,
    labelFont: FONT,
    grid: side === 'x' ? { ...grid, show: ticks !== undefined } : grid,
    ticks: { ...grid, size: 4 },
    size: side === 'x' ? 34 : AXIS_SIZE,
    space: side === 'x' ? 64 : 32,
    ...(side === 'x' ? { label, labelSize: 18, size: 30, labelGap: 0 } : {}),
    ...(ticks !== undefined
      ? {
          splits: (_: uPlotType, __: number, from: number, to: number) =>
            ticks.map(({ at }) => at).filter((at) => at >= from && at <= to),
          values: (u: uPlotType, splits: number[]) => spaced(u, splits, ticks),
          filter: (_: uPlotType, splits: number[]) => splits,
        }
      : {
          values: (_: uPlotType, splits: number[]) =>
            splits.map((at) => tickText(inSeconds === true ? at / 1000 : at, unit)),
          ...(isLog === true
            ? { splits: logSplits, filter: (_: uPlotType, splits: number[]) => splits }
            : {}),
        }),
  };
}

/** Returns powers of ten, and 2 and 5 times them if there are few. */
function logSplits(_: uPlotType, __: number, min: number, max: number): number[] {
  const steps = max / min > 300 ? [1] : [1, 2, 5];
  const powers = Array.from(
    { length: Math.ceil(Math.log10(max / min)) + 2 },
    (___, k) => Math.floor(Math.log10(min)) + k,
  );
  return powers
    .flatMap((power) => steps.map((step) => Number(`${step}e${power}`)))
    .filter((at) => at >= min && at <= max);
}

/** Returns the texts of given ticks, without those that would overlap the one before. */
function spaced(u: uPlotType, splits: readonly number[], ticks: NonNullable<Axis['ticks']>): string[] {
  let right = -Infinity;
  return splits.map((at) => {
    const text = ticks.find((tick) => tick.at === at)?.text ?? '';
    const x = u.valToPos(at, 'x');
    if (x - 4 * text.length < right + 8) return '';
    right = x + 4 * text.length;
    return text;
  });
}

function drawShades(u: uPlotType, { shades = [] }: LineChart): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = colour('shade');
  for (const { from, to } of shades) {
    const [left, right] = shadeEdges(u, from, to);
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** Names the periods that are wide enough for it, above the grid. */
function drawShadeTexts(u: uPlotType, { shades = [] }: LineChart): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  for (const { from, to, text } of shades) {
    const [left, right] = shadeEdges(u, from, to);
    const width = ctx.measureText(text).width;
    if (width + 8 * devicePixelRatio > right - left) continue;
    ctx.fillStyle = colour('shade');
    ctx.fillRect(left, bbox.top, width + 8 * devicePixelRatio, 15 * devicePixelRatio);
    ctx.fillStyle = colour('faint');
    ctx.fillText(text, left + 4 * devicePixelRatio, bbox.top + 2 * devicePixelRatio);
  }
  ctx.restore();
}

/** Returns the edges of a period within the plot, in canvas pixels. */
function shadeEdges(u: uPlotType, from: number, to: number): [left: number, right: number] {
  const { left, width } = u.bbox;
  const within = (at: number): number => Math.min(left + width, Math.max(left, u.valToPos(at, 'x', true)));
  return [within(from), within(to)];
}

function drawLimits(u: uPlotType, { limits = [], y }: Chart): void {
  const { ctx, bbox } = u;
  ctx.save();
  for (const { at, text } of limits) {
    if (y.isLog === true && at <= 0) continue;
    const top = u.valToPos(at, 'y', true);
    if (!(top >= bbox.top && top <= bbox.top + bbox.height)) continue;
    ctx.strokeStyle = colour('limit');
    ctx.fillStyle = colour('limit');
    ctx.lineWidth = 1.25 * devicePixelRatio;
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, top);
    ctx.lineTo(bbox.left + bbox.width, top);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    const isHigh = top - bbox.top < 16 * devicePixelRatio;
    ctx.textBaseline = isHigh ? 'top' : 'bottom';
    const width = ctx.measureText(text).width + 8 * devicePixelRatio;
    ctx.globalAlpha = 0.75;
    ctx.fillStyle = colour('bg');
    ctx.fillRect(
      bbox.left + bbox.width - width,
      top + (isHigh ? 2 : -16) * devicePixelRatio,
      width,
      14 * devicePixelRatio,
    );
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour('limit');
    ctx.fillText(
      text,
      bbox.left + bbox.width - 4 * devicePixelRatio,
      top + (isHigh ? 3 : -3) * devicePixelRatio,
    );
  }
  ctx.restore();
}

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
