import type { MergedRank, MergedRanks, RunHeader } from '../record/header.ts';
import type { Microseconds } from '../units.ts';

/** Counts of the recorded samples, from which the number of missing ones is computed. */
export interface Present {
  lines: number;
  /** Lines of later turns of sessions, which are in no plan before they are due. */
  later: number;
  /** Lines of first turns that were planned in W. */
  plannedInWindow: number;
  /** Lines of the warm-up. */
  warmup: number;
  /** Highest request number; −1 without samples. */
  highest: number;
  /** Latest `ended_us`; 0 without samples. */
  last_us: Microseconds;
  /** Requests that ended at `last_us`. */
  endedLast: number;
  /** Requests that ended after the planned end of the measure phase, so that their slots were not used again. */
  endedInDrain: number;
}

export interface Lost {
  total: number;
  /** The lost requests that belong to W, which make its attainment a range. */
  inWindow: number;
}

/**
 * Returns how many requests of the plan before the last recorded instant have no line (docs/metrics.md).
 * @param plannedBefore returns how many requests an open-loop plan has before an instant; `null` if the plan is unknown
 */
export function lostRequests(
  header: RunHeader,
  present: Present,
  window: { start_us: Microseconds; end_us: Microseconds },
  plannedBefore: ((instant_us: Microseconds) => number) | null,
): Lost {
  if (header.ranks !== undefined) return lostByRanks(header.ranks);
  if (header.window !== null) return lostAfterClose(header, present);
  if (present.lines === 0) return { total: 0, inWindow: 0 };
  if (header.load.loop === 'open' && plannedBefore !== null) {
    const total = plannedBefore(present.last_us) - (present.lines - present.later);
    const inWindow = plannedBefore(window.end_us) - plannedBefore(window.start_us) - present.plannedInWindow;
    return { total: Math.max(0, total), inWindow: Math.max(0, inWindow) };
  }
  // The later turns of a session that was cut have numbers and no lines.
  const gaps = header.load.unit === 'sessions' ? 0 : present.highest + 1 - present.lines;
  const total = Math.max(gaps, header.load.loop === 'closed' ? busySlots(header, present, window.end_us) : 0);
  return { total, inWindow: window.end_us > window.start_us ? total : 0 };
}

/** Returns true for a rank that did not end: its results are incomplete. */
export const isLost = ({ status }: Pick<MergedRank, 'status'>): boolean =>
  status === 'running' || status === 'failed' || status === 'missing';

const lostByRanks = ({ each }: MergedRanks): Lost => ({
  total: each.reduce((sum, { lost }) => sum + lost, 0),
  inWindow: each.reduce((sum, { lost_in_window }) => sum + lost_in_window, 0),
});

/**
 * Returns the requests that a run that closed is short of: each has a line, unless the disk failed or the file was cut. Their phase is
 * unknown, so all of them count as requests of W.
 */
function lostAfterClose(header: RunHeader, present: Present): Lost {
  if (header.planned === null) return { total: 0, inWindow: 0 };
  const total = Math.max(0, header.planned - present.lines);
  return { total, inWindow: total };
}

/**
 * Returns how many slots of a closed loop were busy without a record. Every slot is busy until the measure phase ends, so when the last
 * recorded request ended, each slot without a line from then (or from the drain) had a request.
 */
function busySlots({ load }: RunHeader, present: Present, end_us: Microseconds): number {
  if (load.concurrency === null) return 0;
  const recorded = end_us < present.last_us ? present.endedInDrain : present.endedLast;
  const others = load.concurrency - recorded;
  const left = load.requests === null ? Infinity : load.requests + present.warmup - present.lines;
  return Math.max(0, Math.min(others, left));
}
