import type { ComparedFigure } from '../../compare/comparison-document.ts';
import { decimal, duration, share, significant } from '../../numbers.ts';
import type { NamedFigure } from './pairs.ts';
import type { Page } from '../layout/style.ts';
import { perEvent } from '../layout/per-event.ts';

/** Texts of the figures of a comparison. */

export function valueText(value: number | null, unit: string, page: Page): string {
  if (value === null) return page.ink.faint(page.signs.none);
  if (unit === 'ms') return duration(value);
  if (unit === 'ratio') return share(value);
  return `${significant(value)} ${unit}`;
}

/** Mark of a difference from short runs; a line below explains it. */
const SHORT = '*';

export const TOO_FEW = 'too few data';

type Shown = Pick<
  ComparedFigure,
  'unit' | 'diff' | 'low' | 'high' | 'diff_pct' | 'low_pct' | 'high_pct' | 'why'
>;

/** A difference with its interval, in percentage points for shares, in percent of the base for all others. */
interface Sized {
  unit: '%' | 'pp';
  value: number | null;
  low: number | null;
  high: number | null;
}

export function sizeOf({ unit, diff, low, high, diff_pct, low_pct, high_pct }: Omit<Shown, 'why'>): Sized {
  if (unit !== 'ratio') return { unit: '%', value: diff_pct, low: low_pct, high: high_pct };
  const points = (part: number | null): number | null => (part === null ? null : part * 100);
  return { unit: 'pp', value: points(diff), low: points(low), high: points(high) };
}

/** Returns true if an interval contains zero and passes 100% (or percentage points) on a side: the figure could be unchanged or twice as large. */
const isTooWide = ({ low, high }: Sized): boolean =>
  (low === null || low <= 0) &&
  (high === null || high >= 0) &&
  (low === null || low <= -100 || high === null || high > 100);

/** Returns the cells of a difference and its interval. A difference without an interval is not shown. */
export function differenceCells(figure: Shown, page: Page, isShort = false): [string, string] {
  const none = page.ink.faint(page.signs.none);
  const sized = sizeOf(figure);
  const { value, low, high, unit } = sized;
  if (value === null || (low === null && high === null && figure.why !== null)) return [none, ''];
  if (isTooWide(sized)) return [none, TOO_FEW];
  return [signed(value, unit) + (isShort ? SHORT : ''), rangeText(sized)];
}

function signed(value: number, unit: Sized['unit'] | ''): string {
  const size = Math.abs(value);
  const text = decimal(size, size >= 100 ? 0 : size >= 10 ? 1 : 2);
  return `${value < 0 && Number(text) !== 0 ? '-' : '+'}${text}${unit === 'pp' ? ' pp' : unit}`;
}

/** `+8.10% to +12.3%`, `-0.40 to +1.20 pp`. */
function rangeText({ low, high, unit }: Sized): string {
  if (low === null || high === null)
    return `${low === null ? 'open' : signed(low, unit)} to ${high === null ? 'open' : signed(high, unit)}`;
  return `${signed(low, unit === 'pp' ? '' : unit)} to ${signed(high, unit)}`;
}

/** The difference the other way round: base − new, in percent of the new. */
export function reversed({ unit, new: base, diff, low, high, why }: ComparedFigure): Shown {
  const turned = (part: number | null): number | null => (part === null ? null : -part);
  const percent = (part: number | null): number | null =>
    part === null || base === null || base === 0 ? null : (part / Math.abs(base)) * 100;
  const ends = { diff: turned(diff), low: turned(high), high: turned(low) };
  return {
    unit,
    why,
    ...ends,
    diff_pct: percent(ends.diff),
    low_pct: percent(ends.low),
    high_pct: percent(ends.high),
  };
}

/** `+10.2%, +8.10% to +12.3%`; empty where there is nothing to show. */
export function differenceText(figure: Shown, page: Page, isShort = false): string {
  const [difference, interval] = differenceCells(figure, page, isShort);
  if (interval === '') return '';
  return interval === TOO_FEW ? TOO_FEW : `${difference}, ${interval}`;
}

/** `ttft mean: 27.3 ms in base, 30.1 ms in new (+10.2%, +8.10% to +12.3%): worse`. */
export function figureSentence(
  { name, figure }: NamedFigure,
  sides: { base: string; new: string },
  page: Page,
  isShort = false,
): string {
  const value = (side: 'base' | 'new'): string =>
    `${valueText(figure[side], figure.unit, page)} in ${sides[side]}`;
  const difference = differenceText(figure, page, isShort);
  const inBrackets = difference === '' ? '' : ` (${difference})`;
  const why = figure.why === null ? '' : ` (${figure.why})`;
  return `${name}${perEvent(figure)}: ${value('base')}, ${value('new')}${inBrackets}: ${figure.verdict}${why}`;
}
