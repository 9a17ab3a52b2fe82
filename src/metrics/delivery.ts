import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/**
 * The way in which the events of a response arrived. `once`: all together, so that nothing was streamed. `bursts`: in a few groups, as from
 * a proxy that fills a buffer first. `unknown`: too few events to judge.
 */
export type Delivery = 'streams' | 'bursts' | 'once' | 'unknown';

export interface Arrivals {
  delivery: Delivery;
  /** Time from the first event to the last. */
  span_us: Microseconds;
}

/** The fewest events from which the delivery is judged. */
const FEWEST_EVENTS = 8;

/** Events arrived together if the gap between them is at most this share of the mean gap, which 1 of 20 exponential gaps is. */
const TOGETHER = 1 / 20;

/**
 * A response of 50 KB takes several reads even if it was sent at once. The reads count as one instant if the events arrived faster than any
 * model decodes, or fast and within a small share of the time to the last one.
 */
const IMPOSSIBLE_GAP_US = 50;
const FAST_GAP_US = 500;
const AT_ONCE_SHARE = 0.02;

/** The least mean time between bursts: faster groups may be the reads of a busy client, or the packets of a very fast server. */
const LEAST_BETWEEN_US = 10_000;

/** The most events per step of a server that decodes several tokens per step (speculative decoding), after a first single event. */
const MOST_PER_STEP = 8;

/** Judges how the output events of a response arrived (docs/metrics.md, "buffered stream"). */
export function arrivalsOf(
  { sent_us, events_us }: Pick<Sample, 'sent_us' | 'events_us'>,
  fewest = FEWEST_EVENTS,
): Arrivals {
  const gaps = events_us.length - 1;
  let span_us = 0;
  for (let k = 1; k <= gaps; k++) span_us += events_us[k]!;
  const { groups, single, first } = groupsIn(events_us, (span_us * TOGETHER) / gaps);
  if (gaps + 1 < fewest) return { span_us, delivery: 'unknown' };
  const to_last = events_us[0]! - (sent_us ?? events_us[0]!) + span_us;
  const isFast = span_us <= FAST_GAP_US * gaps && span_us <= AT_ONCE_SHARE * to_last;
  if (isFast || span_us <= IMPOSSIBLE_GAP_US * gaps) return { span_us, delivery: 'once' };
  const isGrouped = gaps + 1 > 2 * groups && 2 * single < groups;
  const isStep = first === 1 && gaps <= MOST_PER_STEP * (groups - 1);
  const isBurst = isGrouped && !isStep && span_us >= LEAST_BETWEEN_US * (groups - 1);
  return { span_us, delivery: isBurst ? 'bursts' : 'streams' };
}

/** Returns the number of groups of events, of groups with a single event, and of events in the first group. */
function groupsIn(
  events_us: Sample['events_us'],
  together_us: Microseconds,
): { groups: number; single: number; first: number } {
  const count = { groups: 0, single: 0, first: 0 };
  let size = 0;
  for (let k = 0; k <= events_us.length; k++) {
    if (k > 0 && k < events_us.length && events_us[k]! <= together_us) {
      size++;
      continue;
    }
    if (size === 1) count.single++;
    if (count.groups === 1 && size > 0) count.first = size;
    if (k < events_us.length) count.groups++;
    size = 1;
  }
  return count;
}
