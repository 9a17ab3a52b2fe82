import type uPlotType from 'uplot';
import type { Chart, Line, LineChart } from './chart.ts';
import { colour, styleColour } from './theme.ts';

/** The parts behind and over the lines of a chart: periods, bands, limits. */

type Shades = NonNullable<LineChart['shades']>;

export function drawShades(u: uPlotType, shades: Shades): void {
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
export function drawShadeTexts(u: uPlotType, shades: Shades): void {
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

export function drawLimits(u: uPlotType, { limits = [], y }: Chart): void {
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

/** Draws vertical lines, each with its text in a row of its own. */
export function drawMarks(u: uPlotType, { marks = [] }: Chart): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.strokeStyle = colour('text');
  ctx.lineWidth = 1.25 * devicePixelRatio;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = 'bottom';
  for (const [row, { at, text }] of marks.entries()) {
    const left = u.valToPos(at, 'x', true);
    if (!(left >= bbox.left && left <= bbox.left + bbox.width)) continue;
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(left, bbox.top);
    ctx.lineTo(left, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(text).width + 8 * devicePixelRatio;
    const isRight = left + width <= bbox.left + bbox.width;
    const edge = isRight ? left + 1 : left - width - 1;
    const bottom = bbox.top + bbox.height - (4 + 15 * row) * devicePixelRatio;
    ctx.globalAlpha = 0.75;
    ctx.fillStyle = colour('bg');
    ctx.fillRect(edge, bottom - 14 * devicePixelRatio, width, 14 * devicePixelRatio);
    ctx.globalAlpha = 1;
    ctx.fillStyle = colour('text');
    ctx.fillText(text, edge + 4 * devicePixelRatio, bottom);
  }
  ctx.restore();
}

/** Draws the bands of the lines that are shown: a step is as wide as its part, other known ends are joined by straight lines; points have a bar each. */
export function drawBands(
  u: uPlotType,
  lines: readonly Pick<Line, 'shape' | 'style' | 'low' | 'high'>[],
): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const [k, { shape, style, low, high }] of lines.entries()) {
    if (low === undefined || high === undefined || u.series[k + 1]!.show === false) continue;
    if (shape === 'points') {
      ctx.strokeStyle = `${styleColour(style)}99`;
      ctx.lineWidth = 1.5 * devicePixelRatio;
      ctx.stroke(bars(u, low, high));
      continue;
    }
    ctx.fillStyle = `${styleColour(style)}26`;
    ctx.fill(shape === 'step' ? stepBand(u, low, high) : lineBand(u, low, high));
  }
  ctx.restore();
}

type Ends = readonly (number | null)[];

function bars(u: uPlotType, low: Ends, high: Ends): Path2D {
  const path = new Path2D();
  for (const [at, x] of u.data[0].entries()) {
    const [bottom, top] = [low[at] ?? null, high[at] ?? null];
    if (bottom === null || top === null) continue;
    const left = u.valToPos(x, 'x', true);
    path.moveTo(left, u.valToPos(bottom, 'y', true));
    path.lineTo(left, u.valToPos(top, 'y', true));
  }
  return path;
}

function stepBand(u: uPlotType, low: Ends, high: Ends): Path2D {
  const path = new Path2D();
  const xs = u.data[0];
  for (let at = 0; at + 1 < xs.length; at++) {
    const [bottom, top] = [low[at] ?? null, high[at] ?? null];
    if (bottom === null || top === null) continue;
    const [left, right] = [u.valToPos(xs[at]!, 'x', true), u.valToPos(xs[at + 1]!, 'x', true)];
    const y = u.valToPos(top, 'y', true);
    path.rect(left, y, right - left, u.valToPos(bottom, 'y', true) - y);
  }
  return path;
}

function lineBand(u: uPlotType, low: Ends, high: Ends): Path2D {
  const path = new Path2D();
  const xs = u.data[0];
  const known = Array.from(xs, (_, at) => at).filter(
    (at) => (low[at] ?? null) !== null && (high[at] ?? null) !== null,
  );
  const at = (k: number, ends: Ends): [number, number] => [
    u.valToPos(xs[k]!, 'x', true),
    u.valToPos(ends[k]!, 'y', true),
  ];
  for (const [n, k] of known.entries()) {
    if (n === 0) path.moveTo(...at(k, high));
    else path.lineTo(...at(k, high));
  }
  for (const k of known.toReversed()) path.lineTo(...at(k, low));
  path.closePath();
  return path;
}
