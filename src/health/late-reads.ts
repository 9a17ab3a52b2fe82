import { build } from 'hdr-histogram-js';
import type { Microseconds, Milliseconds } from '../units.ts';

/** An iteration of the event loop in which sockets were read (client/connection/read-clock.ts). */
export interface Reads {
  for_us: Microseconds;
  since_us: Microseconds;
  shared: number;
  own_us: readonly Microseconds[];
}

/** The number of reads from which a p99 has a confidence of 95% (docs/metrics.md, "Percentiles and intervals"). */
const FEWEST_READS = 299;

/** An hour: no run waits for longer. */
const LONGEST_US = 3_600_000_000;

/**
 * How late the events of a load worker were stamped, because the event loop was still busy with earlier ones. Data that was ready when
 * the loop asked for it arrived at some instant since it last asked, and any instant is equally likely. Against an endpoint that writes
 * its own instants, 20 to 1,500 streams of 50 events/s, this p99 was 1.05 to 1.5 times the true one; beyond that it is higher.
 */
export class LateReads {
  readonly #late = build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });

  add({ since_us, shared, own_us }: Reads): void {
    if (since_us === 0 && shared > 0) this.#late.recordValueWithCount(0, shared);
    else for (let k = 0; k < shared; k++) this.#record(since_us * Math.random());
    for (const after_us of own_us) this.#record(since_us * Math.random() + after_us);
  }

  /** Returns the p99; `null` for too few reads. */
  p99_ms(): Milliseconds | null {
    return this.#late.totalCount < FEWEST_READS ? null : this.#late.getValueAtPercentile(99) / 1000;
  }

  #record(late_us: Microseconds): void {
    this.#late.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(late_us))));
  }
}
