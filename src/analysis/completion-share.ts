import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/**
 * Returns how much of a completion counts in (from, to], between 0 and 1 (docs/metrics.md, `rps`). Only a success counts. In open loop
 * it counts 1 in the interval in which it ended. In closed loop it counts by the share of its residence (`sent` to `ended`) that is in
 * the interval: slots that started together also end together, so integer counts would be wrong by up to the concurrency, depending on
 * the side of the edge on which a wave ends.
 */
export function completionIn(
  { outcome, sent_us, ended_us }: Pick<Sample, 'outcome' | 'sent_us' | 'ended_us'>,
  loop: 'open' | 'closed',
  from_us: Microseconds,
  to_us: Microseconds,
): number {
  if (outcome !== 'ok') return 0;
  // A residence of 0 cannot be divided.
  if (loop === 'open' || sent_us === null || sent_us >= ended_us)
    return ended_us > from_us && ended_us <= to_us ? 1 : 0;
  const inside_us = Math.min(ended_us, to_us) - Math.max(sent_us, from_us);
  return Math.max(0, inside_us) / (ended_us - sent_us);
}
