import type { RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** What the samples of a run tell of those that are missing. */
export interface Present {
  lines: number;
  /** Lines whose request was planned in W. */
  plannedInWindow: number;
  /** Lines of the warm-up. */
  warmup: number;
  /** Highest number in the plan; −1 for no samples. */
  highest: number;
  /** Latest `ended_us`; 0 for no samples. */
  last_us: Microseconds;
  /** Requests that ended just then. */
  endedLast: number;
  /** Requests that ended after the measure phase was to close: their slots were not taken again. */
  endedInDrain: number;
}

export interface Lost {
  total: number;
  /** Of them, those that belong to W: they make its attainment a range. */
  inWindow: number;
}

/**
 * Requests of the plan, before the last recorded instant, that have no line (docs/metrics.md). `plannedBefore` counts
 * the requests that an open-loop plan has before an instant, given by whoever can rebuild the plan.
 */
export function lostRequests(
  header: RunHeader,
  present: Present,
  window: { start_us: Microseconds; end_us: Microseconds },
  plannedBefore: ((instant_us: Microseconds) => number) | null,
): Lost {
  if (header.window !== null) return afterClose(header, present);
  if (present.lines === 0) return { total: 0, inWindow: 0 };
  if (header.load.loop === 'open' && plannedBefore !== null) {
    const total = plannedBefore(present.last_us) - present.lines;
    const inWindow = plannedBefore(window.end_us) - plannedBefore(window.start_us) - present.plannedInWindow;
    return { total: Math.max(0, total), inWindow: Math.max(0, inWindow) };
  }
  const gaps = present.highest + 1 - present.lines;
  const total = Math.max(gaps, header.load.loop === 'closed' ? busySlots(header, present, window.end_us) : 0);
  return { total, inWindow: window.end_us > window.start_us ? total : 0 };
}

/**
 * Every request of a run that closed has its line, so the header's count tells what a failing disk, or someone who cut the file,
 * took away. Which phase they belonged to is gone with them: W bears them all.
 */
function afterClose(header: RunHeader, present: Present): Lost {
  if (header.planned === null) return { total: 0, inWindow: 0 };
  const total = Math.max(0, header.planned - present.lines);
  return { total, inWindow: total };
}

/**
 * A closed loop keeps every slot busy until the measure phase closes, so when the last recorded request ended, each slot
 * without a line of its own from then (or from the drain) held a request.
 */
function busySlots({ load }: RunHeader, present: Present, end_us: Microseconds): number {
  if (load.concurrency === null) return 0;
  const told = end_us < present.last_us ? present.endedInDrain : present.endedLast;
  const others = load.concurrency - told;
  const left = load.requests === null ? Infinity : load.requests + present.warmup - present.lines;
  return Math.max(0, Math.min(others, left));
}
