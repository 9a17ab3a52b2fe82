import type uPlotType from 'uplot';
import type { Chart } from './chart.ts';
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
export function markersPath(style: number, chart: Chart): uPlotType.Series.PathBuilder {
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
