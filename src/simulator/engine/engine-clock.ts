import type { Microseconds, Milliseconds } from '../../units.ts';

/** What a driver needs of time. */
export interface Clock {
  /** Whole microseconds, monotonic, rounded down: no token leaves before its instant. */
  now(): Microseconds;
  /** Calls back once after `ms`; returns the way to take that back. */
  after(ms: Milliseconds, callback: () => void): () => void;
  /** Calls back once the sockets have been looked at; returns the way to take that back. */
  soon(callback: () => void): () => void;
}

/** A clock of this process, with an origin that can be set. */
export interface OriginClock extends Clock {
  /** The host's monotonic clock at instant 0, in nanoseconds: the same in every thread and process of a machine. */
  readonly origin_ns: bigint;
}

/**
 * The host's monotonic clock since an origin. `performance.now()` is that clock plus a constant that differs by thread, and
 * reads without a BigInt; the constant is the greatest of a few paired readings, each of which is a little too low: no instant reads later than it was.
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
