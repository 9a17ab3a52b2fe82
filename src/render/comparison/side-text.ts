import type { ComparedSide } from '../../compare/comparison-document.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, tokens } from '../../numbers.ts';
import { displayWidth, truncate } from '../layout/wrap.ts';
import type { Page } from '../layout/style.ts';

/** Returns the name of a class of failures as reports show it. */
export const failureClass = (outcome: string): string =>
  outcome === 'rate_limited' ? 'rate-limited (429)' : outcome.replaceAll('_', ' ');

/** Returns the failures, the most frequent class first: `40 rate-limited (429), 3 timeout`; empty if nothing failed. */
export const failuresText = ({ failures }: Pick<ComparedSide, 'failures'>): string =>
  Object.entries(failures)
    .filter(([, requests]) => requests > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, requests]) => `${count(requests)} ${failureClass(outcome)}`)
    .join(', ');

/** Returns the error rate with the failures: `3.2%: 40 rate-limited (429)`, or `0%`. */
export function failedText(side: Pick<ComparedSide, 'failures' | 'error_rate'>, page: Page): string {
  const classes = failuresText(side);
  const rate = side.error_rate === null ? page.signs.none : share(side.error_rate);
  return classes === '' ? rate : `${rate}: ${classes}`;
}

export const cachedText = ({ cached_share }: Pick<ComparedSide, 'cached_share'>, page: Page): string =>
  cached_share === null ? page.signs.none : share(cached_share);

/** Returns the mean answer length of a side, and the source of its count; `null` if there is none. */
export function lengthText({ output_tokens, token_source }: ComparedSide): string | null {
  if (output_tokens === null) return null;
  return token_source === 'events'
    ? `${tokens(output_tokens)} events per answer, counted instead of tokens`
    : `${tokens(output_tokens)} tokens per answer by ${token_source ?? 'no source'}`;
}

export const requestsOf = ({ runs }: ComparedSide): number =>
  runs.reduce((sum, run) => sum + run.requests, 0);

/** Returns the folder of the only run, or the number of runs and the first folder: `3 runs, the first in reports/a-1`. */
export const whereText = ({ runs }: ComparedSide): string =>
  clean(runs.length === 1 ? runs[0]!.dir : `${plural(runs.length, 'run')}, the first in ${runs[0]!.dir}`);

/** Returns names cut to `width` columns at their end, or at their beginning if that keeps them distinct; else uncut. */
export function shortNames(names: readonly string[], width: number, page: Page): string[] {
  const whole = names.map(clean);
  const { ellipsis } = page.signs;
  const isDistinct = (some: readonly string[]): boolean => new Set(some).size === new Set(whole).size;
  const ends = whole.map((name) => truncate(name, width, ellipsis));
  if (isDistinct(ends)) return ends;
  const beginnings = whole.map((name) => {
    if (displayWidth(name) <= width) return name;
    let rest = name;
    while (displayWidth(rest) > width - ellipsis.length) rest = rest.slice(1);
    return ellipsis + rest;
  });
  return isDistinct(beginnings) ? beginnings : whole;
}
