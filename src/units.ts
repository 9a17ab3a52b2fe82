/**
 * Durations, rates, counts and shares as people write them (`200ms`, `300/min`, `10k`, `90%`).
 * Parsers return what was expected instead of throwing: the caller knows the place, this file does not.
 */

/** Whole microseconds since the run's origin, or a difference of two such instants. */
export type Microseconds = number;
export type Milliseconds = number;

export type Parsed = { ok: true; value: number } | { ok: false; expected: string };

const DURATION_MS: Record<string, number> = { us: 0.001, µs: 0.001, ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const PER_SECOND: Record<string, number> = { s: 1, sec: 1, m: 60, min: 60, h: 3600 };
const MULTIPLE: Record<string, number> = { '': 1, k: 1e3, M: 1e6 };

const NUMBER = String.raw`[+-]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`;
const DURATION_PART = new RegExp(String.raw`(${NUMBER})\s*(us|µs|ms|s|min|m|h)`, 'y');
const RATE = new RegExp(String.raw`^(${NUMBER})\s*(?:/\s*(sec|s|min|m|h))?$`);
const COUNT = new RegExp(String.raw`^(${NUMBER})([kM]?)$`);
const SHARE = new RegExp(String.raw`^(${NUMBER})\s*(%?)$`);

const number = (text: string): number => Number(text.replaceAll('_', ''));

/** `200ms`, `1.5s`, `1m30s`, `2h` → milliseconds. A bare number is refused, except 0: the unit is the point. */
export function parseDuration(input: unknown): Parsed {
  const expected = 'a duration with its unit, like 200ms, 1.5s or 2m';
  if (input === 0 || input === '0') return { ok: true, value: 0 };
  if (typeof input === 'number') return { ok: false, expected: `${expected} (did you mean ${input}ms or ${input}s?)` };
  if (typeof input !== 'string') return { ok: false, expected };
  const text = input.trim();
  let value = 0;
  let at = 0;
  while (at < text.length) {
    DURATION_PART.lastIndex = at;
    const part = DURATION_PART.exec(text);
    if (part === null) break;
    value += number(part[1]!) * DURATION_MS[part[2]!]!;
    at = DURATION_PART.lastIndex;
  }
  if (at === 0 || at !== text.length) {
    const bare = /^[\d.]+$/.test(text) ? ` (did you mean ${text}ms or ${text}s?)` : '';
    return { ok: false, expected: expected + bare };
  }
  // 0.1 + 0.2 style residue of summed parts must not reach a comparison of microseconds.
  return { ok: true, value: Math.round(value * 1e6) / 1e6 };
}

/** `5/s`, `300/min`, `1000/h`, or a bare number per second → per second. */
export function parseRate(input: unknown): Parsed {
  const expected = 'a rate, like 5/s or 300/min';
  if (typeof input === 'number') return Number.isFinite(input) ? { ok: true, value: input } : { ok: false, expected };
  const match = typeof input === 'string' ? RATE.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected };
  return { ok: true, value: number(match[1]!) / PER_SECOND[match[2] ?? 's']! };
}

/** `500`, `10k`, `1M`, `1_000` → a number. */
export function parseCount(input: unknown): Parsed {
  const expected = 'a count, like 500 or 10k';
  if (typeof input === 'number') return Number.isFinite(input) ? { ok: true, value: input } : { ok: false, expected };
  const match = typeof input === 'string' ? COUNT.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected };
  return { ok: true, value: number(match[1]!) * MULTIPLE[match[2]!]! };
}

/** `90%` or `0.9` → 0.9. */
export function parseShare(input: unknown): Parsed {
  const expected = 'a share, like 90% or 0.9';
  if (typeof input === 'number') return Number.isFinite(input) ? { ok: true, value: input } : { ok: false, expected };
  const match = typeof input === 'string' ? SHARE.exec(input.trim()) : null;
  if (match === null) return { ok: false, expected };
  return { ok: true, value: match[2] === '%' ? number(match[1]!) / 100 : number(match[1]!) };
}

const trim = (value: number, digits: number): string => Number(value.toFixed(digits)).toString();

/** A duration for people, in the unit that suits its size: `0.35 ms` is not `0 s`. Written without a space: it parses back. */
export function formatDuration(ms: Milliseconds): string {
  const size = Math.abs(ms);
  if (size === 0) return '0s';
  if (size < 1) return `${trim(ms * 1000, 0)}us`;
  if (size < 1000) return `${trim(ms, size < 10 ? 2 : 1)}ms`;
  if (size < 60_000) return `${trim(ms / 1000, 2)}s`;
  if (size < 3_600_000) return `${trim(Math.floor(ms / 60_000), 0)}m${secondsRest(ms, 60_000)}`;
  return `${trim(ms / 3_600_000, 2)}h`;
}

function secondsRest(ms: Milliseconds, unit: number): string {
  const rest = Math.round((ms % unit) / 1000);
  return rest === 0 ? '' : `${rest}s`;
}

/** Per second where that reads well, else per minute: `5/s`, `30/min`. */
export function formatRate(perSecond: number): string {
  return perSecond !== 0 && Math.abs(perSecond) < 1 ? `${trim(perSecond * 60, 3)}/min` : `${trim(perSecond, 3)}/s`;
}

export function formatShare(share: number): string {
  return `${trim(share * 100, 2)}%`;
}
