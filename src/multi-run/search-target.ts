import type { Axis } from '../capacity/search-window.ts';
import { didYouMean, GoodputError, type Result } from '../errors.ts';
import { type Expectation, expectationText, parseCount, parseDuration, parseShare } from '../units.ts';

/** The target and the limits of a capacity search. */
export interface SearchTarget {
  /** The load that the search raises. */
  axis: Axis;
  /** Share of requests that must meet every SLO, above 0 and below 1. */
  target: number;
  /** Measuring time to spend, in seconds. */
  budget_s: number;
  /** Share of the estimate: the search ends when both ends of the 90% interval are this close to it. */
  width: number;
  /** GPUs of the server, for the capacity per GPU. */
  gpus: number | null;
}

/** The target and the limits of a capacity search as a user writes them. */
export interface SearchTargetTexts {
  /** Share of requests that must meet every SLO: `90%` or 0.9. */
  target?: string | number | undefined;
  /** Measuring time to spend: `30m`. */
  budget?: string | undefined;
  /** How close both ends of the 90% interval must be to the estimate, as a share of it: `10%` or 0.1. */
  width?: string | number | undefined;
  /** The load to raise: `rate` or `concurrency`. */
  by?: string | undefined;
  /** GPUs of the server, for the capacity per GPU. */
  gpus?: string | number | undefined;
}

/** Values of omitted options. */
const SEARCH_DEFAULTS = { target: '90%', budget: '30m', width: '10%', by: 'rate' } as const;

/**
 * Parses what to search for.
 * @param nameOf the name of an option in errors: `--target`
 * @throws {GoodputError} kind `usage` that lists every mistake, one per line
 */
export function parseSearchTarget(
  texts: SearchTargetTexts,
  nameOf: (option: keyof SearchTargetTexts) => string,
): SearchTarget {
  const mistakes: string[] = [];
  const number = (
    option: keyof SearchTargetTexts,
    text: string | number,
    parsed: Result<number, Expectation>,
    isValid: (value: number) => boolean,
    expected: string,
  ): number => {
    if (parsed.ok && isValid(parsed.value)) return parsed.value;
    mistakes.push(
      `${nameOf(option)}: expected ${parsed.ok ? expected : expectationText(parsed.problem)}, not ${JSON.stringify(text)}`,
    );
    return NaN;
  };
  const share = (option: 'target' | 'width'): number => {
    const text = texts[option] ?? SEARCH_DEFAULTS[option];
    return number(
      option,
      text,
      parseShare(text),
      (value) => value > 0 && value < 1,
      'a share above 0 and below 100%',
    );
  };
  const { budget = SEARCH_DEFAULTS.budget, by = SEARCH_DEFAULTS.by, gpus } = texts;
  const wanted: SearchTarget = {
    axis: by === 'concurrency' ? 'concurrency' : 'rate',
    target: share('target'),
    budget_s: number('budget', budget, parseDuration(budget), (ms) => ms >= 0, 'a time of 0 or more') / 1000,
    width: share('width'),
    gpus:
      gpus === undefined
        ? null
        : number(
            'gpus',
            gpus,
            parseCount(gpus),
            (n) => Number.isInteger(n) && n > 0,
            'a whole number above 0',
          ),
  };
  if (by !== 'rate' && by !== 'concurrency') {
    const meant = didYouMean(by, ['rate', 'concurrency']);
    mistakes.push(
      `${nameOf('by')}: expected rate or concurrency, not "${by}"${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return wanted;
}
