import type { Sample } from '../sample.ts';
import type { Microseconds } from '../units.ts';

/**
 * Returns the time from the write of each event to its timestamp, in µs, sorted. The null endpoint writes the instant of the write
 * into the event, by the host clock that timestamps use too.
 * @param from_us the start of the window; earlier events do not count
 */
export async function stampErrors(
  samples: AsyncIterable<Pick<Sample, 'text' | 'events_us'>>,
  origin_ns: bigint,
  digits: number,
  from_us: Microseconds = 0,
): Promise<Float64Array> {
  const errors: number[] = [];
  for await (const { text, events_us } of samples) {
    let at_us = 0;
    for (let k = 0; k < events_us.length; k++) {
      at_us += events_us[k]!;
      const written = text?.slice(k * digits, (k + 1) * digits) ?? '';
      if (written.length !== digits) break;
      if (at_us < from_us) continue;
      // Subtracts whole nanoseconds, because fractions of microseconds would lose digits.
      errors.push((at_us * 1000 - Number(BigInt(written) - origin_ns)) / 1000);
    }
  }
  return Float64Array.from(errors).sort();
}

/** Returns a quantile of sorted values by nearest rank. */
export const rank = (sorted: Float64Array, share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
