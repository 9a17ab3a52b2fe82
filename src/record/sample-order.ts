import type { Sample } from '../sample.ts';

/** Pairs of instants in the order that they must have: no request is sent before it is due, and no response arrives before its request. */
const ORDER = [
  ['planned_us', 'released_us'],
  ['planned_us', 'sent_us'],
  ['planned_us', 'ended_us'],
  ['sent_us', 'headers_us'],
  ['sent_us', 'ended_us'],
  ['headers_us', 'ended_us'],
] as const;

/**
 * Refuses a sample whose instants are in an impossible order: figures computed from it would be negative or enormous.
 * @throws {TypeError} naming the key
 */
export function assertPossible(sample: Sample): void {
  for (const [before, after] of ORDER)
    if ((sample[after] ?? Infinity) < (sample[before] ?? -Infinity))
      throw new TypeError(`"${after}" is before "${before}"`);
  const { events_us, n, sent_us, headers_us, ended_us } = sample;
  if (n !== null && n.length !== events_us.length)
    throw new TypeError(`"n" has ${n.length} entries, but "events_us" has ${events_us.length}`);
  if (sent_us === null && (headers_us !== null || events_us.length > 0))
    throw new TypeError('"sent_us" is missing, but there was a response');
  if (events_us.length === 0) return;
  let last = 0;
  for (let k = 0; k < events_us.length; k++) last += events_us[k]!;
  if (events_us[0]! < sent_us!) throw new TypeError('"events_us" begins before "sent_us"');
  if (last > ended_us) throw new TypeError('"events_us" goes on after "ended_us"');
}
