import type uPlotType from 'uplot';
import type { Chart, Line } from './chart.ts';
import { isOpenMarker, marker } from './markers.ts';
import { styleColour } from './theme.ts';

/** Draws each value from its x to the next one, and joins neighbours. */
export const stepsPath: uPlotType.Series.PathBuilder = (u, seriesIdx) => {
  const path = new Path2D();
  const xs = u.data[0];
  const ys = u.data[seriesIdx]!;
  for (let at = 0; at + 1 < xs.length; at++) {
    const y = ys[at];
    if (y === null || y === undefined) continue;
    const top = u.valToPos(y, 'y', true);
    const left = u.valToPos(xs[at]!, 'x', true);
    if ((ys[at - 1] ?? null) === null) path.moveTo(left, top);
    else path.lineTo(left, top);
    path.lineTo(u.valToPos(xs[at + 1]!, 'x', true), top);
  }
  return { stroke: path, fill: null, flags: 1 };
};

/** Draws a marker at each value. */
export function markersPath(
  { style, radius: given }: Pick<Line, 'style' | 'radius'>,
  chart: Chart,
): uPlotType.Series.PathBuilder {
  return (u, seriesIdx) => {
    const path = new Path2D();
    const xs = u.data[0];
    const ys = u.data[seriesIdx]!;
    const radius =
      (given ?? (xs.length > 2000 ? 1.8 : xs.length > 300 || chart.kind === 'lines' ? 2.3 : 3)) *
      devicePixelRatio;
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

/** Draws a marker at each value, and joins them in an order that may go back. */
export const tracePath =
  ({
    style,
    radius = 3.5,
    order = [],
  }: Pick<Line, 'style' | 'radius' | 'order'>): uPlotType.Series.PathBuilder =>
  (u, seriesIdx) => {
    const path = new Path2D();
    const markers = new Path2D();
    const points = order.flatMap((at) => {
      const y = u.data[seriesIdx]![at] ?? null;
      return y === null ? [] : [[u.valToPos(u.data[0][at]!, 'x', true), u.valToPos(y, 'y', true)] as const];
    });
    for (const [n, [left, top]] of points.entries()) {
      if (n === 0) path.moveTo(left, top);
      else path.lineTo(left, top);
      marker(markers, style, left, top, radius * devicePixelRatio);
    }
    path.addPath(markers);
    return { stroke: path, fill: isOpenMarker(style) ? null : markers, flags: 1, _fill: styleColour(style) };
  };
