import type { Microseconds } from '../units.ts';

/** Returns the host's monotonic clock in nanoseconds. It is the same in every thread and process of this machine. */
export const monotonic_ns = (): bigint => process.hrtime.bigint();

/**
 * Returns a clock in microseconds since an origin on the host's monotonic clock. `performance.now()` is that clock plus a constant that
 * differs by thread, and needs no BigInt; the constant is measured by the closest of 16 paired readings.
 */
export function clockFrom(origin_ns: bigint): () => Microseconds {
  let width = Infinity;
  let offset_us = 0;
  for (let k = 0; k < 16; k++) {
    const before_ns = monotonic_ns();
    const here_us = performance.now() * 1000;
    const after_ns = monotonic_ns();
    if (Number(after_ns - before_ns) >= width) continue;
    width = Number(after_ns - before_ns);
    offset_us = Number(before_ns - origin_ns) / 1000 + width / 2000 - here_us;
  }
  return () => performance.now() * 1000 + offset_us;
}
