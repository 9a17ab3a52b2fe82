import type { Line } from './chart.ts';
import { type Unit, unitText } from './unit-text.ts';

/** Returns a value of a line as text: `–` for none, with `≥` for a lower bound. */
export function valueText({ ys, isBound }: Pick<Line, 'ys' | 'isBound'>, at: number, unit: Unit): string {
  const value = ys[at] ?? null;
  if (value === null) return '–';
  return `${isBound === true ? '≥ ' : ''}${unitText(value, unit)}`;
}
