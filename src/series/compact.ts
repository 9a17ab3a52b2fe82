import { rounded, roundedTo } from '../numbers.ts';
/** Numbers of the series document: enough digits to draw and to read, few enough for a small page. */

/** Returns milliseconds to the recorded microsecond; `null` stays. */
export const millis = (value: number | null): number | null => (value === null ? null : roundedTo(value, 3));

/** Returns seconds of an instant in microseconds, exactly. */
export const seconds = (us: number): number => us / 1e6;

export const secondsOrNull = (us: number | null): number | null => (us === null ? null : us / 1e6);

/** Returns a mean or a rate with 7 significant digits. */
export const compact = (value: number): number => rounded(value, 7);
