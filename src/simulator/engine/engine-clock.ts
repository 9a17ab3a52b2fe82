import type { Microseconds, Milliseconds } from '../../units.ts';

export interface Clock {
  /** Returns whole microseconds, monotonic, rounded down: no token leaves before its instant. */
  now(): Microseconds;
  /** Calls back once after `ms`; returns a function that cancels the call. */
  after(ms: Milliseconds, callback: () => void): () => void;
  /** Calls back once after the sockets were polled; returns a function that cancels the call. */
  soon(callback: () => void): () => void;
}

export interface OriginClock extends Clock {
  /** Instant 0 on the host's monotonic clock, in nanoseconds: the same in all threads and processes of a machine. */
  readonly origin_ns: bigint;
}

/**
 * Returns the host's monotonic clock since an origin. `performance.now()` is that clock plus a constant per thread, and reads without a
 * BigInt. The constant is the largest of a few paired readings, each of which is slightly too low: no reading is later than the true
 * instant.
 */
export function clockSince(origin_ns: bigint): OriginClock {
  let offset_us = -Infinity;
  for (let k = 0; k < 16; k++) {
    const host_us = Number(process.hrtime.bigint() - origin_ns) / 1000;
    offset_us = Math.max(offset_us, host_us - performance.now() * 1000);
  }
  return {
    origin_ns,
    now: () => Math.floor(performance.now() * 1000 + offset_us),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    soon(callback) {
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
}
