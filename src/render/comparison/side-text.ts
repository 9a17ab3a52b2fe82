import type { ComparedSide } from '../../compare/document.ts';
import { clean } from '../layout/clean.ts';
import { count, plural, share, tokens } from '../layout/format.ts';
import { displayWidth, truncate } from '../layout/wrap.ts';
import type { Page } from '../layout/style.ts';

/** Sides of comparisons for people: what speeds must be read with. */

/** `rate_limited` as people read it. */
export const failureClass = (outcome: string): string =>
  outcome === 'rate_limited' ? 'rate-limited (429)' : outcome.replaceAll('_', ' ');

/** `40 rate-limited (429), 3 timeout`: the most frequent class first; empty where nothing failed. */
export const failuresText = ({ failures }: Pick<ComparedSide, 'failures'>): string =>
  Object.entries(failures)
    .filter(([, requests]) => requests > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([outcome, requests]) => `${count(requests)} ${failureClass(outcome)}`)
    .join(', ');

/** `3.2% failed: 40 rate-limited (429)`, or `0% failed`. */
export function failedText(side: Pick<ComparedSide, 'failures' | 'error_rate'>, page: Page): string {
  const classes = failuresText(side);
  const rate = side.error_rate === null ? page.signs.none : share(side.error_rate);
  return classes === '' ? rate : `${rate}: ${classes}`;
}

export const cachedText = ({ cached_share }: Pick<ComparedSide, 'cached_share'>, page: Page): string =>
  cached_share === null ? page.signs.none : share(cached_share);

/** Mean length of the answers of a side, and what counted it. */
export function lengthText({ output_tokens, token_source }: ComparedSide): string | null {
  if (output_tokens === null) return null;
  return token_source === 'events'
    ? `${tokens(output_tokens)} events per answer, counted in place of tokens`
    : `${tokens(output_tokens)} tokens per answer by ${token_source ?? 'no source'}`;
}

export const requestsOf = ({ runs }: ComparedSide): number =>
  runs.reduce((sum, run) => sum + run.requests, 0);

/** `reports/a`, or `3 runs from reports/a-1 on`. */
export const whereText = ({ runs }: ComparedSide): string =>
  clean(runs.length === 1 ? runs[0]!.dir : `${plural(runs.length, 'run')} from ${runs[0]!.dir} on`);

/** Names within `width` columns, cut at their end, or at their beginning where they begin alike; whole where they would become alike. */
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
