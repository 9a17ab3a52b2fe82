import type { Milliseconds } from '../units.ts';
import type { ClockOffset } from './endpoint-profile.ts';

/** A `date` header, and the times by this machine's clock between which it was written. */
export interface DateSeen {
  date: string;
  sent_ms: Milliseconds;
  came_ms: Milliseconds;
}

const CUT_MS = 1000;
const KEPT_MS = 1000;

/**
 * Returns the offset of the server's clock. A `date` has whole seconds (RFC 9110 §5.6.7), and many servers update it only once
 * per second (uvicorn): the server's time is within [D, D + 2 s) at some instant between the send and the arrival. Several
 * dates narrow it down; if they contradict each other (a date from a cache, several servers), the bounds cover all of them.
 * @returns `null` without a date that can be read
 */
export function clockOffset(seen: readonly DateSeen[]): ClockOffset | null {
  const bounds = seen
    .map(({ date, sent_ms, came_ms }) => ({ at: Date.parse(date), sent_ms, came_ms }))
    .filter(({ at }) => !Number.isNaN(at))
    .map(({ at, sent_ms, came_ms }) => ({ low: at - came_ms, high: at + CUT_MS + KEPT_MS - sent_ms }));
  if (bounds.length === 0) return null;
  const lows = bounds.map(({ low }) => low);
  const highs = bounds.map(({ high }) => high);
  const low = Math.max(...lows);
  const high = Math.min(...highs);
  return low <= high
    ? { low_ms: Math.floor(low), high_ms: Math.ceil(high), headers: bounds.length }
    : {
        low_ms: Math.floor(Math.min(...lows)),
        high_ms: Math.ceil(Math.max(...highs)),
        headers: bounds.length,
      };
}
