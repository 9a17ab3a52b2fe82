import type { Report } from '../../analysis/report.ts';
import type { Interval } from '../../statistics/interval.ts';
import { duration, plural, share, significant } from '../../numbers.ts';
import { entry } from '../layout/layout.ts';
import type { Page } from '../layout/style.ts';

/** The figures that are shown; the others are in the summary document. */
const FIGURES: readonly (readonly [metric: string, figure: string])[] = [
  ['ttft', 'mean'],
  ['ttft', 'p95'],
  ['tpot', 'mean'],
];

/** Returns the intervals of the figures, which account for queueing, or why there are none. */
export function intervals({ intervals: found, counts }: Report, page: Page): string[] {
  const independent = plural(Math.max(1, Math.floor(found.effective)), 'independent request');
  const size = `${plural(found.requests, 'request')}, equivalent to ${independent}`;
  if (counts.cohort === 0 || found.why === 'lost') return [];
  if (found.why === 'load') return entry('Intervals', 'none: the plan changes the rate', page);
  if (found.length === 'inconclusive') {
    const needed = found.needed === null ? '' : `; about ${plural(found.needed, 'request')} are needed`;
    return entry('Intervals', `none, the run is too short: ${size}${needed}`, page);
  }
  const texts = [
    ...FIGURES.map(([metric, figure]) =>
      range(`${metric} ${figure}`, found.metrics[metric]?.[figure], ms, page),
    ),
    range('attainment', found.rates['attainment'], share, page),
    range('goodput', found.rates['goodput_rps'], (value) => `${significant(value)} req/s`, page),
  ].filter((text) => text !== null);
  const short = found.length === 'short' ? 'short run: ' : '';
  return entry('Intervals', `95%: ${texts.join('; ')} (${short}${size})`, page);
}

const ms = (value: number): string => duration(value);

function range(
  label: string,
  interval: Interval | undefined,
  format: (value: number) => string,
  page: Page,
): string | null {
  if (interval === undefined) return null;
  const { low, high } = interval;
  if (low === null) return high === null ? null : `${label} up to ${format(high)}`;
  return high === null
    ? `${label} ${page.signs.atLeast}${format(low)}`
    : `${label} ${format(low)} to ${format(high)}`;
}
