import type { Line } from './chart.ts';
import { type Unit, unitText } from './unit-text.ts';

/** Returns a value of a line as text: `–` for none, with `≥` for a lower bound. */
export function valueText({ ys, boundFrom }: Pick<Line, 'ys' | 'boundFrom'>, at: number, unit: Unit): string {
  const value = ys[at] ?? null;
  if (value === null) return '–';
  return `${boundFrom != null && at >= boundFrom ? '≥ ' : ''}${unitText(value, unit)}`;
}
