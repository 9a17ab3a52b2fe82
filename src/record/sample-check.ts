import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/**
 * The latest instant of a run: 104 days, a safe integer in nanoseconds too. No scenario runs that long, and no sum of times of one run
 * loses a microsecond.
 */
export const LATEST_US: Microseconds = Math.floor(Number.MAX_SAFE_INTEGER / 1000);

const INSTANTS = ['planned_us', 'released_us', 'sent_us', 'headers_us', 'ended_us'] as const;
const WHOLE = ['i', 'worker', 'replica', 'answer', 'status', 'bytes_in'] as const;

/** Pairs of instants in the order that they must have: nothing is sent before it is due, and nothing comes before it is asked for. */
const ORDER = [
  ['planned_us', 'released_us'],
  ['planned_us', 'sent_us'],
  ['planned_us', 'ended_us'],
  ['sent_us', 'headers_us'],
  ['sent_us', 'ended_us'],
  ['headers_us', 'ended_us'],
] as const;

/**
 * Refuses a sample that no run can have written: figures made of it would be negative, enormous or NaN, and nothing would say so.
 * @throws {TypeError} naming the key
 */
export function assertPossible(sample: Sample): void {
  for (const key of INSTANTS) assertTime(key, sample[key]);
  assertTime('connect_us', sample.connect_us);
  for (const [key, value] of Object.entries(sample.set_up ?? {})) assertTime(`set_up.${key}`, value);
  for (const key of WHOLE) assertNumber(key, sample[key], Number.MAX_SAFE_INTEGER, 'a whole number from 0');
  for (const [before, after] of ORDER)
    if ((sample[after] ?? Infinity) < (sample[before] ?? -Infinity))
      throw new TypeError(`"${after}" is before "${before}"`);
  assertEvents(sample);
}

function assertEvents({ events_us, n, sent_us, headers_us, ended_us }: Sample): void {
  if (n !== null && n.length !== events_us.length)
    throw new TypeError(`"n" has ${n.length} entries, but "events_us" has ${events_us.length}`);
  if (sent_us === null && (headers_us !== null || events_us.length > 0))
    throw new TypeError('"sent_us" is missing, but there was an answer');
  let at = 0;
  for (let k = 0; k < events_us.length; k++) {
    const gap = events_us[k];
    // A run may have millions of events: no text is made for one that is right.
    if (!isWhole(gap, LATEST_US)) assertTime(`events_us[${k}]`, gap);
    else at += gap;
  }
  if (events_us.length === 0) return;
  if (events_us[0]! < sent_us!) throw new TypeError('"events_us" begins before "sent_us"');
  if (at > ended_us) throw new TypeError('"events_us" goes on after "ended_us"');
}

const assertTime = (key: string, value: unknown): void =>
  assertNumber(key, value, LATEST_US, `a whole number of microseconds from 0 to ${LATEST_US}`);

const isWhole = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most;

function assertNumber(key: string, value: unknown, most: number, expected: string): void {
  if (value === null || value === undefined) return;
  if (!isWhole(value, most))
    throw new TypeError(`"${key}" is ${JSON.stringify(value)}; expected ${expected}`);
}
