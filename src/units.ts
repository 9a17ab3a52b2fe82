import { roundedTo } from './numbers.ts';
/**
 * Durations, rates, counts, shares and bytes as people write them (`200ms`, `300/min`, `10k`, `90%`, `80GiB`).
 * The parsers return the problem instead of throwing it, because the caller knows the location.
 */
import type { Result } from './errors.ts';

/** Whole microseconds since the run's origin, or a difference of two such instants. */
export type Microseconds = number;
export type Milliseconds = number;

/** Rounds a time in milliseconds to whole microseconds, the resolution of a run's instants. */
export const toMicroseconds = (ms: Milliseconds): Milliseconds => Math.round(ms * 1000) / 1000;

/** The longest timer: Node counts milliseconds in 31 bits, and a timer that overflows fires at once. */
export const LONGEST_MS: Milliseconds = 24 * 24 * 3_600_000;

/** The problem with a text: the form that was expected, and the text that was probably meant. */
export interface Expectation {
  expected: string;
  meant: string | null;
}

type Parsed = Result<number, Expectation>;

/** Returns an expectation in words, for a message that continues it: `a rate, like 5/s or 300/min (did you mean 4/s?)`. */
export const expectationText = ({ expected, meant }: Expectation): string =>
  meant === null ? expected : `${expected} (did you mean ${meant}?)`;

const refused = (expected: string, meant: string | null = null): Parsed => ({
  ok: false,
  problem: { expected, meant },
});

/** The micro sign (U+00B5) and the Greek letter (U+03BC) look alike, and keyboards have one or the other. */
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

/** Returns `text` · 10^exponent, rounded once. 99.9 / 100 is 0.9990000000000001, a limit that 999 good requests of 1,000 would miss. */
function scaled(text: string, exponent: number): number {
  const [digits, own = '0'] = text.replaceAll('_', '').split('e');
  return Number(`${digits}e${Number(own) + exponent}`);
}

function finite(value: number, expected: string): Parsed {
  return Number.isFinite(value) ? { ok: true, value } : refused(expected);
}

/** Reads a duration in milliseconds: `200ms`, `1.5s`, `1m30s`, `2h`. A number without a unit is refused, except 0. */
export function parseDuration(input: unknown): Parsed {
  const expected = 'a duration with its unit, like 200ms, 1.5s or 2m';
  if (input === 0 || input === '0') return { ok: true, value: 0 };
  const withoutUnit = (bare: string | number): Parsed => refused(expected, `${bare}ms or ${bare}s`);
  if (typeof input === 'number' && Number.isFinite(input)) return withoutUnit(input);
  if (typeof input !== 'string') return refused(expected);
  const text = input.trim();
  if (BARE.test(text)) return withoutUnit(text);
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = text.replace(/^[+-]/, '');
  let value = 0;
  let at = 0;
  while (at < parts.length) {
    DURATION_PART.lastIndex = at;
    const part = DURATION_PART.exec(parts);
    if (part === null) return refused(expected);
    value += number(part[1]!) * DURATION_MS.get(part[2]!)!;
    at = DURATION_PART.lastIndex;
  }
  if (at === 0) return refused(expected);
  // Removes the rounding error of the summed parts (0.1 + 0.2), which would affect comparisons of microseconds.
  return finite((sign * Math.round(value * 1e6)) / 1e6, expected);
}

/** Reads a rate per second: `5/s`, `300/min`, `1000/h`, or a number without a unit. */
export function parseRate(input: unknown): Parsed {
  const expected = 'a rate, like 5/s or 300/min';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? RATE.exec(input.trim()) : null;
  if (match === null) return refused(expected, typeof input === 'string' ? rateMeant(input.trim()) : null);
  return finite(number(match[1]!) / PER_SECOND.get(match[2] ?? 's')!, expected);
}

const OTHER_UNITS = new RegExp(
  String.raw`^(${UNSIGNED})\s*(?:(?:req|requests?)?\s*/?\s*)(?:(s|secs?|seconds?|rps|qps)|(min|mins|minutes?|rpm)|(h|hours?|rph))$`,
  'i',
);

/** Returns the rate that `4 req/s`, `4rps` or `4/minute` means; `null` if that is not clear. */
function rateMeant(text: string): string | null {
  const [, value, second, minute] = OTHER_UNITS.exec(text) ?? [];
  if (value === undefined) return null;
  return `${value}/${second === undefined ? (minute === undefined ? 'h' : 'min') : 's'}`;
}

/** Reads a count: `500`, `10k`, `1M`, `1_000`. */
export function parseCount(input: unknown): Parsed {
  const expected = 'a count, like 500 or 10k';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? COUNT.exec(input.trim()) : null;
  if (match === null) return refused(expected);
  return finite(scaled(match[1]!, EXPONENT.get(match[2]!)!), expected);
}

/** Reads a share: `90%` and `0.9` are 0.9. */
export function parseShare(input: unknown): Parsed {
  const expected = 'a share, like 90% or 0.9';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? SHARE.exec(input.trim()) : null;
  if (match === null) return refused(expected);
  return finite(scaled(match[1]!, match[2] === '%' ? -2 : 0), expected);
}

const SIZE = new RegExp(String.raw`^(${NUMBER})\s*(?:(?:([kKMGT])(i?))?B)?$`);
const SIZE_STEPS = ['', 'K', 'M', 'G', 'T'];

/** Reads a size in bytes: `80GiB` (1024³), `16.1GB` (1000³), or a number of bytes. */
export function parseSize(input: unknown): Parsed {
  const expected = 'a size, like 80GiB, 16.1GB or a number of bytes';
  if (typeof input === 'number') return finite(input, expected);
  const match = typeof input === 'string' ? SIZE.exec(input.trim()) : null;
  if (match === null) return refused(expected, typeof input === 'string' ? sizeMeant(input.trim()) : null);
  const [, digits, prefix = '', binary = ''] = match;
  const step = SIZE_STEPS.indexOf(prefix.toUpperCase());
  return finite(binary === '' ? scaled(digits!, 3 * step) : number(digits!) * 1024 ** step, expected);
}

/** Returns the size that `80G`, `80gb` or `80 gib` means; `null` if that is not clear. */
function sizeMeant(text: string): string | null {
  const [, digits, prefix = '', binary] = /^([\d._]+)\s*([kmgt])(i?)b?$/i.exec(text) ?? [];
  return digits === undefined ? null : `${digits}${prefix.toUpperCase()}${binary === '' ? '' : 'i'}B`;
}

const trim = (value: number, digits: number): string => String(roundedTo(value, digits));

/** Returns a duration in the unit that fits its size, like `350us`; `parseDuration` reads it. */
export function formatDuration(ms: Milliseconds): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0s';
  if (ms < 1) return `${trim(ms * 1000, ms < 0.1 ? 2 : 0)}us`;
  if (ms < 1000) return `${trim(ms, ms < 10 ? 2 : 1)}ms`;
  if (ms < 60_000) return `${trim(ms / 1000, 2)}s`;
  // Rounded before it is split: otherwise 1m59.999s would become 1m60s.
  const hundredths = Math.round(ms / 10);
  const hours = Math.floor(hundredths / 360_000);
  const minutes = Math.floor((hundredths % 360_000) / 6000);
  const seconds = (hundredths % 6000) / 100;
  return `${part(hours, 'h')}${part(minutes, 'm')}${part(seconds, 's')}`;
}

function part(value: number, unit: string): string {
  return value === 0 ? '' : `${value}${unit}`;
}

/** Returns a rate per second, or per minute if it is below 1/s: `5/s`, `30/min`. */
export function formatRate(perSecond: number): string {
  return perSecond !== 0 && Math.abs(perSecond) < 1
    ? `${trim(perSecond * 60, 3)}/min`
    : `${trim(perSecond, 3)}/s`;
}

/**
 * Returns a stage of a load in words: `1/s to 20/s over 1m`, `20/s for 1m`.
 * @param lasts its length in words
 */
export function formatStage(from: number, to: number, lasts: string): string {
  return from === to
    ? `${formatRate(from)} for ${lasts}`
    : `${formatRate(from)} to ${formatRate(to)} over ${lasts}`;
}

/** Returns a share in percent with two decimals, or more if two would round it to all or nothing: 0.99999 is not `100%`. */
export function formatShare(share: number): string {
  let digits = 2;
  while (
    digits < 8 &&
    share !== Math.round(share) &&
    Number.isInteger(roundedTo(share * 100, digits) / 100)
  ) {
    digits++;
  }
  return `${trim(share * 100, digits)}%`;
}
