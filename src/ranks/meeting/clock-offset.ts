/** The four timestamps of an exchange: sent and received here (1, 4), received and sent by rank 0 (2, 3), each on its own clock, in ns. */
export interface Exchange {
  sent_ns: bigint;
  there: { received_ns: bigint; sent_ns: bigint };
  received_ns: bigint;
}

/** How the clock of rank 0 differs from the one here: there = here + offset, to within `error_ns`. */
export interface ClockOffset {
  offset_ns: number;
  error_ns: number;
  /** When it was measured, on the clock here. */
  at_ns: bigint;
}

/** Two clocks drift apart by less than this. Quartz oscillators are specified at 20 to 100 ppm. */
const DRIFT = 1e-4;

/**
 * Returns the offset that an exchange shows, as in NTP (RFC 5905, section 8): θ = ((t₂ − t₁) + (t₃ − t₄)) ÷ 2. It is wrong by at most half
 * of the time on the way, δ = (t₄ − t₁) − (t₃ − t₂), whatever part of δ each direction takes.
 */
export function offsetOf({
  sent_ns: t1,
  there: { received_ns: t2, sent_ns: t3 },
  received_ns: t4,
}: Exchange): ClockOffset {
  return {
    offset_ns: Number(t2 - t1 + (t3 - t4)) / 2,
    error_ns: Number(t4 - t1 - (t3 - t2)) / 2,
    at_ns: t4,
  };
}

/** Returns the best of several offsets at an instant: each is less certain the older it is. */
export function bestOffset(offsets: readonly ClockOffset[], now_ns: bigint): ClockOffset {
  const aged = offsets.map((each) => ({
    ...each,
    error_ns: each.error_ns + Math.abs(Number(now_ns - each.at_ns)) * DRIFT,
  }));
  return aged.reduce((best, each) => (each.error_ns < best.error_ns ? each : best));
}
