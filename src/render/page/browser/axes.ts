import type uPlotType from 'uplot';
import type { Axis, Chart, Line } from './chart.ts';
import { colour } from './theme.ts';
import { tickText } from './unit-text.ts';

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const AXIS_SIZE = 58;

/** Returns the scale of an axis. That of y begins at 0 unless it is logarithmic, and contains bands, and limits that are near. */
export function scaleOf(
  { isLog, min, max }: Axis,
  isY: boolean,
  lines: readonly Pick<Line, 'low' | 'high'>[] = [],
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
      const highs = lines.flatMap(({ high = [] }) => high.filter((each) => each !== null));
      const lows = lines.flatMap(({ low = [] }) => low.filter((each) => each !== null));
      const top = Math.max(to ?? 1, ...highs, ...tops.filter((at) => at <= 4 * (to ?? 1)));
      const bottom = Math.min(from ?? 1, ...lows);
      if (isLog === true) return [bottom * 0.85, Math.max(top, bottom * 1.5) * 1.2];
      return [min ?? 0, max ?? (top <= 0 ? 1 : top * 1.06)];
    },
  };
}

/** The scale of an axis with room on both sides, so that no point is cut. */
export function spacious(axis: Axis): uPlotType.Scale {
  return {
    ...scaleOf(axis, false),
    range: (_, from, to) => {
      const [least, most] = [from ?? 0, to ?? 1];
      if (axis.isLog === true) {
        const factor = Math.max((most / least) ** 0.04, most > least ? 1 : 2);
        return [least / factor, most * factor];
      }
      const room =
        axis.hasRoom === true && most > least ? 0.05 * (most - least) : Math.max(1, 0.02 * (most - least));
      return [least - room, most + room];
    },
  };
}

export function axisOf({ label, unit, ticks, isLog, inSeconds }: Axis, side: 'x' | 'y'): uPlotType.Axis {
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
