/**
 * The texts of all numbers that a person reads, in terminals, Markdown, HTML, errors and notes: at least three significant digits, thousands
 * grouped from five digits on, percent without a space, `–` for a value that is missing or not finite. A test forbids other ways.
 */

/** The text of a missing value. */
export const NONE = '–';

/** A value that may be missing. */
type Maybe = number | null | undefined;

const MAX_DECIMALS = 12;

const isKnown = (value: Maybe): value is number => Number.isFinite(value);

/** Returns a value with this many decimals, thousands grouped from five digits on: `9500`, `12,345.6`. */
function fixed(value: Maybe, decimals: number): string {
  if (!isKnown(value)) return NONE;
  const text = value.toFixed(Math.min(Math.max(decimals, 0), MAX_DECIMALS));
  const [whole, fraction] = text.split('.');
  if (whole === undefined || !/^-?\d{5,}$/.test(whole)) return text;
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Returns the number of decimals that show at least `digits` significant digits. */
function decimalsFor(value: number, digits: number): number {
  return value === 0 ? 0 : Math.max(0, digits - 1 - Math.floor(Math.log10(Math.abs(value))));
}

const trimZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** Returns at least 3 significant digits, so within 0.5%: `0.254`, `9.87`, `98.2`, `312`, `1204`. Integer digits are never rounded. */
export function significant(value: Maybe, digits = 3): string {
  return isKnown(value) ? fixed(value, decimalsFor(value, digits)) : NONE;
}

/** Returns the same without zeros at its end, for sentences: `0.254`, `2.5`, `2`. */
export const brief = (value: Maybe, digits = 3): string => trimZeros(significant(value, digits));

/** Returns a whole number: `9500`, `12,345`. */
export function count(value: Maybe): string {
  return fixed(value, 0);
}

/** Returns a duration with its unit, in seconds from one second on: `0.21 ms`, `312 ms`, `1.20 s`. */
export function duration(ms: Maybe, digits = 3): string {
  if (!isKnown(ms)) return NONE;
  return Math.abs(ms) < 1000 ? `${significant(ms, digits)} ms` : `${significant(ms / 1000, digits)} s`;
}

/** Returns tokens per second without the unit: one decimal from 10 to 1,000, else 3 significant digits. */
export function tokenRate(value: Maybe): string {
  if (!isKnown(value)) return NONE;
  const size = Math.abs(value);
  return size >= 10 && size < 1000 ? fixed(value, 1) : significant(value);
}

/** Returns a mean number of tokens: `512`, `127.4`. */
export function tokens(value: Maybe): string {
  return trimZeros(fixed(value, 1));
}

/**
 * Returns a share as a percentage: `93.3%`, `0.67%`, `99.967%`. Only an exact 1 reads 100% and only an exact 0 reads 0%: one
 * miss in 3,000 must be visible.
 */
export function share(value: Maybe, digits = 3): string {
  if (!isKnown(value)) return NONE;
  const percent = value * 100;
  const rest = 100 - percent;
  let decimals = Math.max(decimalsFor(percent, digits), rest > 0 ? decimalsFor(rest, digits - 1) : 0);
  // Limits are whole percentages: 89.96% must not read 90%.
  const isWhole = Math.abs(percent - Math.round(percent)) < 1e-9;
  if (digits >= 3 && !isWhole) {
    while (decimals < MOST_DECIMALS && Number.isInteger(Number(fixed(percent, decimals)))) decimals++;
  }
  return `${trimZeros(fixed(percent, decimals))}%`;
}

const MOST_DECIMALS = 10;

/** Returns a length of time: `0.5 s`, `60 s`, `2 min 30 s`, `1 h 5 min`. */
export function span(seconds: number): string {
  if (seconds < 120) return `${trimZeros(significant(seconds))} s`;
  const whole = Math.round(seconds);
  const [big, small, unit, part] = whole < 7200 ? [60, 1, 'min', 's'] : [3600, 60, 'h', 'min'];
  const rest = Math.floor((whole % big) / small);
  return `${Math.floor(whole / big)} ${unit}${rest === 0 ? '' : ` ${rest} ${part}`}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** Returns a time for the progress line: `0:07`, `12:34`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${pad(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** Returns a count with its noun: `1 gate`, `3 gates`. */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** Returns a number rounded to so many significant digits, for documents and drawings. */
export const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

/** Returns a number rounded to so many decimals, for documents and drawings. */
export const roundedTo = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** Returns a number with exactly so many decimals and without groups, for formats that machines read. */
export const decimal = (value: number, decimals: number): string => value.toFixed(decimals);
