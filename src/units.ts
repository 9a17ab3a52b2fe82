/**
 * Durations, rates, counts and shares as people write them (`200ms`, `300/min`, `10k`, `90%`).
 * Parsers return what was expected instead of throwing: the caller knows the place, this file does not.
 */

/** Whole microseconds since the run's origin, or a difference of two such instants. */
export type Microseconds = number;
export type Milliseconds = number;

/** Rounds a time of a finer clock to whole microseconds, as the instants of a run are: the digits after them are noise. */
export const toMicroseconds = (ms: Milliseconds): Milliseconds => Math.round(ms * 1000) / 1000;

/** Timers count milliseconds in 31 bits, and one that overflows goes off at once. */
export const LONGEST_MS: Milliseconds = 24 * 24 * 3_600_000;

export type Parsed = { ok: true; value: number } | { ok: false; expected: string };

/** The micro sign (U+00B5) and the Greek letter (U+03BC) look alike, and keyboards have either. */
const DURATION_MS = new Map(
  Object.entries({
    us: 0.001,
    '\u00b5s': 0.001,
    '\u03bcs': 0.001,
    ms: 1,
    s: 1000,
    m: 60_000,
    min: 60_000,
    h: 3_600_000,
  }),
);
const PER_SECOND = new Map(Object.entries({ s: 1, sec: 1, m: 60, min: 60, h: 3600 }));
const EXPONENT = new Map(Object.entries({ '': 0, k: 3, M: 6 }));

const UNSIGNED = String.raw`(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`;
const NUMBER = `[+-]?${UNSIGNED}`;
const DURATION_PART = new RegExp(String.raw`\s*(${UNSIGNED})\s*([u\u00b5\u03bc]s|ms|s|min|m|h)`, 'y');
const RATE = new RegExp(String.raw`^(${NUMBER})\s*(?:/\s*(sec|s|min|m|h))?$`);
const COUNT = new RegExp(String.raw`^(${NUMBER})([kM]?)$`);
const BARE = new RegExp(`^${NUMBER}$`);
const SHARE = new RegExp(String.raw`^(${NUMBER})\s*(%?)$`);

const number = (text: string): number => Number(text.replaceAll('_', ''));

/**
 * `text` · 10^exponent, rounded once. 99.9 / 100 is 0.9990000000000001, which 999 good requests of 1,000 would miss.
 */
function scaled(text: string, exponent: number): number {
  const [digits, own = '0'] = text.replaceAll('_', '').split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}

function finite(value: number, expected: string): Parsed {
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, expected };
}

/** `200ms`, `1.5s`, `1m30s`, `2h` → milliseconds. A bare number is refused, except 0: the unit is the point. */
export function parseDuration(input: unknown): Parsed {
  const expected = 'a duration with its unit, like 200ms, 1.5s or 2m';
  if (input === 0 || input === '0') return { ok: true, value: 0 };
  const meant = (bare: string | number): Parsed => ({
    ok: false,
    expected: `${expected} (did you mean ${bare}ms or ${bare}s?)`,
  });
  if (typeof input === 'number' && Number.isFinite(input)) return meant(input);
  if (typeof input !== 'string') return { ok: false, expected };
  const text = input.trim();
  if (BARE.test(text)) return meant(text);
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = text.replace(/^[+-]/, '');
  let value = 0;
  let at = 0;
  while (at < parts.length) {
    DURATION_PART.lastIndex = at;
    const part = DURATION_PART.exec(parts);
    if (part === null) return { ok: false, expected };
    value += number(part[1]!) * DURATION_MS.get(part[2]!)!;
    at = DURATION_PART.lastIndex;
  }
  if (at === 0) return { ok: false, expected };
  // 0.1 + 0.2 style residue of summed parts must not reach a comparison of microseconds.
  return finite((sign * Math.round(value * 1e6)) / 1e6, expected);
}

/** `5/s`, `300/min`, `1000/h`, or a bare number per second → per second. */
export function parseRate(input: unknown): Parsed {
  const expected = 'a rate, like 5/s or 300/min';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? RATE.exec(input.trim()) : null;
  if (match === null) {
    const meant = typeof input === 'string' ? rateMeant(input.trim()) : null;
    return { ok: false, expected: meant === null ? expected : `${expected} (did you mean ${meant}?)` };
  }
  return finite(number(match[1]!) / PER_SECOND.get(match[2] ?? 's')!, expected);
}

const OTHER_UNITS = new RegExp(
  String.raw`^(${UNSIGNED})\s*(?:(?:req|requests?)?\s*/?\s*)(?:(s|secs?|seconds?|rps|qps)|(min|mins|minutes?|rpm)|(h|hours?|rph))$`,
  'i',
);

/** The rate that `4 req/s`, `4rps` or `4/minute` is meant to be; `null` where that is not clear. */
function rateMeant(text: string): string | null {
  const [, value, second, minute] = OTHER_UNITS.exec(text) ?? [];
  if (value === undefined) return null;
  return `${value}/${second === undefined ? (minute === undefined ? 'h' : 'min') : 's'}`;
}

/** `500`, `10k`, `1M`, `1_000` → a number. */
export function parseCount(input: unknown): Parsed {
  const expected = 'a count, like 500 or 10k';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? COUNT.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected };
  return finite(scaled(match[1]!, EXPONENT.get(match[2]!)!), expected);
}

/** `90%` or `0.9` → 0.9. */
export function parseShare(input: unknown): Parsed {
  const expected = 'a share, like 90% or 0.9';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? SHARE.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected };
  return finite(scaled(match[1]!, match[2] === '%' ? -2 : 0), expected);
}

const trim = (value: number, digits: number): string => Number(value.toFixed(digits)).toString();

/** A duration for people, in the unit that suits its size: `0.35 ms` is not `0 s`. Written without a space: it parses back. */
export function formatDuration(ms: Milliseconds): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0s';
  if (ms < 1) return `${trim(ms * 1000, ms < 0.1 ? 2 : 0)}us`;
  if (ms < 1000) return `${trim(ms, ms < 10 ? 2 : 1)}ms`;
  if (ms < 60_000) return `${trim(ms / 1000, 2)}s`;
  // Rounded before it is split, or 1m59.999s would read 1m60s.
  const hundredths = Math.round(ms / 10);
  const hours = Math.floor(hundredths / 360_000);
  const minutes = Math.floor((hundredths % 360_000) / 6000);
  const seconds = (hundredths % 6000) / 100;
  return `${part(hours, 'h')}${part(minutes, 'm')}${part(seconds, 's')}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`;
}

/** Per second where that reads well, else per minute: `5/s`, `30/min`. */
export function formatRate(perSecond: number): string {
  return perSecond !== 0 && Math.abs(perSecond) < 1
    ? `${trim(perSecond * 60, 3)}/min`
    : `${trim(perSecond, 3)}/s`;
}

/** A stage of a load in words, rates per second: `1/s to 20/s over 1m`, `20/s for 1m`. `lasts`: its length in words. */
export function formatStage(from: number, to: number, lasts: string): string {
  return from === to
    ? `${formatRate(from)} for ${lasts}`
    : `${formatRate(from)} to ${formatRate(to)} over ${lasts}`;
}

/** Two decimals, and more where they would claim all or nothing: 0.99999 is not `100%`. */
export function formatShare(share: number): string {
  let digits = 2;
  while (
    digits < 8 &&
    share !== Math.round(share) &&
    Number.isInteger(Number((share * 100).toFixed(digits)) / 100)
  ) {
    digits++;
  }
  return `${trim(share * 100, digits)}%`;
}
