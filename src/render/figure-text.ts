import type { ComparedFigure } from '../compare/document.ts';
import { duration, share, significant } from './format.ts';
import type { NamedFigure } from './pairs.ts';
import type { Page } from './style.ts';
import { perEvent } from './token-unit.ts';

/** Figures of comparisons for people. */

export function valueText(value: number | null, unit: string, page: Page): string {
  if (value === null) return page.ink.faint(page.signs.none);
  if (unit === 'ms') return duration(value);
  if (unit === 'ratio') return share(value);
  return `${significant(value)} ${unit}`;
}

/** Never a bare percentage: without an interval there is no difference to show. */
export function differenceCells(
  { diff_pct, low_pct, high_pct, low, high }: ComparedFigure,
  page: Page,
): [string, string] {
  if (diff_pct === null || (low === null && high === null)) return [page.ink.faint(page.signs.none), ''];
  const end = (value: number | null): string => (value === null ? 'open' : signed(value));
  return [signed(diff_pct), `${end(low_pct)} to ${end(high_pct)}`];
}

export const signed = (percent: number): string => {
  const size = Math.abs(percent);
  const text = size >= 10 ? size.toFixed(1) : size.toFixed(2);
  return `${percent < 0 && Number(text) !== 0 ? '-' : '+'}${text}%`;
};

/** `ttft mean: 27.3 ms in base, 30.1 ms in new, +10.2% (+8.10% to +12.3%): worse`. */
export function figureSentence(
  { name, figure }: NamedFigure,
  sides: { base: string; new: string },
  page: Page,
): string {
  const value = (side: 'base' | 'new'): string =>
    `${valueText(figure[side], figure.unit, page)} in ${sides[side]}`;
  const [difference, interval] = differenceCells(figure, page);
  const told = interval === '' ? [] : [`${difference} (${interval})`];
  const why = figure.why === null ? '' : ` (${figure.why})`;
  return `${name}${perEvent(figure)}: ${[value('base'), value('new'), ...told].join(', ')}: ${figure.verdict}${why}`;
}
