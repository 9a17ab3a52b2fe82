import type { Axis } from '../capacity/search-window.ts';
import { didYouMean, GoodputError, type Result } from '../errors.ts';
import { type Expectation, expectationText, parseCount, parseDuration, parseShare } from '../units.ts';

/** The options of `capacity` alone, as given. */
export interface CapacityFlags {
  target: string;
  budget: string;
  width: string;
  by: string;
  gpus?: string;
  virtual?: true;
}

/** What is searched for, and how long. */
export interface Wanted {
  axis: Axis;
  target: number;
  budget_s: number;
  width: number;
  gpus: number | null;
}

/**
 * What the options of `capacity` say.
 * @throws {GoodputError} kind `usage` that lists every mistake
 */
export function wantedOf(own: CapacityFlags): Wanted {
  const mistakes: string[] = [];
  const number = (
    name: string,
    text: string,
    parsed: Result<number, Expectation>,
    fits: (value: number) => boolean,
    what: string,
  ) => {
    if (parsed.ok && fits(parsed.value)) return parsed.value;
    mistakes.push(`--${name}: expected ${parsed.ok ? what : expectationText(parsed.problem)}, not "${text}"`);
    return NaN;
  };
  const { by } = own;
  const inside = (value: number): boolean => value > 0 && value < 1;
  const wanted: Wanted = {
    axis: by === 'concurrency' ? 'concurrency' : 'rate',
    target: number('target', own.target, parseShare(own.target), inside, 'a share above 0 and below 100%'),
    budget_s:
      number(
        'budget',
        own.budget,
        parseDuration(own.budget),
        (ms) => ms >= 0,
        'a time that is not negative',
      ) / 1000,
    width: number('width', own.width, parseShare(own.width), inside, 'a share above 0 and below 100%'),
    gpus:
      own.gpus === undefined
        ? null
        : number(
            'gpus',
            own.gpus,
            parseCount(own.gpus),
            (n) => Number.isInteger(n) && n > 0,
            'a whole number above 0',
          ),
  };
  if (by !== 'rate' && by !== 'concurrency') {
    const meant = didYouMean(by, ['rate', 'concurrency']);
    mistakes.push(
      `--by: expected rate or concurrency, not "${by}"${meant === null ? '' : `; did you mean ${meant}?`}`,
    );
  }
  if (mistakes.length > 0) throw new GoodputError('usage', mistakes.join('\n'));
  return wanted;
}
