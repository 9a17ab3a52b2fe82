import type { Sample } from '../sample.ts';

/**
 * How much later than its write each event was stamped, in µs: the null endpoint writes the instant of the write into the
 * event, by the same host clock that the stamps count from.
 */
export async function stampErrors(
  samples: AsyncIterable<Pick<Sample, 'text' | 'events_us'>>,
  origin_ns: bigint,
  digits: number,
): Promise<Float64Array> {
  const errors: number[] = [];
  for await (const { text, events_us } of samples) {
    let at_us = 0;
    for (let k = 0; k < events_us.length; k++) {
      at_us += events_us[k]!;
      const written = text?.slice(k * digits, (k + 1) * digits) ?? '';
      if (written.length !== digits) break;
      // In whole nanoseconds first: subtracting fractions of microseconds would make digits up.
      errors.push((at_us * 1000 - Number(BigInt(written) - origin_ns)) / 1000);
    }
  }
  return Float64Array.from(errors).sort();
}

/** Nearest rank of sorted values. */
export const rank = (sorted: Float64Array, share: number): number | null =>
  sorted.length === 0 ? null : sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1]!;
