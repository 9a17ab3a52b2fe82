import { monotonic_ns } from '../health/monotonic-clock.ts';
import type { RunHeader } from '../record/header.ts';
import type { RunInput } from './run-input.ts';

/** The time from the start message to the origin, so that every worker has received the message. */
const LEAD_MS = 50;

/**
 * Decides when the load starts, with the other ranks if there are some, and records it in the header.
 * @param stopped settles when the run is stopped
 * @returns the instant on the monotonic clock; `null` if the run was stopped before
 */
export async function agreeOnOrigin(
  meet: RunInput['meet'],
  header: RunHeader,
  stopped: Promise<unknown>,
): Promise<bigint | null> {
  let origin_ns = monotonic_ns() + BigInt(LEAD_MS * 1_000_000);
  if (meet !== undefined) {
    const met = await Promise.race([meet(header), stopped.then(() => null)]);
    if (met === null) return null;
    header.rank!.start = met.start;
    origin_ns = met.origin_ns;
  }
  const ahead_ms = Number(origin_ns - monotonic_ns()) / 1e6;
  header.origin = { epoch_ms: Math.round(Date.now() + ahead_ms), monotonic_ns: String(origin_ns) };
  return origin_ns;
}
